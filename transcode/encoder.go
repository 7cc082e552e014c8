package transcode

import (
	"context"
	"fmt"
)

// Encoder is the name by which ffmpeg knows an encoder of H.264.
type Encoder string

// The encoders that a conversion can use.
const (
	V4L2 Encoder = "h264_v4l2m2m" // the chip of a Raspberry Pi Zero 2, 3 or 4
	X264 Encoder = "libx264"      // software: works everywhere
)

// Hardware tells whether it is a chip, of which there is one, and which may fail
// at any time.
func (e Encoder) Hardware() bool { return e == V4L2 }

// encoders are those of the machine that may encode the film, best first: none
// that is condemned, and the chip only for a picture within its limits.
func (t *Tools) encoders(m Machine, media Media) []Encoder {
	t.hardware.Lock()
	defer t.hardware.Unlock()
	var list []Encoder
	for _, e := range m.Encoders {
		if t.condemned[e] == nil {
			list = append(list, e)
		}
	}
	return list
}

// condemn keeps an encoder from being used again.
func (t *Tools) condemn(e Encoder, why error) {
	t.hardware.Lock()
	defer t.hardware.Unlock()
	if t.condemned == nil {
		t.condemned = make(map[Encoder]error)
	}
	if t.condemned[e] != nil {
		return
	}
	t.condemned[e] = why
	t.Log.Warn("Encoder fails and is not used again", "encoder", string(e), "error", why)
}

// claimHardware waits until no other job uses the chip. It errs only as ctx does.
func (t *Tools) claimHardware(ctx context.Context) (release func(), err error) {
	t.hardware.Lock()
	if t.chip == nil {
		t.chip = make(chan struct{}, 1)
	}
	chip := t.chip
	t.hardware.Unlock()
	select {
	case chip <- struct{}{}:
		return func() { <-chip }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the encoder: %w", ctx.Err())
	}
}

// hardwareFault is what a run's end says of the encoder that it used: nil when it
// is not the encoder's fault, as all of software's is the film's or the machine's.
func hardwareFault(e Encoder, result outcome, err error) error {
	if !e.Hardware() || err == nil {
		return nil
	}
	return fmt.Errorf("encoder %s: %w", e, err)
}
