package transcode

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"streambox.local/transcode/v4l2sim"
	"streambox.local/transcode/worker"
)

// TestTheChipInsideTheSandbox: a film is converted by h264_v4l2m2m in a child that
// is confined as on any machine: finding the encoder, trying it, and every run.
// That a film's reader with the encoder can do no more with it is shown in package
// worker.
func TestTheChipInsideTheSandbox(t *testing.T) {
	tools := realTools(t)
	landlock := func(l worker.Layer) bool { return l.Name == "landlock" && l.State == worker.Active }
	if !slices.ContainsFunc(worker.Layers(t.Context()), landlock) {
		t.Skip("not run here: this kernel has no Landlock, so outside the unit nobody gets the encoder")
	}
	path, err := v4l2sim.Confined(t.Context(), t.TempDir(), "", tools.FFmpeg, nil)
	if errors.Is(err, v4l2sim.ErrMissing) && os.Getenv("STREAMBOX_STRICT") != "1" {
		t.Skipf("not run here: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	tools.FFmpeg, tools.StateDir, tools.Launcher = path, t.TempDir(), worker.NewChild()
	film := filepath.Join(t.TempDir(), "film.mkv")
	chipFilm(t, film, "390x202")
	machine, err := tools.Machine(t.Context())
	if err != nil || tools.Hardware().State != HardwarePresent || machine.Encoders[0] != V4L2 {
		t.Fatalf("inside, the encoder is %+v, %v", tools.Hardware(), err)
	}
	for _, encoder := range []Encoder{V4L2, X264} {
		t.Run(string(encoder), func(t *testing.T) {
			tools.machine.Encoders = []Encoder{encoder}
			m, err := produce(t, tools, FileInput(film))
			if err != nil {
				t.Fatal(err)
			}
			if len(m.segments(t)) != 3 || len(m.warnings) != 0 {
				t.Errorf("%d segments, %v", len(m.manifest.SegmentBytes), m.warnings)
			}
			if got := likeness(t, m.playlist(), film); got < goodLikeness {
				t.Errorf("like its source by %.1f dB only", got)
			}
			first, err := os.ReadFile(filepath.Join(m.dir, "seg00000.ts"))
			if err != nil {
				t.Fatal(err)
			}
			if signed := bytes.Contains(first, []byte("x264 - core")); signed != (encoder == X264) { // libx264 signs what it makes
				t.Errorf("made by libx264: %t", signed)
			}
		})
	}
}
