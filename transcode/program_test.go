package transcode

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"streambox.local/transcode/worker"
)

func discard(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

// gone waits until no process of that number runs.
func gone(t *testing.T, pid int) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	for {
		// A zombie whose new parent has not reaped it yet is dead too.
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("process %d still runs", pid)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestRunEndsWhatDoesNotEnd(t *testing.T) {
	for _, how := range []string{"hang", "ignore-sigterm", "grandchild", "closes-stdout-and-hangs"} {
		t.Run(how+" is killed when it is cancelled", func(t *testing.T) {
			tools := fakeTools(t, how)
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(300*time.Millisecond, cancel)
			_, err := program{path: tools.FFmpeg, consume: discard}.run(ctx)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the cancellation", err)
			}
		})
		t.Run(how+" is killed when it stalls", func(t *testing.T) {
			tools := fakeTools(t, how)
			_, err := program{path: tools.FFmpeg, consume: discard, life: newLiveness(time.Now, tools.StallAfter)}.run(t.Context())
			if !errors.Is(err, ErrStalled) {
				t.Errorf("got %v, want a stall", err)
			}
		})
	}
	t.Run("talking without progress is a stall too", func(t *testing.T) {
		tools := fakeTools(t, "same-progress")
		life := newLiveness(time.Now, tools.StallAfter)
		m := &meter{life: life, now: time.Now}
		_, err := program{path: tools.FFmpeg, consume: discard, progress: m.read, life: life}.run(t.Context())
		if !errors.Is(err, ErrStalled) {
			t.Errorf("got %v, want a stall", err)
		}
	})
}

func TestRunLeavesNoGrandchildren(t *testing.T) {
	for _, how := range []string{"grandchild", "orphan"} {
		t.Run(how, func(t *testing.T) {
			tools := fakeTools(t, how)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var pid atomic.Int64
			_, err := program{path: tools.FFmpeg, consume: func(r io.Reader) error {
				buffer := make([]byte, 32)
				n, _ := r.Read(buffer)
				number, err := strconv.Atoi(strings.TrimSpace(string(buffer[:n])))
				if err != nil {
					return err
				}
				pid.Store(int64(number))
				if how == "grandchild" {
					cancel()
				}
				return discard(r)
			}}.run(ctx)
			if how == "orphan" && err != nil {
				t.Errorf("the program itself ended well, got %v", err)
			}
			if pid.Load() == 0 {
				t.Fatal("the grandchild did not start")
			}
			gone(t, int(pid.Load()))
		})
	}
}

func TestNothingOutlivesUs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("not run here: only Linux ends children with their parent")
	}
	tools := fakeTools(t, "parent")
	out, err := exec.CommandContext(t.Context(), tools.FFmpeg).Output()
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.Success() {
		t.Fatalf("the parent was not killed: %v", err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	gone(t, pid)
}

func TestRunBoundsWhatIsPrinted(t *testing.T) {
	t.Run("stderr", func(t *testing.T) {
		tools := fakeTools(t, "flood-stderr")
		result, err := program{path: tools.FFmpeg, consume: discard}.run(t.Context())
		if _, ok := errors.AsType[*worker.ExitError](err); !ok {
			t.Errorf("got %v, want an exit status", err)
		}
		if len(result.stderr) > headBytes+tailBytes+16 || !strings.HasPrefix(result.stderr, "line 0:") || !strings.Contains(result.stderr, "line 199999:") {
			t.Errorf("%d bytes are kept: not the start and the end", len(result.stderr))
		}
	})
	t.Run("stdout", func(t *testing.T) {
		tools := fakeTools(t, "flood-stdout")
		_, err := program{path: tools.FFmpeg, consume: func(r io.Reader) error {
			_, err := readBounded(r, 1<<20)
			return err
		}}.run(t.Context())
		if !errors.Is(err, errTooMuch) {
			t.Errorf("got %v, want errTooMuch", err)
		}
	})
}

func TestRunAfterItsContextStartsNothing(t *testing.T) {
	tools := fakeTools(t, "hang")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (program{path: tools.FFmpeg, consume: discard}).run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := (program{path: "/nonexistent/ffmpeg", consume: discard}).run(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a missing program: got %v", err)
	}
}

// A slow card must not look like a stalled encoder.
func TestBackPressureIsNoStall(t *testing.T) {
	tools := fakeTools(t, "progress")
	_, err := program{path: tools.FFmpeg, consume: func(r io.Reader) error {
		buffer := make([]byte, 1)
		for {
			if _, err := r.Read(buffer); err != nil {
				return nil //nolint:nilerr // the end
			}
		}
	}, progress: func(r io.Reader) { _, _ = io.Copy(io.Discard, r) }, life: newLiveness(time.Now, time.Hour)}.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	tools = fakeTools(t, "flood-stdout")
	life := newLiveness(time.Now, impatience)
	enough := errors.New("enough")
	_, err = program{path: tools.FFmpeg, life: life, consume: func(r io.Reader) error {
		if _, readErr := r.Read(make([]byte, 1)); readErr != nil {
			return readErr
		}
		<-time.After(4 * impatience) // the publisher's card is slow; the pipe is full
		return enough
	}}.run(t.Context())
	if !errors.Is(err, enough) {
		t.Errorf("got %v, want the reader's own end", err)
	}
}

func TestProgressIsReported(t *testing.T) {
	tools := fakeTools(t, "progress")
	var seen []Progress
	m := &meter{duration: 10, now: time.Now, report: func(p Progress) { seen = append(seen, p) }, life: newLiveness(time.Now, time.Hour)}
	if _, err := (program{path: tools.FFmpeg, consume: discard, progress: m.read}).run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(seen) < 2 || len(seen) > 4 {
		t.Fatalf("8 reports 60 ms apart became %d: %+v", len(seen), seen)
	}
	if last := seen[len(seen)-1]; last.Fraction <= 0 || last.Speed != 2 || last.SecondsLeft <= 0 {
		t.Errorf("got %+v", last)
	}
}

func TestFindToolsSaysHowToMendIt(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := FindTools(nil)
	if err == nil || !strings.Contains(err.Error(), "apt-get install ffmpeg") {
		t.Errorf("got %v", err)
	}
}

func TestMachineIsBoundedAndSaysWhatIsWrong(t *testing.T) {
	self := fakeTools(t, "exit-0")
	machine, err := self.Machine(t.Context())
	if err != nil || !machine.H264 || machine.ToneMap || !machine.Decodes("aac") || machine.Decodes("vvc") {
		t.Errorf("got %+v, %v", machine, err)
	}
	self.FFmpeg = "/nonexistent/ffmpeg"
	if _, err := self.Machine(t.Context()); err != nil {
		t.Errorf("it is asked once: %v", err)
	}
	if _, err := (&Tools{FFmpeg: "/nonexistent/ffmpeg"}).Machine(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestProgramsGetNoEnvironmentOfOurs(t *testing.T) {
	tools := fakeTools(t, "tell-environment")
	t.Setenv("FFREPORT", "file="+t.TempDir()+"/report.log")
	t.Setenv("http_proxy", "http://127.0.0.1:9/")
	var told []byte
	_, err := program{path: tools.FFmpeg, consume: func(r io.Reader) (err error) {
		told, err = readBounded(r, 1<<16)
		return err
	}}.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(told)) {
		switch name, _, _ := strings.Cut(line, "="); name {
		case "PATH", "LC_ALL", "AV_LOG_FORCE_NOCOLOR":
		default:
			t.Errorf("a program is given %s", strings.TrimSpace(line))
		}
	}
	if !strings.Contains(string(told), "LC_ALL=C") {
		t.Errorf("a program is given %q, without LC_ALL", told)
	}
}
