package intake

import (
	"context"
	"errors"
	"slices"

	"streambox.local/transcode"
)

// wantPicture queues a film for its thumbnail, unless it has one. Holds mu.
func (in *Intake) wantPicture(f *film) {
	if in.cfg.Tools == nil || in.pictured[f.id] || f.plan.Rung == transcode.None && f.served == nil && f.stage != stageDone {
		return
	}
	in.pictured[f.id] = true // tried once per plugging: a film without a good picture is not worth a second look
	if picture, err := in.cfg.Library.Thumbnail(f.id); err == nil {
		_ = picture.Close() // only looked whether it is there
		return
	}
	in.thumbs = append(in.thumbs, f)
	in.wakeWorkers()
}

// pictureNext makes the next thumbnail: of a film whose card is on some screen, or,
// when nothing waits for a probe, of any: pictures are pleasant, titles are needed.
// False: there was nothing to do.
func (in *Intake) pictureNext(ctx context.Context) bool {
	f, r, pictureCtx := in.startPicture(ctx)
	if f == nil {
		return false
	}
	defer in.recovered(f, r.turn)

	type picture struct {
		jpeg []byte
		err  error
	}
	p, err := attend(pictureCtx, in, r.work, func() (p picture) {
		p.jpeg, p.err = in.picture(pictureCtx, r.source, r.media)
		return p
	}, nil)
	if err == nil {
		err = p.err
	}

	in.mu.Lock()
	defer in.mu.Unlock()
	in.endWork(r.work)
	switch {
	case in.films[f.id] != f || ctx.Err() != nil:
	case err != nil && gaveWay(pictureCtx):
		in.thumbs = slices.Insert(in.thumbs, 0, f)
	case errors.Is(context.Cause(pictureCtx), errPulled), errors.Is(err, errSilent):
		in.thumbs = append(in.thumbs, f) // another stick has it
	case err != nil:
		in.log.Info("No thumbnail", "title", f.id, "error", err)
	default:
		in.givePicture(f, p.jpeg)
	}
	return true
}

// startPicture takes the film that was opened, or else seen last; nil: there was none.
func (in *Intake) startPicture(ctx context.Context) (*film, *reading, context.Context) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if len(in.thumbs) == 0 || !in.idle() {
		return nil, nil, nil
	}
	first := anyAnswers(in.probes)
	at := nextUp(in.thumbs, func(f *film) bool { return f.answers() && (!first || f.looked > 0) }, func(string) bool { return false })
	if at < 0 {
		return nil, nil, nil
	}
	f := in.thumbs[at]
	in.thumbs = slices.Delete(in.thumbs, at, at+1)
	r := &reading{p: f.places[0], turn: f.turn, source: in.input(f.places[0], f.id), media: f.media}
	if f.served != nil {
		r.source = f.served.firstSegment(f.id)
	}
	ctx, r.work = startWork(ctx, r.p)
	in.yield.givesWay(r.work, f.id)
	return f, r, ctx
}

// picture makes a thumbnail; what is not known of the film is probed first.
func (in *Intake) picture(ctx context.Context, source transcode.Input, m transcode.Media) ([]byte, error) {
	if m.Video == nil {
		var err error
		if m, err = in.cfg.Tools.Probe(ctx, source); err != nil {
			return nil, err
		}
	}
	return in.cfg.Tools.Thumbnail(ctx, source, m)
}

// givePicture stores a film's thumbnail. Holds mu.
func (in *Intake) givePicture(f *film, jpeg []byte) {
	if len(jpeg) == 0 {
		return
	}
	in.pictured[f.id] = true
	in.thumbs = slices.DeleteFunc(in.thumbs, func(o *film) bool { return o == f })
	if err := in.cfg.Library.SetThumbnail(f.id, jpeg); err != nil {
		in.log.Warn("Thumbnail not kept", "title", f.id, "error", err)
	}
}
