package worker_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"streambox.local/transcode/worker"
)

// TestMain lets the test program be the stage that a confined child is for a moment.
func TestMain(m *testing.M) {
	if worker.Asked(os.Args) {
		os.Exit(worker.Main(os.Args))
	}
	os.Exit(m.Run())
}

// needed are the things that a program must be able to do inside; all others
// that the stand-in tries must fail there.
var needed = []string{"reading the film", "computing by many threads", "a gigabyte of memory"}

// byLandlock are the attempts that only Landlock refuses: on a kernel without it
// they are refused by the unit alone (systemd's tests).
var byLandlock = []string{"reading the state folder", "listing a home", "reading another film of the stick", "looking at the parent's memory"}

// Stands for a film that has taken ffmpeg over. Every attempt succeeds in an
// ordinary child, so that its failure inside is the confinement's.
func TestWhatAHostileFilmTries(t *testing.T) {
	program := standIn(t)
	landlock := layer(t, worker.Layers(), "landlock").State == worker.Active
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
			case slices.Contains(needed, what):
				if why != "" {
					t.Errorf("a program must be able to: %s", why)
				}
			case !landlock && slices.Contains(byLandlock, what):
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

// standIn builds the stand-in, without the race detector: that needs more
// addresses than a confined program gets.
func standIn(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: starts other programs, which -short leaves out")
	}
	path := filepath.Join(t.TempDir(), "ffmpeg")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", path, "./testdata/standin")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the stand-in: %v: %s", err, out)
	}
	return path
}

// attempts makes a place with all that can be attacked and lets the stand-in loose.
func attempts(t *testing.T, launcher worker.Launcher, program string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"stick/film.mkv", "stick/neighbour.mkv", "state/settings", "home/diary", "names/name"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	session := filepath.Join(dir, "bus")
	unix, err := net.Listen("unix", session)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close()

	said, exit := run(t, launcher, worker.Command{Path: program, Arguments: []string{
		"tcp=" + tcp.Addr().String(), "udp=" + udp.LocalAddr().String(), "unix=" + session, "state=" + filepath.Join(dir, "state/settings"),
		"home=" + filepath.Join(dir, "home"), "neighbour=" + filepath.Join(dir, "stick/neighbour.mkv"), "elsewhere=" + dir,
		"name=" + filepath.Join(dir, "names/name"),
	}}, filepath.Join(dir, "stick/film.mkv"))
	outcomes := map[string]string{}
	if err := json.Unmarshal(said.out, &outcomes); err != nil || !exit.Success() {
		t.Fatalf("the stand-in ended with %+v, and said %s%s (%v)", exit, said.out, said.err, err)
	}
	return outcomes
}

type spoken struct{ out, err []byte }

// run starts the program with the films and reads what it says to its end.
func run(t *testing.T, launcher worker.Launcher, c worker.Command, films ...string) (spoken, worker.Exit) {
	t.Helper()
	for _, name := range films {
		film, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer film.Close()
		c.Files = append(c.Files, film)
	}
	var said spoken
	var readers sync.WaitGroup
	for _, end := range []struct {
		child **os.File
		text  *[]byte
	}{{&c.Stdout, &said.out}, {&c.Stderr, &said.err}} {
		ours, childs, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		*end.child = childs
		defer childs.Close()
		readers.Go(func() {
			defer ours.Close()
			var text bytes.Buffer
			_, _ = io.Copy(&text, ours)
			*end.text = text.Bytes()
		})
	}
	process, err := launcher.Launch(c)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Stdout.Close()
	_ = c.Stderr.Close()
	timer := time.AfterFunc(time.Minute, process.Kill)
	defer timer.Stop()
	exit, err := process.Wait()
	if err != nil {
		t.Error(err)
	}
	readers.Wait()
	return said, exit
}

func TestLayersAreTold(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts this program again, which -short leaves out (and qemu-user cannot)")
	}
	layers := worker.Layers()
	for _, name := range []string{"seccomp", "landlock", "limits"} {
		if l := layer(t, layers, name); l.State == worker.Broken || l.Detail == "" {
			t.Errorf("%+v", l)
		}
	}
	if text := worker.Summary(layers, worker.Active); !strings.Contains(text, "seccomp, ") {
		t.Errorf("what is at work is told as %q", text)
	}
}
