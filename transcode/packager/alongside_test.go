package packager_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"streambox.local/transcode/packager"
)

func TestAlongsideGoesByTheSegmentsOwnClock(t *testing.T) {
	s := (&synthetic{seconds: 30}).build()
	film := open(t, s, s.size(), packager.Choice{})
	all := segments(t, film, s)
	var lengths []float64
	for n := range film.Segments() {
		lengths = append(lengths, film.StartSeconds(n+1)-film.StartSeconds(n))
	}
	const begin = 5 * 90_000
	for _, c := range []struct {
		name      string
		resampled bool
		want      int64 // of the film's beginning in the segments
	}{
		{"by its first picture", false, film.FirstTicks()},
		{"by its sound, which begins a frame earlier", true, film.FirstTicks()},
	} {
		title, err := packager.Alongside(1, begin, c.resampled, all[0], lengths)
		if err != nil {
			t.Fatal(err)
		}
		if title.StartTicks() != begin || title.FirstTicks() != c.want || title.Segments() != film.Segments() {
			t.Errorf("%s: from %d, by the segments' clock %d, want %d", c.name, title.StartTicks(), title.FirstTicks(), c.want)
		}
		// However the film begins, the second segment does so where the film's own does.
		at := float64(c.want)/90_000 + title.StartSeconds(1)
		if off := at - float64(film.FirstTicks())/90_000 - film.StartSeconds(1); math.Abs(off) > 0.0001 {
			t.Errorf("%s: it is cut %f s off", c.name, off)
		}
	}
}

func TestWhatNothingCanLieAlongside(t *testing.T) {
	s := (&synthetic{seconds: 10}).build()
	with, silent := segments(t, open(t, s, s.size(), packager.Choice{}), s)[0], segments(t, open(t, s, s.size(), packager.Choice{Sound: packager.NoSound}), s)[0]
	for name, c := range map[string]struct {
		first   []byte
		lengths []float64
	}{
		"nothing":                  {nil, []float64{4}},
		"no transport stream":      {bytes.Repeat([]byte("x"), 1000), []float64{4}},
		"no sound":                 {silent, []float64{4}},
		"no segments":              {with, nil},
		"a segment of no length":   {with, []float64{4, 0}},
		"a segment without end":    {with, []float64{math.Inf(1)}},
		"a segment of no number":   {with, []float64{4, math.NaN()}},
		"a segment of an hour":     {with, []float64{3600}},
		"a segment that goes back": {with, []float64{4, -4}},
	} {
		if _, err := packager.Alongside(1, 0, true, c.first, c.lengths); !errors.Is(err, packager.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 { // neither a crash nor a title that contradicts itself
		bad := bytes.Clone(with)
		for range 20 {
			bad[random.IntN(min(len(bad), 2000))] = byte(random.Uint32())
		}
		if title, err := packager.Alongside(1, 0, true, bad, []float64{4, 4}); err == nil && title.StartSeconds(1) <= 0 {
			t.Fatalf("its first segment lasts %f s", title.StartSeconds(1))
		}
	}
}
