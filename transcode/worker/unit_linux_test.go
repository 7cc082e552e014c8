package worker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// socketUnit stands for systemd: it accepts connections and starts an instance,
// this test program, for each. What it starts is told on the channel.
func socketUnit(t *testing.T) (*Unit, <-chan *exec.Cmd) {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: starts this program again, which -short leaves out (and qemu-user cannot)")
	}
	path := filepath.Join(t.TempDir(), "worker.sock")
	listener, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	instances := make(chan *exec.Cmd, 10)
	done := make(chan struct{})
	t.Cleanup(func() { _ = listener.Close(); <-done })
	go func() {
		defer close(done)
		for {
			conn, err := listener.AcceptUnix()
			if err != nil {
				return
			}
			file, err := conn.File()
			if err != nil {
				t.Error(err)
				return
			}
			instance := exec.CommandContext(context.WithoutCancel(t.Context()), ourselves, "helper", "worker")
			instance.Stdin = file
			instance.Env = append(environment(), "PATH="+filepath.Dir(path)+":"+os.Getenv("PATH"))
			if err := instance.Start(); err != nil {
				t.Error(err)
			}
			_ = errors.Join(conn.Close(), file.Close())
			instances <- instance
		}
	}()
	u := &Unit{Socket: path, Otherwise: refuses{}, Log: slog.New(slog.DiscardHandler)}
	t.Cleanup(func() {
		if spare := u.exchange(nil); spare != nil {
			_ = spare.Close()
		}
	})
	return u, instances
}

var errOtherwise = errors.New("left to the other launcher")

type refuses struct{}

func (refuses) Launch(context.Context, Command) (Process, error) { return nil, errOtherwise }

// command is one whose output nobody needs.
func command(t *testing.T, arguments ...string) Command {
	t.Helper()
	c := Command{Path: "/anywhere/ffmpeg", Arguments: arguments}
	for _, end := range []**os.File{&c.Stdout, &c.Stderr, &c.Progress} {
		ours, theirs, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		*end = theirs
		t.Cleanup(func() { _ = errors.Join(ours.Close(), theirs.Close()) })
	}
	return c
}

// ended waits for the instance's own end.
func ended(t *testing.T, instances <-chan *exec.Cmd) {
	t.Helper()
	select {
	case instance := <-instances:
		if err := instance.Wait(); err != nil {
			t.Errorf("the instance: %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatal("no instance was started")
	}
}

func needFFmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			t.Fatal("ffmpeg is missing")
		}
		t.Skip("not run here: ffmpeg is missing (apt-get install ffmpeg)")
	}
}

func TestAnInstanceTellsHowItsProgramEnds(t *testing.T) {
	u, instances := socketUnit(t)
	needFFmpeg(t)
	c := command(t, "-v", "quiet", "-i", "file:/nothing")
	process, err := u.Launch(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	exit, err := process.Wait()
	if err != nil || exit.Code != 1 || exit.Signal != 0 || exit.User+exit.System == 0 || exit.MaxRSSBytes < 1<<20 {
		t.Errorf("%+v, %v", exit, err)
	}
	ended(t, instances)
}

func TestHangingUpKills(t *testing.T) {
	for _, how := range []string{"the box kills", "the box dies"} {
		t.Run(how, func(t *testing.T) {
			u, instances := socketUnit(t)
			needFFmpeg(t)
			c := command(t, "-v", "quiet", "-f", "lavfi", "-i", "testsrc2", "-re", "-f", "null", "-")
			process, err := u.start(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			if how == "the box dies" {
				_ = process.conn.Close()
			} else {
				process.Kill()
				if exit, err := process.Wait(); err != nil || exit.Signal != syscall.SIGKILL {
					t.Errorf("%+v, %v", exit, err)
				}
			}
			ended(t, instances)
		})
	}
}

func TestProcessorTimeIsTold(t *testing.T) {
	u, instances := socketUnit(t)
	needFFmpeg(t)
	c := command(t, "-v", "quiet", "-f", "lavfi", "-i", "testsrc2=s=1280x720", "-f", "null", "-")
	process, err := u.Launch(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.After(time.Minute)
	for process.CPU() == 0 {
		select {
		case <-deadline:
			t.Fatal("no sign of it in a minute")
		case <-time.After(50 * time.Millisecond):
		}
	}
	process.Kill()
	if _, err := process.Wait(); err != nil {
		t.Error(err)
	}
	ended(t, instances)
}

func TestWhatAnInstanceDoesNotDo(t *testing.T) {
	film, err := os.CreateTemp(t.TempDir(), "film") // open for writing, too
	if err != nil {
		t.Fatal(err)
	}
	defer film.Close()
	for name, c := range map[string]struct {
		change func(*Command, *Unit)
		want   error
	}{
		"a film that is open for writing": {func(c *Command, _ *Unit) { c.Files = []*os.File{film} }, ErrNotStarted},
		"output that is no pipe":          {func(c *Command, _ *Unit) { c.Stdout = film }, ErrNotStarted},
		"another program":                 {func(c *Command, _ *Unit) { c.Path = "/bin/sh" }, ErrNotStarted},
		"more films than there are":       {func(c *Command, _ *Unit) { c.Files = make([]*os.File, mostFilms+1) }, ErrNotStarted},
		"a program that the kernel refuses": {func(_ *Command, u *Unit) {
			_ = os.WriteFile(filepath.Join(filepath.Dir(u.Socket), "ffmpeg"), []byte("\x7fELF"), 0o755)
		}, nil},
		"no unit: it is left to the other": {func(_ *Command, u *Unit) { u.Socket += ".gone" }, errOtherwise},
	} {
		t.Run(name, func(t *testing.T) {
			u, _ := socketUnit(t)
			asked := command(t)
			c.change(&asked, u)
			process, err := u.Launch(t.Context(), asked)
			if c.want == nil { // the instance has started its stage, which ends
				if err == nil {
					_, err = process.Wait()
				}
				c.want = ErrNotStarted
			}
			if !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func TestAnotherVersionIsRefused(t *testing.T) {
	u, instances := socketUnit(t)
	conn, err := dial(t.Context(), u.Socket)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err = send(conn, map[string]any{"version": Version + 1, "want": "something new"}, nil); err != nil {
		t.Fatal(err)
	}
	data, _, err := receive(conn, time.Minute)
	if err != nil || !strings.Contains(string(data), `"why":"version"`) {
		t.Errorf("%s, %v", data, err)
	}
	if _, _, err := receive(conn, time.Minute); !errors.Is(err, io.EOF) {
		t.Errorf("after that: %v", err)
	}
	_ = (<-instances).Wait() // it says what is wrong by its exit status as well
}

func TestLayersOfTheUnit(t *testing.T) {
	u, instances := socketUnit(t)
	layers, found, err := UnitLayers(t.Context(), u.Socket)
	if err != nil || !found || len(layers) < 4 || layers[0].Name != "unit" {
		t.Errorf("%+v, %t, %v", layers, found, err)
	}
	ended(t, instances)
	if _, found, err := UnitLayers(t.Context(), u.Socket+".gone"); found || err != nil {
		t.Errorf("where there is none: %t, %v", found, err)
	}
}

func TestASecondProgramFindsAnInstanceThatWaits(t *testing.T) {
	needFFmpeg(t)
	u, instances := socketUnit(t)
	var waiting *exec.Cmd
	for n := range 3 {
		if n == 2 { // the one that waits has gone: another is found
			if err := errors.Join(waiting.Process.Kill(), ignored(waiting.Wait())); err != nil {
				t.Fatal(err)
			}
		}
		process, err := u.Launch(t.Context(), command(t, "-version"))
		if err != nil {
			t.Fatal(err)
		}
		if exit, err := process.Wait(); err != nil || !exit.Success() {
			t.Errorf("program %d: %+v, %v", n, exit, err)
		}
		if n != 1 {
			ended(t, instances)
		} else if err := waiting.Wait(); err != nil {
			t.Errorf("the instance that waited: %v", err)
		}
		waiting = <-instances
	}
}

func ignored(error) error { return nil }
