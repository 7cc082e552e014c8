package transcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync/atomic"
	"time"

	"streambox.local/transcode/segmenter"
)

// pieceRun is one run of ffmpeg for a piece.
type pieceRun struct {
	*conversion
	piece   piece
	encoder Encoder
	base    int // number of its first segment
	cutter  *segmenter.Segmenter
	wrote   int64
	closing bool
	said    []byte      // of standard error, since the last line
	fault   atomic.Bool // the encoder has complained: nothing more of it is published
}

// run runs ffmpeg. The last segment is held back until it is known how the run
// ended: close publishes it.
func (r *pieceRun) run(ctx context.Context) (outcome, error) {
	t, p := r.tools, r.piece
	life := newLiveness(time.Now, t.stallAfter())
	if !p.seek { // it decodes what lies before, and drops it
		life.skipping = time.Duration(r.rate.seconds(p.from)) * time.Second
	}
	options := segmenter.Options{TargetSeconds: r.job.SegmentSeconds, RepeatHeaders: r.encoder.Hardware()}
	if r.counters != nil {
		options.Before = r.counters
	}
	r.cutter = segmenter.New(options, func(s segmenter.Segment) error { return r.emit(ctx, s) })
	meter := &meter{life: life, now: time.Now, pictures: func(n int) { r.tell(p.from + n) }}
	result, err := t.run(ctx, program{
		path:  t.FFmpeg,
		args:  flatten(pieceArguments(r.job.Media, r.machine, r.encoder, len(r.files.files), r.job.SegmentSeconds, p)),
		files: r.files.files,
		consume: func(stream io.Reader) error {
			var err error
			stream = t.yielding(ctx, stream, r.job.Watched)
			r.wrote, err = io.CopyBuffer(writerOnly{r.cutter}, readerOnly{stream}, make([]byte, readBytes))
			return err
		},
		progress:   meter.read,
		told:       r,
		background: true,
		hardware:   r.encoder.Hardware() || decodedByChip(r.job.Media, r.machine),
		life:       life,
	})
	picture, sound := r.cutter.Ends()
	result.short = shortBy(picture, sound, r.expected())
	return result, err
}

// expected is how long the piece is, in seconds, as far as the film says how long
// it is itself; 0: that is not known.
func (r *pieceRun) expected() float64 {
	from, until := r.rate.seconds(r.piece.from), r.job.Media.DurationSeconds
	if end := r.rate.seconds(r.piece.until); r.piece.until > 0 && end < until {
		until = end
	}
	return max(0, until-from)
}

// Write gets what ffmpeg complains of, as it comes: what a broken chip writes must
// not be published, and ffmpeg goes on all the same. It never fails.
func (r *pieceRun) Write(said []byte) (int, error) {
	if r.encoder.Hardware() && !r.fault.Load() {
		r.said = append(r.said, said...)
		if driverErrors(string(r.said)) {
			r.fault.Store(true)
		}
		r.said = r.said[bytes.LastIndexByte(r.said, '\n')+1:] // a line may come in two
		r.said = r.said[:min(len(r.said), headBytes)]
	}
	return len(said), nil
}

// close publishes the last segment.
func (r *pieceRun) close() error {
	r.closing = true
	err := r.cutter.Close()
	if errors.Is(err, segmenter.ErrNoVideo) && r.piece.from > 0 {
		return nil // sound goes on behind the last picture
	}
	return err
}

// emit publishes a segment of the piece.
func (r *pieceRun) emit(ctx context.Context, s segmenter.Segment) error {
	if s.Number == 0 && r.piece.from > 0 && !r.piece.begins(r.rate, s.PTS) {
		return fmt.Errorf("%w: its first picture is %.3f s off", ErrElsewhere, float64(apart(s.PTS, r.rate.stamp(r.piece.from)))/ticksPerSecond)
	}
	if r.fault.Load() {
		return errFault
	}
	start := r.rate.ticks(r.piece.from) + int64(math.Round(s.StartSeconds*ticksPerSecond))
	end := r.rate.pictureAt(float64(start)/ticksPerSecond + s.DurationSeconds)
	duration := s.DurationSeconds
	if r.closing && r.piece.until > 0 && end >= r.piece.until {
		// Its last picture's length is a guess, and sound may be longer; its end is neither.
		end = r.piece.until
		duration = float64(r.rate.ticks(end)-start) / ticksPerSecond
	}
	return r.publish(ctx, s, r.base+s.Number, duration, end)
}
