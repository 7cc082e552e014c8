package intake

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"slices"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// How many key frames are read and then decoded together: fewer start ffmpeg more
// often, more keep more of them in memory, twice where ffmpeg's file is in it, too.
const (
	tilesAtOnce = 20
	tilesBytes  = 8 << 20 // no further one is begun; one alone may be larger
)

// wantPreviews queues a film that somebody has opened for the small pictures of all
// its length: of what nobody watches nobody looks for a place in it. Holds mu.
func (in *Intake) wantPreviews(f *film) {
	if f.packed == nil || f.previewed || f.previewing || in.cfg.Tools == nil || slices.Contains(in.previews, f) {
		return
	}
	if rec, _ := in.cfg.Library.Record(f.id); rec.Previews != nil {
		f.previewed = true
		return
	}
	in.previews = append(in.previews, f)
	in.wakeWorkers()
}

// previewsNext makes the next film's small pictures, when no viewer waits. They are
// read from its stick, some two reads each. False: there was nothing to do.
func (in *Intake) previewsNext(ctx context.Context) bool {
	r, previewsCtx := in.startPreviews(ctx)
	if r == nil {
		return false
	}
	defer in.recovered(r.f, r.turn)
	type result struct {
		grid   library.PreviewGrid
		sheets [][]byte
		err    error
	}
	made, err := attend(previewsCtx, in, r.work, func() (out result) {
		out.err = guarded(func() (err error) { out.grid, out.sheets, err = in.makePreviews(previewsCtx, r); return err })
		return out
	}, nil)
	if err == nil {
		err = made.err
	}
	if err == nil && len(made.sheets) > 0 && previewsCtx.Err() == nil {
		err = in.cfg.Library.SetPreviews(r.f.id, made.grid, made.sheets)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	in.endWork(r.work)
	r.f.previewing = false
	if in.films[r.f.id] != r.f || ctx.Err() != nil {
		return true
	}
	if err != nil && (gaveWay(previewsCtx) || errors.Is(context.Cause(previewsCtx), errPulled) || isLeft(err)) {
		in.previews = append(in.previews, r.f) // later, or from another stick
		return true
	}
	r.f.previewed = true // tried once per plugging
	if err != nil {
		in.log.Info("No small pictures of a film", "title", r.f.id, "error", err)
	}
	return true
}

// previewsWork is one film's.
type previewsWork struct {
	f      *film
	turn   int
	packed *packedFilm
	source transcode.Input
	media  transcode.Media
	work   *work
}

// startPreviews takes the film that was opened last; nil: there is none, or no time for it.
func (in *Intake) startPreviews(ctx context.Context) (*previewsWork, context.Context) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.previews = slices.DeleteFunc(in.previews, func(f *film) bool { return in.films[f.id] != f || f.packed == nil })
	if !anyAnswers(in.previews) || !in.idle() {
		return nil, nil
	}
	at := len(in.previews) - 1
	for !in.previews[at].answers() {
		at--
	}
	f := in.previews[at]
	in.previews = slices.Delete(in.previews, at, at+1)
	f.previewing = true
	r := &previewsWork{f: f, turn: f.turn, packed: f.packed, source: in.input(f.places[0], f.id), media: f.media}
	ctx, r.work = startWork(ctx, f.places[0])
	in.yield.givesWay(r.work, f.id)
	return r, ctx
}

// makePreviews reads a film's key frames and makes sheets of them; none of a film
// that is too short for it.
func (in *Intake) makePreviews(ctx context.Context, r *previewsWork) (grid library.PreviewGrid, sheets [][]byte, err error) {
	source, err := r.packed.index(ctx)
	if err != nil {
		return grid, nil, err
	}
	title := source.Title()
	every, picks := previewPlan(title.Segments(), title.StartSeconds)
	size := transcode.TileSize(r.media)
	if len(picks) == 0 || size.X == 0 {
		return grid, nil, nil
	}
	films, err := r.source.Open() // not as requests do, of whom one may wait for a slow stick
	if err != nil {
		return grid, nil, err
	}
	defer closeAll(films)
	grid = library.PreviewGrid{
		EverySeconds: every, Count: len(picks), Columns: sheetColumns, Rows: sheetRows, Width: size.X, Height: size.Y,
	}
	paper := newPaper(grid)
	wanted := slices.Compact(slices.Clone(picks))
	for len(wanted) > 0 {
		var stream []byte
		var read int
		if stream, read, err = in.keyFrames(ctx, r.f.id, title, films[0], wanted[:min(len(wanted), tilesAtOnce)], tilesBytes); err != nil {
			return grid, nil, err
		}
		some := wanted[:read]
		wanted = wanted[read:]
		var tiles []*image.YCbCr
		if tiles, err = in.cfg.Tools.Tiles(ctx, stream, len(some), r.media); err != nil {
			return grid, nil, fmt.Errorf("segments %d to %d: %w", some[0], some[len(some)-1], err)
		}
		for i, segment := range some { // of a long segment there may be several pictures, all the same
			for len(picks) > 0 && picks[0] == segment {
				paper.put(tiles[i])
				picks = picks[1:]
			}
		}
	}
	sheets, err = paper.sheets()
	return grid, sheets, err
}

// keyFrames reads segments' first pictures, letting everybody else go first: of so
// many as stay within most bytes, the last one aside, of one at least.
func (in *Intake) keyFrames(ctx context.Context, id string, title *packager.Title, film io.ReaderAt, segments []int, most int) (stream []byte, read int, err error) {
	stream = slices.Clone(title.Init())
	for read < len(segments) && (read == 0 || len(stream) < most) {
		in.yield.pass(ctx, id)
		if err := in.whileLate(ctx); err != nil {
			return nil, 0, err
		}
		one, err := title.KeyFrame(ctx, film, segments[read])
		if err != nil {
			return nil, 0, err
		}
		stream = append(stream, one...)
		read++
	}
	return stream, read, nil
}

// whileLate waits as long as segments come late to those who watch.
func (in *Intake) whileLate(ctx context.Context) error {
	for in.cfg.ViewersLate != nil && in.cfg.ViewersLate() {
		again := time.NewTimer(tickEvery)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
		}
		if ctx.Err() != nil {
			break
		}
	}
	return ctx.Err()
}
