package transcode

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
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

// Whoever takes a finished folder along has the playlist that a viewer of the
// stick has: how long segments get, and where a film begins that was cut.
func TestAPlaylistSaysWhatTheOneOfTheStickSays(t *testing.T) {
	tools := realTools(t)
	for name, c := range map[string]struct {
		rung  Rung
		sound string
		cut   bool
	}{
		"plays as it is":                      {Direct, "aac", false},
		"converted sound":                     {AudioOnly, "ac3", false},
		"cut within a group":                  {Direct, "aac", true},
		"cut within a group, sound converted": {AudioOnly, "ac3", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "a.mp4")
			ffmpeg(t, join(both(), x264, []string{"-c:a", c.sound, file})...)
			if c.cut {
				whole := file
				file = filepath.Join(t.TempDir(), "cut.mp4")
				ffmpeg(t, "-ss", "0.48", "-i", whole, "-c", "copy", file)
			}
			m, err := produce(t, tools, FileInput(file))
			if err != nil || m.plan.Rung != c.rung {
				t.Fatalf("%+v, %v", m.plan, err)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			title, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{Converted: c.rung == AudioOnly, Strict: true})
			if err != nil {
				t.Fatal(err)
			}
			if c.cut != (title.LeadSeconds() > 0) {
				t.Fatalf("%g s are only there to be decoded: this tests nothing", title.LeadSeconds())
			}
			list, err := os.ReadFile(m.playlist())
			if err != nil {
				t.Fatal(err)
			}
			for _, tag := range []string{"#EXT-X-TARGETDURATION:", "#EXT-X-START:"} {
				want := line(string(title.Playlist()), tag)
				if want == "" && tag == "#EXT-X-START:" { // of a list that was there at once
					want = tag + "TIME-OFFSET=0"
				}
				if got := line(string(list), tag); got != want {
					t.Errorf("%q, from the stick %q", got, want)
				}
			}
		})
	}
}

// line is the playlist's line that begins so.
func line(list, begins string) string {
	for one := range strings.Lines(list) {
		if strings.HasPrefix(one, begins) {
			return strings.TrimSpace(one)
		}
	}
	return ""
}
