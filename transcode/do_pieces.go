package transcode

import (
	"context"
	"errors"
	"fmt"
	"time"

	"streambox.local/transcode/publish"
	"streambox.local/transcode/segmenter"
	"streambox.local/transcode/worker"
)

// PieceSeconds is the length of a piece: long enough that its beginning, a second
// of reading and decoding, is nothing; short enough that a film somebody waits
// for is not kept from it.
const PieceSeconds = 300

// ErrYielded ends a job at a joint because Job.Yield said so.
var ErrYielded = errors.New("another film goes first")

// ErrElsewhere is a film that cannot be gone on with where it was broken off: it
// does not begin there, not even when all of it is read.
var ErrElsewhere = errors.New("the film cannot be entered there")

// conversion is a film on its way through ffmpeg, piece by piece.
//
// What is published stays as it is, whatever comes: viewers have it, under an
// address that never gets other bytes. So a conversion goes on where the last
// published segment ends: at the next piece, or in the middle of one that was
// broken off. Each segment begins with an IDR, so it can.
type conversion struct {
	tools   *Tools
	job     Job
	machine Machine
	files   *sources

	rate     rate
	perPiece int  // pictures
	seek     bool // this film can be entered anywhere, as far as is known
	done     int  // pictures published
	counters segmenter.Counters
	headers  []byte // of the encoder that made the last segment
	doubtful bool   // the chip has just failed, or the film: software is to tell
	sound    *int64 // when the last frame of sound published is heard, as in the stream; nil: there is none

	began   time.Time
	doneAt  int // pictures published when it began
	outcome outcome
}

// convert makes what Out lacks of the film.
func (t *Tools) convert(ctx context.Context, job Job, machine Machine, files *sources) error {
	c := &conversion{
		tools: t, job: job, machine: machine, files: files,
		rate: outputRate(*job.Media.Video), seek: seekable(job.Media, len(files.files)), began: time.Now(),
	}
	c.perPiece = c.rate.piecePictures(job.PieceSeconds, job.SegmentSeconds)
	if err := c.resume(); err != nil {
		return err
	}
	err := c.pieces(ctx)
	if err != nil && (job.Out.Next() == 0 || !worthKeeping(ctx, job, files, c.outcome, err)) {
		return failed(job, files, c.outcome, err)
	}
	if job.Out.Next() == 0 && files.stillThere() == nil {
		return nothing(job, c.outcome)
	}
	return t.finish(ctx, job, machine, files, c.outcome, nil)
}

// piecePictures is the length of a piece in pictures: of whole segments, at least one.
func (r rate) piecePictures(pieceSeconds, segmentSeconds float64) int {
	if pieceSeconds <= 0 {
		pieceSeconds = PieceSeconds
	}
	gop := r.picturesIn(segmentSeconds)
	return max(1, int(pieceSeconds/r.seconds(gop)+0.001)) * gop
}

// resume finds out what Out has already.
func (c *conversion) resume() error {
	c.done = c.rate.pictureAt(c.job.Out.Manifest().DurationSeconds)
	c.doneAt = c.done
	// The last segment may lack a stream whose counter goes on.
	for n := max(0, c.job.Out.Next()-3); n < c.job.Out.Next(); n++ {
		data, err := c.job.Out.Segment(n)
		if err != nil {
			return fmt.Errorf("go on with a conversion: %w", err)
		}
		c.goesOn(data)
	}
	return nil
}

// goesOn takes note of what follows a segment.
func (c *conversion) goesOn(segment []byte) {
	c.counters, c.headers = segmenter.CountersAfter(c.counters, segment), segmenter.Headers(segment)
	if last, ok := segmenter.LastSound(segment); ok {
		c.sound = &last
	}
}

// pieces runs one piece after the other to the film's end.
func (c *conversion) pieces(ctx context.Context) error {
	for {
		if c.done > c.doneAt && c.job.Yield != nil && c.job.Yield() {
			return ErrYielded
		}
		encoders := c.tools.reachable(c.tools.encoders(c.machine, c.job.Media), c.files)
		if len(encoders) == 0 {
			return refuse(nil, CodeNoEncoder, "the ffmpeg of this machine has no H.264 encoder (libx264)")
		}
		last, err := c.piece(ctx, c.choose(encoders))
		switch {
		case errors.Is(err, ErrElsewhere) && c.seek:
			c.tools.Log.Info("Film cannot be entered where a piece begins, is decoded from its beginning", "input", c.job.Input.Name, "seconds", c.rate.seconds(c.done))
			c.seek = false
		case errors.Is(err, errFault):
		case err != nil || last:
			return err
		}
	}
}

// next is the piece that comes now. One that was broken off ends where it would have.
func (c *conversion) next() piece {
	p := piece{from: c.done, sound: c.sound, seek: c.seek}
	if c.seek {
		p.until = (c.done/c.perPiece + 1) * c.perPiece
	}
	return p
}

// errFault is a piece that failed by its encoder, which is known as such by now.
var errFault = errors.New("the encoder failed")

// piece runs one piece, or what is left of it. last: the film ends with it.
func (c *conversion) piece(ctx context.Context, encoder Encoder) (last bool, err error) {
	if encoder.Hardware() {
		release, claimErr := c.tools.claimHardware(ctx)
		if claimErr != nil {
			return false, claimErr
		}
		defer release()
	}
	r := &pieceRun{conversion: c, piece: c.next(), encoder: encoder, base: c.job.Out.Next()}
	c.outcome, err = r.run(ctx)
	if gone := c.files.stillThere(); gone != nil { // its last segment may lack what could not be read
		return false, fmt.Errorf("%w: %s", gone, firstLines(c.outcome.stderr))
	}
	if c.decoderFailed(err) {
		return false, fmt.Errorf("%w: %w", errFault, err)
	}
	if nothing := r.piece.from > 0 && r.wrote == 0 && err == nil; !nothing {
		ended := err
		if errors.Is(err, errFault) { // it was ended for what it had said
			ended = nil
		}
		fault := hardwareFault(encoder, c.outcome, ended)
		if encoder.Hardware() && !c.doubtful && errors.Is(err, worker.ErrNoDevices) { // the unit went away; the chip is none the worse
			c.doubtful = true
			return false, fmt.Errorf("%w: %w", errFault, err)
		}
		c.doubt(encoder, fault, err)
		if fault != nil {
			c.tools.condemn(encoder, fault)
			if c.job.OnWarning != nil && c.tools.Hardware().State == HardwareBroken {
				c.job.OnWarning(encoderFailed())
			}
			return false, fmt.Errorf("%w: %w", errFault, fault)
		}
		if err == nil || worthKeeping(ctx, c.job, c.files, c.outcome, err) {
			switch closeErr := r.close(); {
			case closeErr != nil && err != nil:
				return false, err // what ffmpeg says is nearer to the cause
			case closeErr != nil:
				return false, closeErr
			}
		}
	}
	if err == nil {
		c.tools.acquit(encoder)
	}
	full := r.piece.until > 0 && c.done >= r.piece.until
	switch {
	case full && err != nil && worthKeeping(ctx, c.job, c.files, c.outcome, err):
		return false, nil // it complained of much, and has made all that was asked for
	case err != nil || full:
		return false, err
	case c.seek && IsShort(c.job.Media.DurationSeconds, c.rate.seconds(c.done)):
		return false, ErrElsewhere // there may be more that only reading all of it finds
	}
	return true, nil
}

// tell reports how far the film has come: in pictures, which are known whatever
// ffmpeg makes of a piece's times.
func (c *conversion) tell(pictures int) {
	if c.job.OnProgress == nil {
		return
	}
	speed, made := 0.0, c.rate.seconds(pictures-c.doneAt)
	if elapsed := time.Since(c.began).Seconds(); elapsed > 0 {
		speed = made / elapsed
	}
	c.job.OnProgress(progressAt(c.rate.seconds(pictures), made, speed, c.job.Media.DurationSeconds))
}

// publish adds a segment, which ends with the picture before end.
func (c *conversion) publish(ctx context.Context, s segmenter.Segment, number int, durationSeconds float64, end int) error {
	before := c.headers
	c.goesOn(s.Data) // which belongs to the publisher then
	err := c.job.Out.Add(ctx, publish.Segment{
		Number: number, Data: s.Data, DurationSeconds: durationSeconds, Release: s.Release,
		Discontinuity: number > 0 && string(before) != string(c.headers),
	})
	if err != nil {
		return fmt.Errorf("publish segment %d: %w", number, err)
	}
	c.done = end
	return nil
}
