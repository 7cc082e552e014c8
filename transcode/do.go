package transcode

import (
	"context"
	"fmt"
	"io"
	"time"

	"streambox.local/transcode/publish"
	"streambox.local/transcode/segmenter"
)

const (
	defaultSegmentSeconds = 4
	readBytes             = 256 << 10
)

// Do runs the job to its end and finishes Out. When it fails, Out is left
// unfinished for the caller to discard. ErrNotSegmentable, *Refusal and
// context errors are told apart by errors.Is / errors.As.
func (t *Tools) Do(ctx context.Context, job Job) error {
	if job.Media.Video == nil || job.Plan.Rung == None {
		return refuse(nil, CodeNoVideo, "there is nothing to play in this file")
	}
	machine, err := t.Machine(ctx)
	if err != nil {
		return err
	}
	files, err := job.Input.open()
	if err != nil {
		return err
	}
	defer files.close()

	if job.SegmentSeconds <= 0 {
		job.SegmentSeconds = defaultSegmentSeconds
	}
	job.Out.Announce(mostSeconds(job))
	if done, packErr := t.packaged(ctx, job, machine, files); packErr != nil || done {
		return t.finish(ctx, job, machine, files, outcome{}, packErr)
	}
	if job.Plan.Rung == Convert {
		return t.convert(ctx, job, machine, files)
	}
	result, segments, err := t.stream(ctx, job, machine, files)
	if err != nil && (segments == 0 || !worthKeeping(ctx, job, files, result, err)) {
		return failed(job, files, result, err)
	}
	if segments == 0 && files.stillThere() == nil {
		return nothing(job, result)
	}
	return t.finish(ctx, job, machine, files, result, nil)
}

// finish completes what was published, unless err says that it failed.
func (t *Tools) finish(ctx context.Context, job Job, machine Machine, files *sources, result outcome, err error) error {
	if err != nil {
		return err
	}
	if gone := files.stillThere(); gone != nil { // ffmpeg calls a pulled stick the end of the film
		return fmt.Errorf("%w: %s", gone, firstLines(result.stderr))
	}
	manifest, err := job.Out.Finish(ctx)
	if err != nil {
		return fmt.Errorf("finish the title: %w", err)
	}
	t.warn(job, machine, manifest, result)
	return nil
}

// mostSeconds is the longest that a segment can get. An encoder is told where to
// begin one, and does so at the next picture: a second is more than that takes.
func mostSeconds(job Job) float64 {
	if job.Plan.Rung == Convert {
		return job.SegmentSeconds + 1
	}
	return segmenter.DefaultMaxSeconds
}

// stream runs ffmpeg with its output cut and published as it comes. The
// publisher hashes and writes beside us and holds us back when the disk is slow.
func (t *Tools) stream(ctx context.Context, job Job, machine Machine, files *sources) (result outcome, segments int, err error) {
	life := newLiveness(time.Now, t.stallAfter())
	meter := &meter{duration: job.Media.DurationSeconds, report: job.OnProgress, life: life, now: time.Now}
	emit := func(s segmenter.Segment) error {
		segments++
		addErr := job.Out.Add(ctx, publish.Segment{Number: s.Number, Data: s.Data, DurationSeconds: s.DurationSeconds, Release: s.Release})
		if addErr != nil {
			return fmt.Errorf("publish segment %d: %w", s.Number, addErr)
		}
		return nil
	}
	result, err = t.run(ctx, program{
		path:  t.FFmpeg,
		args:  flatten(streamArguments(job.Media, job.Plan, machine, "", len(files.files), job.SegmentSeconds)),
		files: files.files,
		consume: func(r io.Reader) error {
			cutter := segmenter.New(segmenter.Options{TargetSeconds: job.SegmentSeconds}, emit)
			if _, copyErr := io.CopyBuffer(writerOnly{cutter}, readerOnly{r}, make([]byte, readBytes)); copyErr != nil {
				return copyErr
			}
			return cutter.Close()
		},
		progress:   meter.read,
		life:       life,
		background: true,
	})
	return result, segments, err
}

// writerOnly and readerOnly hide ReadFrom and WriteTo, so that io.CopyBuffer
// uses the buffer it is given.
type (
	writerOnly struct{ io.Writer }
	readerOnly struct{ io.Reader }
)

func (t *Tools) stallAfter() time.Duration {
	if t.StallAfter > 0 {
		return t.StallAfter
	}
	return defaultStallAfter
}
