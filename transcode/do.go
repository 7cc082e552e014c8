package transcode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"streambox.local/transcode/publish"
	"streambox.local/transcode/segmenter"
)

const (
	defaultSegmentSeconds = 4
	readBytes             = 256 << 10
	// segmentsAhead wait for the publisher while the next is read: enough to
	// overlap hashing and writing with reading, little enough for a small box.
	segmentsAhead = 1
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
	result, err := t.stream(ctx, job, machine, files)
	if err != nil && !t.worthKeeping(ctx, job, files, result, err) {
		return t.failed(job, files, result, err)
	}
	if gone := files.stillThere(); gone != nil { // ffmpeg calls a pulled stick the end of the film
		return fmt.Errorf("%w: %s", gone, firstLines(result.stderr))
	}
	if len(job.Out.Manifest().SegmentBytes) == 0 {
		return nothing(job, result)
	}
	manifest, err := job.Out.Finish(ctx)
	if err != nil {
		return fmt.Errorf("finish the title: %w", err)
	}
	t.warn(job, machine, manifest, result)
	return nil
}

// stream runs ffmpeg with its output cut and published as it comes.
func (t *Tools) stream(ctx context.Context, job Job, machine Machine, files *sources) (outcome, error) {
	publisher := startPublishing(ctx, job.Out)
	life := newLiveness(time.Now, t.stallAfter())
	meter := &meter{duration: job.Media.DurationSeconds, report: job.OnProgress, life: life, now: time.Now}
	result, err := program{
		path:  t.FFmpeg,
		args:  flatten(streamArguments(job.Media, job.Plan, machine, len(files.files), job.SegmentSeconds)),
		files: files.files,
		consume: func(r io.Reader) error {
			cutter := segmenter.New(segmenter.Options{TargetSeconds: job.SegmentSeconds}, publisher.add)
			if _, err := io.CopyBuffer(writerOnly{cutter}, readerOnly{r}, make([]byte, readBytes)); err != nil {
				return err
			}
			return cutter.Close()
		},
		progress:   meter.read,
		background: job.Plan.Rung == Convert,
		life:       life,
	}.run(ctx)
	if publishErr := publisher.wait(); publishErr != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		err = publishErr // the cause of whatever else failed
	}
	return result, err
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

// publishing writes segments on a goroutine of its own.
type publishing struct {
	segments chan publish.Segment
	ended    chan struct{}
	err      error // valid after ended
}

func startPublishing(ctx context.Context, out *publish.Publisher) *publishing {
	p := &publishing{segments: make(chan publish.Segment, segmentsAhead), ended: make(chan struct{})}
	go func() { // until wait, or until the publisher fails
		defer close(p.ended)
		for s := range p.segments {
			if err := out.Add(ctx, s); err != nil {
				p.err = fmt.Errorf("publish segment %d: %w", s.Number, err)
				return
			}
		}
	}()
	return p
}

// add is the segmenter's emit.
func (p *publishing) add(s segmenter.Segment) error {
	select {
	case p.segments <- publish.Segment{Number: s.Number, Data: s.Data, DurationSeconds: s.DurationSeconds}:
		return nil
	case <-p.ended:
		return p.err
	}
}

// wait returns when all that was added is published, or the first error.
func (p *publishing) wait() error {
	close(p.segments)
	<-p.ended
	return p.err
}
