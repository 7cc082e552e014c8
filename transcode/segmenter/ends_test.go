package segmenter

import (
	"math"
	"testing"
)

func TestWhenPictureAndSoundEnd(t *testing.T) {
	const hundred = 4.0 // seconds
	for name, c := range map[string]struct {
		film           film
		more           int // times sound after the last picture
		picture, sound float64
	}{
		"together":            {film{}, 0, hundred, 3.96},
		"no sound":            {film{mute: true}, 0, hundred, 0},
		"sound goes on":       {film{}, 100, hundred, 4.2 + 99*0.2},
		"it may not for ever": {film{}, 150, hundred, 23.8}, // it is dropped from 20 s on
	} {
		f := c.film
		f.show(gop(100))
		for range c.more {
			f.sound()
			f.ticks += 5 * f.frame
		}
		s := New(Options{}, func(Segment) error { return nil })
		if _, err := s.Write(f.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		picture, sound := s.Ends()
		if math.Abs(picture-c.picture) > 0.1 || math.Abs(sound-c.sound) > 0.25 {
			t.Errorf("%s: %.2f and %.2f, want %.2f and %.2f", name, picture, sound, c.picture, c.sound)
		}
	}
	if picture, sound := New(Options{}, nil).Ends(); picture != 0 || sound != 0 {
		t.Errorf("of nothing: %g, %g", picture, sound)
	}
}
