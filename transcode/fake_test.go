package transcode

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"streambox.local/transcode/worker"
)

// The test program is its own fake ffmpeg: started by a link whose name begins
// so, it behaves badly in the way the rest of the name says. (Not by a variable:
// programs get none of ours.)
const fakePrefix = "fake-ffmpeg-"

// fakeFilm, beside the link, is an MPEG-TS that some of the fakes write before they misbehave.
const fakeFilm = "film.ts"

func TestMain(m *testing.M) {
	if how, ok := strings.CutPrefix(filepath.Base(os.Args[0]), fakePrefix); ok {
		syscall.Exit(fake(how)) // at once: with os.Exit the race detector holds every fake for a second
	}
	if worker.Asked(os.Args) {
		syscall.Exit(worker.Main(os.Args))
	}
	os.Exit(m.Run())
}

func fake(how string) int {
	// What Machine asks is answered well, so that the run itself is reached.
	switch os.Args[len(os.Args)-1] {
	case "-encoders":
		_, _ = os.Stdout.WriteString(" V....D libx264  H.264\n V....D libx265  H.265\n")
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
		film, err := os.Open(filepath.Join(filepath.Dir(os.Args[0]), fakeFilm))
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
		link, err := linkFake(filepath.Dir(os.Args[0]), "tell-and-hang")
		if err != nil {
			return 2
		}
		_, _ = program{path: link, consume: func(r io.Reader) error {
			buffer := make([]byte, 32)
			n, _ := r.Read(buffer)
			_, _ = os.Stdout.Write(buffer[:n])
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			return nil
		}}.run(context.Background())
	case "tell-environment":
		_, _ = os.Stdout.WriteString(strings.Join(os.Environ(), "\n"))
		return 0
	case "tell-and-hang":
		_, _ = os.Stdout.WriteString(strconv.Itoa(os.Getpid()))
		hang()
	case "chip-exits", "chip-breaks-pictures":
		return fakeChip(how)
	case decodesWell, decodesInSoftware, decodesGarbled, decodesAWhile:
		return fakeDecoder(how)
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
	if testing.Short() {
		t.Skip("not run here: starts this test program again, which -short leaves out (and qemu-user cannot)")
	}
	patience := time.Minute
	switch how {
	case "hang", "ignore-sigterm", "grandchild", "same-progress", "closes-stdout-and-hangs", "film-then-hang":
		patience = impatience
	}
	link, err := linkFake(t.TempDir(), how)
	if err != nil {
		t.Fatal(err)
	}
	return &Tools{FFmpeg: link, FFprobe: link, Log: slog.New(slog.DiscardHandler), StallAfter: patience}
}

func linkFake(dir, how string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	link := filepath.Join(dir, fakePrefix+how)
	return link, os.Symlink(self, link)
}
