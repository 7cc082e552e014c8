package intake

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"path"
	"strings"
	"sync"
)

// identifyAhead is how many entries are read before the one whose turn it is: while
// the box computes or has other things to do, a slow stick is not left waiting.
const identifyAhead = 3

// identified is an entry's identity, or why it has none.
type identified struct {
	at  int // among the entries
	id  string
	err error
}

// identifyAll reads the identities of some entries, several at a time, and returns
// them in their order; fewer when ctx ends. Each read lets those go first who wait
// for a film.
func (in *Intake) identifyAll(ctx context.Context, st *stick, t tree, entries []entry, which []int) iter.Seq[identified] {
	return func(yield func(identified) bool) {
		readCtx, stop := context.WithCancel(ctx)
		var reading sync.WaitGroup
		defer reading.Wait() // nothing reads of t when it is closed
		defer stop()
		turns := make(chan chan identified, identifyAhead)
		reading.Go(func() {
			defer close(turns)
			for _, i := range which {
				one := make(chan identified, 1)
				select {
				case turns <- one:
				case <-readCtx.Done():
					return
				}
				reading.Go(func() {
					out := identified{at: i}
					out.err = guarded(func() (err error) {
						out.id, err = in.identifyEntry(readCtx, st, t, &entries[i])
						return err
					})
					one <- out
				})
			}
		})
		for turn := range turns {
			one := <-turn
			if ctx.Err() != nil || !yield(one) {
				return
			}
		}
	}
}

// identifyEntry reads an entry's identity.
func (in *Intake) identifyEntry(ctx context.Context, st *stick, t tree, e *entry) (string, error) {
	if e.form == formReady {
		return identifyReady(t, e.paths[0])
	}
	files, err := openAll(t, e.paths)
	if err != nil {
		return "", err
	}
	defer closeAll(files)
	parts, err := partsOf(files)
	if err != nil {
		return "", err
	}
	for i := range parts {
		parts[i].r = passing{parts[i].r, func() {
			in.yield.pass(ctx, "")
			st.heard(in) // it is asked from now on
		}}
	}
	return identifyAt(parts, st.Volume, e.memoryPath())
}

// passing lets others go first before each read.
type passing struct {
	io.ReaderAt
	pass func()
}

func (p passing) ReadAt(b []byte, at int64) (int, error) {
	p.pass()
	return p.ReaderAt.ReadAt(b, at)
}

// identifyReady is the identity of a ready-made folder: of its segments, or
// when its playlist is not understood, of the playlist (it is listed with a reason).
func identifyReady(t tree, folder string) (string, error) {
	r, err := loadReady(t, folder)
	if err == nil {
		return r.identify(t)
	}
	if isDeviceError(err) && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	text, err := readSmall(t, path.Join(folder, playlistName), playlistLimit)
	if err != nil {
		return "", err
	}
	return identify([]part{{strings.NewReader("folder\n" + string(text)), int64(len(text)) + 7}})
}
