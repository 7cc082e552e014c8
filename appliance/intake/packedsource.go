package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

// packedPrefix begins the names of renditions whose segments are made on request.
const packedPrefix = "direct-"

// packedName is a rendition's: a name that changes with what its bytes depend
// on, beside the content itself: the packager's version, the choice, and the
// rendition of converted sound that it is joined with ("": none). variant is that
// of the title's record.
func packedName(c packager.Choice, sound, variant string) string {
	sum := sha256.Sum256([]byte(c.Name() + sound + variant))
	return packedPrefix + hex.EncodeToString(sum[:4])
}

// variant tells apart what has no other difference: a title that was removed and
// is met again, with whose record the digests of its segments went, has another
// salt; edition counts how often its segments turned out to be others than before.
func variant(rec *library.Record) string {
	if rec.Edition > 0 {
		return rec.Salt + strconv.Itoa(rec.Edition)
	}
	return rec.Salt
}

// packedFilm serves a film from the stick it lies on (library.Source): each
// segment is made when it is asked for. No file is held open in between, so a
// stick is free to go; any plugged copy of the film will do.
type packedFilm struct {
	in     *Intake
	id     string
	name   string
	choice packager.Choice
	sound  string        // rendition of converted sound; "": none
	turn   chan struct{} // holds a token: one reads the index at a time
	source *packager.Source
	lazy   *lazySound // of an alternate whose sound is still to be made
	// alongside is the rendition on the disk that an alternate lies beside; "": what is made of the same file.
	alongside string
	// await lets a request wait for what its segment still lacks; nil: nothing.
	await func(ctx context.Context, title *packager.Title, segment string)
}

func newPackedFilm(in *Intake, id string, choice packager.Choice, sound, variant string) *packedFilm {
	return &packedFilm{in: in, id: id, name: packedName(choice, sound, variant), choice: choice, sound: sound, turn: make(chan struct{}, 1)}
}

// opened takes an index that was read before.
func (p *packedFilm) opened(title *packager.Title) {
	open := func(ctx context.Context) (packager.Input, error) { return p.openFor(ctx) }
	var digests packager.Digests // of an alternate no longer than the program: phones do not exchange it
	if !p.choice.SoundOnly {
		digests = p.in.cfg.Library.Digests(p.id, p.name, title.Segments())
	}
	p.source = packager.NewSource(title, p.in.cfg.Segments, p.key(), open, digests)
}

// index reads the film's index unless it is here.
func (p *packedFilm) index(ctx context.Context) (*packager.Source, error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	source := p.source
	if source == nil {
		var err error
		if source, err = twice(ctx, p, p.readIndex); err != nil {
			return nil, err
		}
	}
	p.in.shelf.use(p, source.MemoryBytes(), p.in.now())
	return source, nil
}

// readIndex is one try of index, which holds the turn.
func (p *packedFilm) readIndex(ctx context.Context) (*packager.Source, error) {
	title, err := p.readTitle(ctx)
	if err != nil {
		return nil, err
	}
	if p.sound != "" {
		rec, _ := p.in.cfg.Library.Record(p.id)
		if of := soundMadeOf(&rec, p.sound); of != "" && of != madeOf(title) {
			return nil, fmt.Errorf("%w: it is of %s, not of %s", packager.ErrSound, of, madeOf(title))
		}
		converted, lost := sound.Open(p.in.cfg.Library.Folder(p.id, p.sound))
		if lost != nil {
			return nil, soundError(lost)
		}
		title = title.Join(converted)
	}
	if p.lazy != nil {
		if title, err = p.lazy.join(title); err != nil {
			return nil, err
		}
	}
	p.opened(title)
	return p.source, nil
}

// readTitle reads what says where segments begin.
func (p *packedFilm) readTitle(ctx context.Context) (*packager.Title, error) {
	if p.alongside != "" {
		return p.readAlongside(ctx)
	}
	file, err := p.openFor(ctx)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	title, err := p.in.readIndex(ctx, p.id, file, file.sizeBytes, p.choice)
	if err != nil {
		return nil, err
	}
	if title.Choice() != p.choice {
		return nil, packager.ErrKeyFlags // it goes by another name
	}
	return title, nil
}

// soundError tells sound that is not what it was, and is to be made again, from a
// disk that does not give it just now, as one without a free descriptor.
func soundError(err error) error {
	for _, lost := range []error{sound.ErrDamaged, fs.ErrNotExist, io.EOF} {
		if errors.Is(err, lost) {
			return fmt.Errorf("%w: %w", packager.ErrSound, err)
		}
	}
	return fmt.Errorf("%w: %w", library.ErrNotYet, err)
}

// Playlist implements library.Source.
func (p *packedFilm) Playlist(ctx context.Context) ([]byte, error) {
	source, err := p.index(ctx)
	if err != nil {
		return nil, err
	}
	if p.alongside != "" {
		return p.alongsideList(ctx)
	}
	list, err := source.Playlist(ctx)
	return list, notYet(err)
}

// Segment implements library.Source.
func (p *packedFilm) Segment(ctx context.Context, name string) (segment io.ReadSeekCloser, err error) {
	p.in.yield.answer()
	defer func() {
		if p.in.yield.answered(p.id, err == nil) {
			p.in.wakeWorkers()
		}
	}()
	source, err := p.index(ctx)
	if err != nil {
		return nil, err
	}
	if p.await != nil {
		p.await(ctx, source.Title(), name)
	}
	return twice(ctx, p, func(ctx context.Context) (io.ReadSeekCloser, error) { return source.Segment(ctx, name) })
}

// Digest implements library.Source: nil for what was not made yet.
func (p *packedFilm) Digest(ctx context.Context, name string) (sum []byte, sizeBytes int64, err error) {
	source, err := p.index(ctx)
	if err != nil {
		return nil, 0, err
	}
	return source.Digest(ctx, name)
}

// failed lets the film begin anew when it is not what its index said, which no
// second try can mend. A stick that is gone or fails may be back in a moment.
func (p *packedFilm) failed(err error) error {
	if final(err) == nil {
		return notYet(err)
	}
	if p.choice.SoundOnly {
		p.in.alternateFailed(p, err)
	} else {
		p.in.repack(p.id, p, err)
	}
	return fmt.Errorf("%w: %w", library.ErrNotYet, err)
}

// notYet says the packager's word for it in the library's, and what a device
// refuses just now.
func notYet(err error) error {
	var device *fs.PathError
	switch {
	case errors.Is(err, packager.ErrNotYet):
		return fmt.Errorf("%w: %w", library.ErrNotYet, err)
	case errors.As(err, &device):
		return fmt.Errorf("%w: %w", library.ErrUnreadable, err)
	}
	return err
}

// key is the film's in the cache of segments.
func (p *packedFilm) key() string { return p.id + "/" + p.name }

// copyOf is where a plugged copy of a film lies.
type copyOf struct {
	place    *place
	path     string
	size     int64
	modified time.Time
}

// copiesOf are the plugged copies of a film, but for those on sticks that do not answer.
func (in *Intake) copiesOf(id string) (copies []copyOf) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if f := in.films[id]; f != nil {
		for _, p := range f.places {
			if p.form == formFile && !p.stick.silent.Load() {
				copies = append(copies, copyOf{p, p.paths[0], p.size, p.modified})
			}
		}
	}
	return copies
}

// openCopy opens a copy and looks whether it is what it was.
func (in *Intake) openCopy(id string, c copyOf) (*os.File, error) {
	t, err := in.openTree(c.place.stick.Stick)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	file, err := t.Open(c.path)
	if err != nil {
		return nil, fmt.Errorf("open film: %w", err)
	}
	info, err := file.Stat()
	if err == nil && (info.Size() != c.size || !info.ModTime().Equal(c.modified)) {
		err = errChanged
	}
	if err == nil && !c.place.verified.Load() {
		if err = checkIdentity([]*os.File{file}, id); err == nil {
			c.place.verified.Store(true)
		}
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
