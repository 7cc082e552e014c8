package transcode

import (
	"context"
	"fmt"
	"sync"
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

// hardware is what is known of the chip. The zero value knows nothing.
type hardware struct {
	mutex   sync.Mutex
	state   Hardware
	suspect int           // failures in a row that may be the films'
	chip    chan struct{} // full: in use
}

// encoders are those of the machine that may encode the film, best first: no
// chip that is condemned, and none for a picture beyond its limits.
func (t *Tools) encoders(m Machine, media Media) []Encoder {
	t.hardware.mutex.Lock()
	broken := t.hardware.state.State == HardwareBroken
	t.hardware.mutex.Unlock()
	var list []Encoder
	for _, e := range m.Encoders {
		if e.Hardware() && (broken || media.Video == nil || !m.V4L2.holds(pictureFor(media, m, e))) {
			continue
		}
		list = append(list, e)
	}
	return list
}

// condemn keeps the chip from being used until the machine starts anew, since a
// reboot is what mends one. A fault that may be the film's does so when it comes
// twice in a row. What is no fault of hardware condemns nothing: software is
// always there.
func (t *Tools) condemn(e Encoder, why error) {
	if !e.Hardware() || why == nil {
		return
	}
	t.hardware.mutex.Lock()
	defer t.hardware.mutex.Unlock()
	if !certain(why) {
		if t.hardware.suspect++; t.hardware.suspect < 2 {
			t.Log.Warn("Hardware encoder may have failed, is tried once more", "encoder", string(e), "error", why)
			return
		}
	}
	if t.hardware.state.State == HardwareBroken {
		return
	}
	sentence := faultSentence(why)
	t.hardware.state = condemnedHardware(sentence)
	t.Log.Warn("Hardware encoder fails, films are converted in software until the next reboot", "encoder", string(e), "error", why)
	if err := t.writeCondemned(sentence); err != nil {
		t.Log.Warn("That the encoder fails is only known until this program ends", "error", err)
	}
}

// acquit notes that the chip has done its work.
func (t *Tools) acquit(e Encoder) {
	if e.Hardware() {
		t.hardware.mutex.Lock()
		defer t.hardware.mutex.Unlock()
		t.hardware.suspect = 0
	}
}

// claimHardware waits until no other job uses the chip. It errs only as ctx does.
func (t *Tools) claimHardware(ctx context.Context) (release func(), err error) {
	t.hardware.mutex.Lock()
	if t.hardware.chip == nil {
		t.hardware.chip = make(chan struct{}, 1)
	}
	chip := t.hardware.chip
	t.hardware.mutex.Unlock()
	select {
	case chip <- struct{}{}:
		return func() { <-chip }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the encoder: %w", ctx.Err())
	}
}
