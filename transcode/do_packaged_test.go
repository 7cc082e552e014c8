package transcode

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"streambox.local/transcode/packager"
)

// What is wrong with a film shows only where it is, when segments before it are
// published: the film must be converted then, not given up.
func TestDamageInTheMiddleOfAFilmDoesNotLoseIt(t *testing.T) {
	tools := realTools(t)
	for _, c := range []struct {
		file   string
		places int // that are damaged; Matroska is read on behind most of them
	}{{"a.mp4", 1}, {"a.mkv", 9}} {
		t.Run(c.file, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), c.file)
			ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=25", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=25",
				"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25", "-crf", "40", "-c:a", "aac", file)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for i := range c.places {
				copy(data[len(data)/2+i*len(data)/20:], bytes.Repeat([]byte{0xff}, 3000)) // more than one picture has
			}
			if err = os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			title, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{Strict: true})
			if err != nil {
				t.Fatal(err)
			}
			broken := -1
			for n := range title.Segments() {
				if _, err = title.Segment(t.Context(), bytes.NewReader(data), n); err != nil {
					broken = n
					break
				}
			}
			if broken < 1 {
				t.Fatalf("the first segment that cannot be made is %d: this tests nothing", broken)
			}
			m, err := produce(t, tools, FileInput(file))
			if err != nil || m.plan.Rung != Convert || m.manifest.DurationSeconds < 24 {
				t.Errorf("rung %s, %g s: %v", m.plan.Rung, m.manifest.DurationSeconds, err)
			}
		})
	}
}

func TestWhatThePackagerSaysOfAFilmIsKnownToCallers(t *testing.T) {
	t.Parallel()
	film := func() *sources {
		f, err := os.Open(os.DevNull)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = f.Close() })
		return &sources{files: []*os.File{f}, sizes: []int64{0}}
	}
	pulled := film()
	pulled.close()
	for _, cause := range []error{packager.ErrDamaged, packager.ErrKeyFlags, packager.ErrUnsupported, packager.ErrNotSegmentable} {
		err := fmt.Errorf("make segment 3: %w", cause)
		if got := unpackaged(film(), err); !errors.Is(got, ErrNotSegmentable) || !errors.Is(got, cause) {
			t.Errorf("%v became %v", cause, got)
		}
		if got := unpackaged(pulled, err); !errors.Is(got, ErrInputGone) || errors.Is(got, ErrNotSegmentable) {
			t.Errorf("a stick that was pulled: %v became %v", cause, got)
		}
	}
	device := errors.New("input/output error")
	if got := unpackaged(film(), device); !errors.Is(got, device) || errors.Is(got, ErrNotSegmentable) {
		t.Errorf("%v became %v", device, got)
	}
}
