package transcode

import "testing"

func TestArgumentsOfPieces(t *testing.T) {
	t.Parallel()
	m := film(func(m *Media) { m.Video.Codec, m.Container = "mpeg4", "matroska,webm" })
	r := outputRate(*m.Video)
	last := r.stamp(7200) - 1000 // of sound, which ends a little before the picture
	for name, p := range map[string]piece{
		"piece-first":                 {until: 7200, seek: true},
		"piece-entered":               {from: 7200, until: 14400, sound: &last, seek: true},
		"piece-decoded-from-the-film": {from: 7200, sound: &last},
	} {
		golden(t, name, pieceArguments(m, pi, X264, 1, 4, p))
	}
}

func TestPicturesAndTheirTimes(t *testing.T) {
	t.Parallel()
	ntsc := rate{30000, 1001}
	if got := ntsc.piecePictures(300, 4); got != 120*74 { // segments of 4.004 s
		t.Errorf("a piece has %d pictures", got)
	}
	if got := (rate{25, 1}).piecePictures(0, 4); got != 7500 {
		t.Errorf("a piece has %d pictures", got)
	}
	const day = 24 * 3600 * 30 // pictures
	for _, n := range []int{0, 1, 119, 8880, day} {
		if got := ntsc.pictureAt(ntsc.seconds(n)); got != n {
			t.Errorf("picture %d is at the time of %d", n, got)
		}
		p := piece{from: n}
		for off, want := range map[int64]bool{0: true, 1: true, -1500: true, 1502: false, -3003: false} {
			if p.begins(ntsc, (ntsc.stamp(n)+off)&stampMask) != want {
				t.Errorf("a piece from picture %d begins %d ticks off: %v", n, off, !want)
			}
		}
	}
}
