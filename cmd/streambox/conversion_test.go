package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"streambox.local/transcode"
)

// slowPicture fails every job, and takes pictures until it is told to stop.
type slowPicture struct {
	machine transcode.Machine
	taking  atomic.Bool
}

func (s *slowPicture) Machine(context.Context) (transcode.Machine, error) { return s.machine, nil }

func (s *slowPicture) Probe(context.Context, transcode.Input) (transcode.Media, error) {
	return transcode.Media{
		Container: "matroska,webm", DurationSeconds: 60,
		Video: &transcode.Video{Codec: "h264", Profile: "High", PixelFormat: "yuv420p", BitDepth: 8, Width: 640, Height: 360, FramesPerSecond: 25},
	}, nil
}

func (s *slowPicture) Do(context.Context, transcode.Job) error {
	for !s.taking.Load() {
		<-time.After(time.Millisecond)
	}
	return transcode.ErrNotSegmentable
}

func (s *slowPicture) Thumbnail(ctx context.Context, _ transcode.Input, _ transcode.Media) ([]byte, error) {
	s.taking.Store(true)
	defer s.taking.Store(false)
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestNoPictureIsTakenOfAFilmThatFailed(t *testing.T) {
	for name, machine := range map[string]transcode.Machine{
		"converting fails":               {CPUs: 4, H264: true},
		"there is no encoder to convert": {CPUs: 4},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "film.mkv")
			if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
			tools := &slowPicture{machine: machine}
			said := &strings.Builder{}
			c := conversion{tools: tools, out: dir, segment: 4 * time.Second, log: slog.New(slog.NewTextHandler(said, nil))}
			ended := make(chan error, 1)
			go func() {
				_, err := c.file(t.Context(), path, nil)
				if tools.taking.Load() {
					err = nil
				}
				ended <- err
			}()
			select {
			case err := <-ended:
				if err == nil {
					t.Error("a picture is still being taken")
				}
			case <-time.After(10 * time.Second):
				t.Fatal("it waits for a picture that nobody wants")
			}
			left, err := filepath.Glob(filepath.Join(dir, ".*"))
			if err != nil || len(left) > 0 || strings.Contains(said.String(), "No picture") {
				t.Errorf("left %v, said %s, %v", left, said, err)
			}
		})
	}
}
