package intake

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"streambox.local/appliance/library"
)

// patience is how long a phone's request waits for one read of a stick.
const patience = 10 * time.Second

// patientFile is a film's file whose reads end, though the stick may not answer
// any more: a system call on a dead stick cannot be ended, and what is shared by
// all titles (who makes segments, and how many at once) must not hang with it.
type patientFile struct {
	in        *Intake
	id        string // of the film
	place     *place
	file      *os.File
	sizeBytes int64
}

// openPatiently opens the first copy of a film that can be read and is what it
// was when its stick was scanned. A stick that does not answer is left to itself.
func (in *Intake) openPatiently(id string) (*patientFile, error) {
	type opened struct {
		file *os.File
		err  error
	}
	last := errors.New("no copy of it is plugged")
	for _, c := range in.copiesOf(id) {
		o, err := patiently(in, c.place, func() (o opened) {
			o.file, o.err = in.openCopy(id, c)
			return o
		}, func(late opened) {
			if late.err == nil {
				closeAll([]*os.File{late.file})
			}
		})
		if err == nil {
			err = o.err
		}
		if err != nil {
			in.missed(c.place.stick.ID, err)
			last = err
			continue
		}
		info, err := o.file.Stat() // of an open file: the kernel knows it
		if err != nil {
			closeAll([]*os.File{o.file})
			return nil, fmt.Errorf("open film: %w", err)
		}
		return &patientFile{in: in, id: id, place: c.place, file: o.file, sizeBytes: info.Size()}, nil
	}
	return nil, fmt.Errorf("%w: %w", library.ErrUnreadable, last)
}

// ReadAt implements io.ReaderAt. What the device refuses is library.ErrUnreadable, and
// another copy is read next. After an error b may still be written to: whoever
// called must not use it again.
func (p *patientFile) ReadAt(b []byte, at int64) (int, error) {
	type read struct {
		n   int
		err error
	}
	r, err := patiently(p.in, p.place, func() (r read) {
		r.n, r.err = p.file.ReadAt(b, at)
		return r
	}, nil)
	if err != nil {
		return 0, err
	}
	if r.err != nil && !errors.Is(r.err, io.EOF) {
		p.in.readLast(p.id, p.place, r.err)
		return r.n, fmt.Errorf("%w: %w: %w", library.ErrUnreadable, errUnhealthy, r.err)
	}
	return r.n, r.err
}

// readLast lets the other copies of a film that is served be read before one that
// has failed.
func (in *Intake) readLast(id string, p *place, err error) {
	in.log.Info("Film's file could not be read", "title", id, "stick", p.stick.ID, "error", err)
	in.mu.Lock()
	defer in.mu.Unlock()
	if f := in.films[id]; f != nil && slices.Contains(f.places, p) {
		f.putLast(p)
	}
}

// Close implements io.Closer; it does not wait for a read that was left behind.
func (p *patientFile) Close() error { return p.file.Close() }

// patiently does something with a stick that may never end, and stops waiting
// for it after some time; late is given the result should it come after all
// (nil: nobody minds). Of all requests one waits for a stick that is slow to
// answer, the others fail at once, and so do all while something is left behind
// in it: the places where segments are made are there for all sticks.
func patiently[T any](in *Intake, p *place, do func() T, late func(T)) (out T, err error) {
	st := p.stick
	if st.left.Load() > 0 || st.awaited.Load() {
		in.suspect(p)
		return out, fmt.Errorf("%w: %w", library.ErrUnreadable, errSilent)
	}
	done := make(chan T) // without a buffer: either it is taken, or it is late
	given := make(chan struct{})
	go func() {
		result := do()
		select {
		case done <- result:
		case <-given:
			st.left.Add(-1)
			if late != nil {
				late(result)
			}
		}
	}()
	slow := time.NewTimer(askAfter)
	defer slow.Stop()
	select {
	case out = <-done:
		return out, nil
	case <-slow.C:
		in.suspect(p)
	}
	if st.awaited.CompareAndSwap(false, true) {
		defer st.awaited.Store(false) // after it is counted as left
		limit := time.NewTimer(patience - askAfter)
		defer limit.Stop()
		select {
		case out = <-done:
			return out, nil
		case <-limit.C:
		}
	}
	st.left.Add(1)
	close(given)
	return out, fmt.Errorf("%w: %w", library.ErrUnreadable, errSilent)
}

// suspect lets the loop find out whether a stick answers.
func (in *Intake) suspect(p *place) {
	in.tellMu.Lock()
	in.suspects[p.stick] = p
	in.tellMu.Unlock()
	signal(in.wakeLoop)
}
