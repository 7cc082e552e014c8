package transcode

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/publish"
)

// packaged publishes what plays as it is without ffmpeg, or with ffmpeg for the
// sound alone: the packager makes the segments from the file's own index, in half
// the time. False: it does not read
// this file, or was asked for segments of another length, and ffmpeg is to do it.
// ErrNotSegmentable: it must be converted, which may show in the middle of it.
func (t *Tools) packaged(ctx context.Context, job Job, machine Machine, files *sources) (done bool, err error) {
	if job.ByFFmpeg || job.Plan.Rung != Direct && job.Plan.Rung != AudioOnly || len(files.files) != 1 || job.SegmentSeconds != packager.TargetSeconds {
		return false, nil
	}
	file := files.files[0]
	info, err := file.Stat()
	if err != nil {
		return false, fmt.Errorf("ask for the size of the film: %w", err)
	}
	// Strict: all of the file is going to be read, so its key frames may be, too.
	title, err := packager.Open(ctx, file, info.Size(), packager.Choice{Sound: SoundTrack(job.Media, machine), Converted: job.Plan.Rung == AudioOnly, Strict: true})
	switch {
	case errors.Is(err, packager.ErrNotSegmentable):
		return false, fmt.Errorf("%w: %w", ErrNotSegmentable, err)
	case errors.Is(err, packager.ErrUnsupported), errors.Is(err, packager.ErrDamaged):
		return false, nil // ffmpeg knows more containers, and forgives more
	case err != nil:
		return false, fmt.Errorf("read the index of the film: %w", err)
	case title.EndsEarly():
		return false, nil // ffmpeg says what it met
	}
	if job.Plan.Rung == AudioOnly {
		whole, remove, soundErr := t.joined(ctx, job, title)
		if soundErr != nil {
			return false, soundErr
		}
		defer remove()
		title, job.OnProgress = whole, nil // nearly all of the time is over
	}
	job.Out.Announce(title.LongestSeconds()) // the playlist says what the one of a title served from its stick says
	job.Out.Begin(title.LeadSeconds())
	began := time.Now()
	length := title.StartSeconds(title.Segments())
	progress := &meter{duration: length, report: job.OnProgress, now: time.Now}
	var spare sync.Pool // of *packager.Scratch; a few are under way at once
	for n := range title.Segments() {
		memory, used := spare.Get().(*packager.Scratch)
		if !used {
			memory = &packager.Scratch{}
		}
		data, err := title.SegmentInto(ctx, file, n, memory)
		if err != nil {
			return true, unpackaged(files, fmt.Errorf("make segment %d: %w", n, err))
		}
		end := title.StartSeconds(n + 1)
		if err = job.Out.Add(ctx, publish.Segment{Number: n, Data: data, DurationSeconds: end - title.StartSeconds(n), Release: func() { spare.Put(memory) }}); err != nil {
			return true, fmt.Errorf("publish segment %d: %w", n, err)
		}
		progress.tell(end, end/time.Since(began).Seconds())
	}
	return true, nil
}

// unpackaged sorts what ended the packager within a film. Segments are published
// by then, and viewers may hold them: ffmpeg cannot begin anew in their place. So
// what is wrong with the film is said as of a copy by ffmpeg that fails on it: the
// rendition is discarded, and the film converted, whose decoder gets over damage.
func unpackaged(files *sources, err error) error {
	for _, film := range []error{packager.ErrDamaged, packager.ErrKeyFlags, packager.ErrUnsupported, packager.ErrNotSegmentable} {
		if !errors.Is(err, film) {
			continue
		}
		if gone := files.stillThere(); gone != nil { // a pulled stick may look like the end of the film
			return fmt.Errorf("%w: %w", gone, err)
		}
		return fmt.Errorf("%w: %w", ErrNotSegmentable, err)
	}
	return err
}
