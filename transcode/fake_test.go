package transcode

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test program is its own fake ffmpeg: started with this variable set it
// behaves badly in the way the variable names.
const fakeVariable = "STREAMBOX_FAKE_FFMPEG"

// filmVariable names an MPEG-TS that some of the fakes write before they misbehave.
const filmVariable = "STREAMBOX_FAKE_FILM"

func TestMain(m *testing.M) {
	if how := os.Getenv(fakeVariable); how != "" {
		os.Exit(fake(how))
	}
	os.Exit(m.Run())
}

func fake(how string) int {
	// What Machine asks is answered well, so that the run itself is reached.
	switch os.Args[len(os.Args)-1] {
	case "-encoders":
		_, _ = os.Stdout.WriteString(" V....D libx264  H.264\n")
		return 0
	case "-filters":
		return 0
	case "-codecs":
		_, _ = os.Stdout.WriteString(" DEV.LS h264  H.264\n DEAI.S aac  AAC\n DEV.L. hevc HEVC\n")
		return 0
	}
	switch how {
	case "hang":
		hang()
	case "ignore-sigterm":
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		hang()
	case "flood-stderr":
		for i := range 200_000 {
			fmt.Fprintf(os.Stderr, "line %d: something is wrong with this file, and it is told again and again\n", i)
		}
		return 1
	case "flood-stdout":
		line := []byte(strings.Repeat("x", 1<<16))
		for {
			if _, err := os.Stdout.Write(line); err != nil {
				return 1
			}
		}
	case "exit-1":
		fmt.Fprintln(os.Stderr, "[error] file:/dev/fd/3: Invalid data found when processing input")
		return 1
	case "exit-memory":
		fmt.Fprintln(os.Stderr, "[error] Cannot allocate memory")
		return 1
	case "exit-0":
		return 0
	case "segfault":
		// Go's runtime would make an exit status of it.
		_ = syscall.Exec("/bin/sh", []string{"sh", "-c", "kill -SEGV $$"}, nil)
	case "killed":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		hang()
	case "grandchild":
		child := exec.Command("/bin/sh", "-c", "trap '' TERM HUP; while :; do sleep 1; done")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			return 2
		}
		_, _ = os.Stdout.WriteString(strconv.Itoa(child.Process.Pid))
		hang()
	case "orphan": // ends well, its child lives on and holds the pipes
		child := exec.Command("/bin/sh", "-c", "trap '' TERM HUP; while :; do sleep 1; done")
		child.Stdout, child.Stderr = os.Stdout, os.Stderr
		if err := child.Start(); err != nil {
			return 2
		}
		_, _ = os.Stdout.WriteString(strconv.Itoa(child.Process.Pid))
		return 0
	case "progress":
		out := os.NewFile(firstDescriptor, "progress")
		for i := range 8 {
			fmt.Fprintf(out, "frame=%d\nout_time_us=%d\nspeed=2.0x\nprogress=continue\n", i, i*1_000_000)
			<-time.After(60 * time.Millisecond)
		}
		return 0
	case "film-then-hang", "film-then-exit-1", "film-then-killed", "film-then-memory":
		film, err := os.Open(os.Getenv(filmVariable))
		if err != nil {
			return 2
		}
		if _, err = io.Copy(os.Stdout, film); err != nil {
			return 2
		}
		switch how {
		case "film-then-hang":
			hang()
		case "film-then-killed":
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			hang()
		case "film-then-memory":
			fmt.Fprintln(os.Stderr, "[error] Cannot allocate memory")
		}
		return 1
	case "closes-stdout-and-hangs":
		_ = os.Stdout.Close()
		hang()
	case "parent": // dies while its child hangs
		_ = os.Setenv(fakeVariable, "tell-and-hang")
		_, _ = program{path: os.Args[0], consume: func(r io.Reader) error {
			buffer := make([]byte, 32)
			n, _ := r.Read(buffer)
			_, _ = os.Stdout.Write(buffer[:n])
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			return nil
		}}.run(context.Background())
	case "tell-and-hang":
		_, _ = os.Stdout.WriteString(strconv.Itoa(os.Getpid()))
		hang()
	case "same-progress": // talks, but about nothing new
		out := os.NewFile(firstDescriptor, "progress")
		for {
			if _, err := fmt.Fprint(out, "frame=7\nout_time_us=7\nspeed=2.0x\nprogress=continue\n"); err != nil {
				return 1
			}
			<-time.After(30 * time.Millisecond)
		}
	}
	return 3
}

func hang() {
	for {
		<-time.After(time.Hour)
	}
}

// impatience is enough for a fake that does nothing at all.
const impatience = 400 * time.Millisecond

// fakeTools are tools that behave as how says, with a short patience for those
// that hang, and more than a busy machine needs for the others.
func fakeTools(t *testing.T, how string) *Tools {
	t.Helper()
	t.Setenv(fakeVariable, how)
	t.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector else holds every fake for a second
	patience := time.Minute
	switch how {
	case "hang", "ignore-sigterm", "grandchild", "same-progress", "closes-stdout-and-hangs", "film-then-hang":
		patience = impatience
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &Tools{FFmpeg: self, FFprobe: self, Log: slog.New(slog.DiscardHandler), StallAfter: patience}
}
