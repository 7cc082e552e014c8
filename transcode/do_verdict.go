package transcode

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"streambox.local/transcode/publish"
	"streambox.local/transcode/segmenter"
	"streambox.local/transcode/worker"
)

// worthKeeping: ffmpeg gave up by itself on a file that is damaged further on,
// and what was published up to there plays.
func worthKeeping(ctx context.Context, job Job, files *sources, result outcome, err error) bool {
	var exit *worker.ExitError
	if ctx.Err() != nil || !errors.As(err, &exit) || files.stillThere() != nil {
		return false
	}
	var refusal *Refusal
	if cause := verdict(result, err); errors.As(cause, &refusal) && refusal.Reason.Code == CodeCrash {
		return true // as far as the decoder came
	} else if errors.Is(cause, ErrKilled) || errors.Is(cause, ErrNoMemory) {
		return false
	}
	return job.Plan.Rung == Convert || !untimed(result.stderr)
}

// untimed: the muxer gave up on the times of a stream that is copied; a
// conversion makes times of its own.
func untimed(stderr string) bool {
	for _, says := range []string{
		"unknown timestamp", "first pts", "Can't write packet", "non monotonically increasing", "Timestamps are unset",
		"Error applying bitstream filters", "Failed to send packet to filter", "bitstream malformed",
	} {
		if strings.Contains(stderr, says) {
			return true
		}
	}
	return false
}

// failed sorts what ended a job.
func failed(job Job, files *sources, result outcome, err error) error {
	if said := firstLines(result.stderr); said != "" {
		err = fmt.Errorf("%w: ffmpeg said: %s", err, said)
	}
	remux := job.Plan.Rung == Direct || job.Plan.Rung == AudioOnly
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, publish.ErrNoSpace), errors.Is(err, ErrStalled):
		return err
	case errors.Is(err, segmenter.ErrTooLong), errors.Is(err, segmenter.ErrNoHeaders):
		return fmt.Errorf("%w: %w", ErrNotSegmentable, err)
	}
	if gone := files.stillThere(); gone != nil {
		return fmt.Errorf("%w: %w", gone, err)
	}
	noOutput := errors.Is(err, segmenter.ErrNoVideo) || errors.Is(err, segmenter.ErrNotTS)
	var exit *worker.ExitError
	if !noOutput && !errors.As(err, &exit) {
		return err // the publisher's, the system's
	}
	cause := verdict(result, err)
	if errors.Is(cause, ErrKilled) || errors.Is(cause, ErrNoMemory) {
		return cause
	}
	if remux { // what cannot be copied can perhaps be decoded
		return fmt.Errorf("%w: %w", ErrNotSegmentable, err)
	}
	var refusal *Refusal
	if noOutput && !errors.As(cause, &refusal) {
		return refuse(cause, CodeDamaged, "the file is damaged: not a single picture can be read")
	}
	return cause
}

// nothing is a run that went well and yielded no segment.
func nothing(job Job, result outcome) error {
	cause := errors.New("ffmpeg wrote nothing: " + firstLines(result.stderr))
	if job.Plan.Rung == Convert {
		return refuse(cause, CodeNoFrames, "there is not a single picture in this file")
	}
	return fmt.Errorf("%w: %w", ErrNotSegmentable, cause)
}

// A film that lacks this much of its length, and this part of it, ends early:
// containers round, and sound may be longer than the picture.
const (
	missingSeconds = 5.0
	missingPart    = 0.03
)

// warn tells what is wrong with a title that is published all the same.
func (t *Tools) warn(job Job, machine Machine, manifest publish.Manifest, result outcome) {
	if result.stderr != "" {
		t.Log.Warn("Ffmpeg complained about a title that is published", "input", job.Input.Name, "stderr", firstLines(result.stderr))
	}
	if job.OnWarning == nil {
		return
	}
	if _, ok := chooseAudio(job.Media, machine); !ok && len(job.Media.Audio) > 0 {
		name := codecName(job.Media.Audio[0].Codec)
		job.OnWarning(because(CodeNoSound, "plays without sound: this machine cannot decode "+name, "codec", name))
	}
	if reason, early := endsEarly(job.Media.DurationSeconds, manifest.DurationSeconds, result); early {
		job.OnWarning(reason)
	}
}

func endsEarly(announced, published float64, result outcome) (Reason, bool) {
	gaveUp := result.state != nil && !result.state.Success()
	if !gaveUp && !IsShort(announced, published) {
		return Reason{}, false
	}
	return EndsEarly(published), true
}

// IsShort tells whether what can be played (seconds) is so much less than what
// the file announces that it must have been broken off. announced 0: it does not say.
func IsShort(announced, published float64) bool {
	return announced > 0 && announced-published >= max(missingSeconds, announced*missingPart)
}

// EndsEarly is the reason of a title that is played though its file breaks off.
func EndsEarly(published float64) Reason {
	minutes, after := lasting(published)
	return because(CodeEndsEarly, "the film ends early: the file is damaged after "+after, "minutes", minutes, "seconds", int(math.Round(published)))
}

// lasting is a length in whole minutes, and in words.
func lasting(seconds float64) (minutes int, words string) {
	minutes, rest := int(seconds)/60, int(math.Round(seconds))%60
	words = fmt.Sprintf("%d minutes", minutes)
	switch minutes {
	case 0:
		words = fmt.Sprintf("%d seconds", rest)
	case 1:
		words = "1 minute"
	}
	return minutes, words
}
