package transcode

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"streambox.local/transcode/worker"
)

func TestTheChipIsForFilmsThatTheWorkerMayRead(t *testing.T) {
	both := []Encoder{V4L2, X264}
	for _, c := range []struct {
		sentence string
		mode     os.FileMode
		launcher Launcher
		want     []Encoder
	}{
		{"everybody may read it", 0o644, &worker.Unit{}, both},
		{"the service alone may read it", 0o640, &worker.Unit{}, []Encoder{X264}},
		{"it is read by a child of ours", 0o600, worker.Plain{}, both},
		{"it is read unconfined", 0o600, nil, both},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "film.mkv")
			if err := os.WriteFile(name, []byte("film"), c.mode); err != nil {
				t.Fatal(err)
			}
			file, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			tools := &Tools{Launcher: c.launcher}
			if got := tools.reachable(both, &sources{files: []*os.File{file}}); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}
