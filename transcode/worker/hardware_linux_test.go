package worker_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"streambox.local/transcode/worker"
	"streambox.local/transcode/worker/workertest"
)

// What opens devices for writing could open films so: with Landlock it cannot,
// without it is not started, neither by us nor, if it came to that, by its stage.
func TestAHostileFilmWithTheEncoder(t *testing.T) {
	program := standIn(t)
	hardware := func(l worker.Launcher) worker.Launcher { return withEncoder{l} }
	t.Run("with Landlock", func(t *testing.T) {
		if layer(t, worker.Layers(t.Context()), "landlock").State != worker.Active {
			t.Skip("not run here: this kernel has no Landlock")
		}
		for what, why := range attempts(t, hardware(worker.NewChild()), program) {
			if (why == "") != workertest.Needed(what) {
				t.Errorf("%s: %q", what, why)
			}
		}
	})
	t.Run("without", func(t *testing.T) {
		_, err := workertest.Attempts(t.Context(), hardware(worker.NewBareChild()), program, workertest.PlacesIn(t.TempDir()))
		if !errors.Is(err, worker.ErrNoDevices) || !errors.Is(err, worker.ErrNotStarted) {
			t.Errorf("got %v", err)
		}
		stage := exec.CommandContext(t.Context(), "/proc/self/exe", "helper", "worker", "run", "-hardware", "-bare", "--", program)
		if out, err := stage.CombinedOutput(); err == nil || !strings.Contains(string(out), worker.ErrNoDevices.Error()) {
			t.Errorf("its stage: %v: %s", err, out)
		}
	})
	t.Run("without, in the unit, whose user owns nothing", func(t *testing.T) {
		said, exit := run(t, hardware(worker.NewContainedBareChild()), worker.Command{Path: program, Arguments: []string{"only=computing by many threads"}})
		if !exit.Success() {
			t.Errorf("%+v: %s", exit, said.Err)
		}
	})
	t.Run("without, and without the encoder", func(t *testing.T) {
		for what, why := range attempts(t, worker.NewBareChild(), program) {
			if (why == "") != workertest.Needed(what) && !workertest.ByLandlock(what) {
				t.Errorf("%s: %q", what, why)
			}
		}
	})
}

type withEncoder struct{ worker.Launcher }

func (l withEncoder) Launch(ctx context.Context, c worker.Command) (worker.Process, error) {
	c.Hardware = true
	return l.Launcher.Launch(ctx, c)
}

// The box has no rights of root's in the service, and must find itself in /proc
// all the same; who has its user, and no rights either, must not.
func TestClosedMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts this program again, which -short leaves out (and qemu-user cannot)")
	}
	again := exec.CommandContext(t.Context(), "/proc/self/exe", "-test.run=^TestClosedMemory$")
	again.Env, again.Dir = append(os.Environ(), "CLOSED_MEMORY=of whom"), "/"
	switch of := os.Getenv("CLOSED_MEMORY"); of {
	case "":
		again.Env[len(again.Env)-1] = "CLOSED_MEMORY=ours"
		if os.Geteuid() == 0 {
			again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		}
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	case "ours":
		if err := looksInto(os.Getppid()); os.Getuid() == 65534 && err == nil { // root's
			t.Error("a stranger can look into it")
		}
		if err := again.Run(); err == nil {
			t.Error("before it is closed, who is started cannot look into it: this proves nothing")
		}
		if err := worker.CloseMemory(); err != nil {
			t.Fatal(err)
		}
		again = exec.CommandContext(t.Context(), "/proc/self/exe", again.Args[1:]...)
		again.Env, again.Dir = append(os.Environ(), "CLOSED_MEMORY=the parent's"), "/"
		if out, err := again.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		file, err := os.Open("/proc/self/mountinfo")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		poll := []unix.PollFd{{Fd: int32(file.Fd()), Events: unix.POLLPRI}}
		if _, err := unix.Poll(poll, 0); err != nil || poll[0].Revents&unix.POLLNVAL != 0 {
			t.Errorf("waiting for mounts: %v, %+v", err, poll)
		}
		for _, name := range []string{"/proc/self/mountinfo", "/proc/self/status", fmt.Sprintf("/proc/self/fd/%d", file.Fd())} {
			if data, err := os.ReadFile(name); err != nil || len(data) == 0 {
				t.Errorf("%s: %d bytes, %v", name, len(data), err)
			}
		}
	default:
		if err := looksInto(os.Getppid()); err == nil {
			t.Error("the parent's memory can be opened")
		}
	}
}

func looksInto(pid int) error {
	file, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return file.Close()
}
