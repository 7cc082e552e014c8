package packager

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"streambox.local/transcode/packager/sound"
	"streambox.local/transcode/packager/track"
)

// ErrNotYet is a segment whose sound is still being converted.
var ErrNotYet = sound.ErrNotYet

// ErrSound is converted sound that cannot be read any more: it is gone, or not
// what it was. It must be converted again, as another rendition.
var ErrSound = errors.New("the converted sound cannot be used")

// Join returns the title with converted sound, whole or growing, whose first
// frame but for priming is that of the film's beginning. The title must have
// been opened with Choice.Converted.
func (t *Title) Join(s *sound.Sound) *Title {
	joined := *t
	joined.converted = s
	return &joined
}

// StartTicks is when the film begins on the container's own clock of 90 kHz:
// where converted sound must begin.
func (t *Title) StartTicks() int64 { return t.starts[0] }

// Ready is how many segments can be made by now, from the first on: with
// converted sound those whose sound is there.
func (t *Title) Ready() int {
	n := 0
	for n < t.Segments() && t.CanMake(n) {
		n++
	}
	return n
}

// CanMake tells whether a segment can be made by now: with converted sound, that
// its sound is there. Sound comes in pieces, in the order in which it is asked for.
func (t *Title) CanMake(n int) bool {
	if !t.choice.Converted {
		return true
	}
	from, to := t.SoundFrames(n)
	return t.converted != nil && t.converted.Has(from, to)
}

// SoundFrames are the frames of converted sound that segment n needs, from one
// number to another; of Segments() the first is the number of all.
func (t *Title) SoundFrames(n int) (from, to int) {
	if n >= t.Segments() {
		return t.firstFrame(t.Segments()), t.firstFrame(t.Segments())
	}
	return t.firstFrame(n), t.firstFrame(n + 1)
}

// firstFrame is the number of the first frame of converted sound that begins
// in segment n; of the first segment it is the priming.
func (t *Title) firstFrame(n int) int {
	if n == 0 {
		return 0
	}
	since := t.starts[n] - t.starts[0]
	return int((since+sound.FrameTicks-1)/sound.FrameTicks) + sound.PrimingFrames
}

// convertedSound lists the frames of segment n. Where the sound has ended they are
// silent, in the same rhythm.
func (t *Title) convertedSound(n int) ([]track.Sample, [][]byte, error) {
	from, to := t.firstFrame(n), t.firstFrame(n+1)
	if t.converted == nil {
		return nil, nil, ErrNotYet
	}
	frames, err := t.converted.Frames(from, to)
	switch {
	case errors.Is(err, sound.ErrDamaged), errors.Is(err, fs.ErrNotExist), errors.Is(err, io.EOF):
		return nil, nil, fmt.Errorf("%w: %w", ErrSound, err)
	case err != nil:
		return nil, nil, err
	}
	samples := make([]track.Sample, 0, to-from)
	at := t.starts[0] + int64(from-sound.PrimingFrames)*sound.FrameTicks
	for i := range to - from {
		silent := i >= len(frames) || frames[i] == nil
		switch {
		case i >= len(frames):
			frames = append(frames, t.silence)
		case silent:
			frames[i] = t.silence
		}
		samples = append(samples, track.Sample{Size: len(frames[i]), PTS: at, DTS: at, Key: true, Silent: silent})
		at += sound.FrameTicks
	}
	return samples, frames, nil
}
