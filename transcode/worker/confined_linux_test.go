package worker_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"streambox.local/transcode/worker"
	"streambox.local/transcode/worker/workertest"
)

// TestMain lets the test program be the stage that a confined child is for a moment.
func TestMain(m *testing.M) {
	if worker.Asked(os.Args) {
		os.Exit(worker.Main(os.Args))
	}
	os.Exit(m.Run())
}

// Stands for a film that has taken ffmpeg over. Every attempt succeeds in an
// ordinary child, so that its failure inside is the confinement's.
func TestWhatAHostileFilmTries(t *testing.T) {
	program := standIn(t)
	landlock := layer(t, worker.Layers(t.Context()), "landlock").State == worker.Active
	outside := attempts(t, worker.Plain{}, program)
	inside := attempts(t, worker.NewChild(), program)
	if len(outside) < 20 || len(inside) != len(outside) {
		t.Fatalf("%d attempts were made outside and %d inside", len(outside), len(inside))
	}
	for _, what := range slices.Sorted(maps.Keys(outside)) {
		t.Run(what, func(t *testing.T) {
			if outside[what] != "" {
				t.Errorf("an ordinary child cannot do it either (%s): this proves nothing", outside[what])
			}
			switch why := inside[what]; {
			case workertest.Needed(what):
				if why != "" {
					t.Errorf("a program must be able to: %s", why)
				}
			case !landlock && workertest.ByLandlock(what):
				t.Logf("this kernel has no Landlock; inside: %q", why)
			case why == "":
				t.Error("it succeeded inside")
			default:
				t.Logf("refused: %s", why)
			}
		})
	}
}

func layer(t *testing.T, layers []worker.Layer, name string) worker.Layer {
	t.Helper()
	for _, l := range layers {
		if l.Name == name {
			return l
		}
	}
	t.Fatalf("nothing is said of %s: %+v", name, layers)
	return worker.Layer{}
}

// standIn builds the stand-in.
func standIn(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: starts other programs, which -short leaves out")
	}
	path := filepath.Join(t.TempDir(), "ffmpeg")
	if err := workertest.Build(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

func attempts(t *testing.T, launcher worker.Launcher, program string) map[string]string {
	t.Helper()
	outcomes, err := workertest.Attempts(t.Context(), launcher, program, workertest.PlacesIn(t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	return outcomes
}

// run starts the program with the films and reads what it says to its end.
func run(t *testing.T, launcher worker.Launcher, c worker.Command, films ...string) (workertest.Said, worker.Exit) {
	t.Helper()
	said, exit, err := workertest.Run(t.Context(), launcher, c, films...)
	if err != nil {
		t.Fatal(err)
	}
	return said, exit
}

func TestLayersAreTold(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts this program again, which -short leaves out (and qemu-user cannot)")
	}
	layers := worker.Layers(t.Context())
	for _, name := range []string{"seccomp", "landlock", "limits"} {
		if l := layer(t, layers, name); l.State == worker.Broken || l.Detail == "" {
			t.Errorf("%+v", l)
		}
	}
	if text := worker.Summary(layers, worker.Active); !strings.Contains(text, "seccomp, ") {
		t.Errorf("what is at work is told as %q", text)
	}
}
