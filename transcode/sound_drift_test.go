package transcode

import (
	"math"
	"path/filepath"
	"testing"
)

// Parts that were joined without re-encoding overlap by some milliseconds each
// time, since frames of sound and pictures do not end together.
func TestSoundOfJoinedPartsStaysInStep(t *testing.T) {
	tools := realTools(t)
	const clicking = "aevalsrc='0.8*sin(2000*PI*t)*lt(mod(t,1),0.03)':s=48000:d=5"
	for name, c := range map[string]struct {
		video []string
		rung  Rung
	}{
		"sound alone is converted": {[]string{"-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-pix_fmt", "yuv420p"}, AudioOnly},
		"all of it is converted":   {[]string{"-c:v", "mpeg4", "-q:v", "5"}, Convert},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			part, file := filepath.Join(dir, "part.mkv"), filepath.Join(dir, "film.mkv")
			ffmpeg(t, join([]string{"-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=5", "-f", "lavfi", "-i", clicking}, c.video, []string{"-c:a", "ac3", part})...)
			ffmpeg(t, "-stream_loop", "3", "-i", part, "-c", "copy", file)
			m, err := produce(t, tools, FileInput(file))
			if err != nil || m.plan.Rung != c.rung {
				t.Fatalf("%+v, %v", m.plan, err)
			}
			want, got := clicks(t, file), clicks(t, m.inOne(t))
			if len(want) < 18 || len(got) != len(want) {
				t.Fatalf("clicks at %v, of the source at %v", got, want)
			}
			for i := range want { // drift of so much is stretched, which takes some seconds
				if off := got[i] - want[i]; math.Abs(off) > 0.03 {
					t.Errorf("click %d is off by %.1f ms", i, off*1000)
				}
			}
		})
	}
}
