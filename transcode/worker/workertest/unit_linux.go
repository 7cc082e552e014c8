package workertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"streambox.local/transcode/v4l2sim"
	"streambox.local/transcode/worker"
)

// AttackChild makes the attempts as an ordinary child: all succeed.
func AttackChild(ctx context.Context, program string, at Places) (map[string]string, error) {
	return Attempts(ctx, worker.Plain{}, program, at)
}

// AttackUnit makes the attempts in an instance of this machine's worker unit.
func AttackUnit(ctx context.Context, program string, at Places) (map[string]string, error) {
	return Attempts(ctx, unit(), program, at)
}

func unit() *worker.Unit {
	return &worker.Unit{Socket: worker.SocketPath, Otherwise: nobody{}, Log: slog.New(slog.DiscardHandler)}
}

var errNobody = errors.New("the unit was not used")

// nobody stands where the box has a confined child.
type nobody struct{}

func (nobody) Launch(context.Context, worker.Command) (worker.Process, error) { return nil, errNobody }

// FilmsInUnit reads a film in instances, as the service does, and returns what
// was done and why it failed.
func FilmsInUnit(film string) map[string]string {
	input := []string{"-nostdin", "-v", "error", "-i", "file:/dev/fd/3"}
	outcomes := map[string]string{}
	for what, c := range map[string]worker.Command{
		"probing":                 {Path: "ffprobe", Arguments: []string{"-v", "error", "-show_streams", "file:/dev/fd/3"}},
		"decoding HEVC":           {Path: "ffmpeg", Arguments: append(input[:5:5], "-t", "1", "-f", "framemd5", "pipe:1")},
		"libx264":                 {Path: "ffmpeg", Arguments: append(input[:5:5], "-t", "1", "-c:v", "libx264", "-preset", "ultrafast", "-f", "mpegts", "pipe:1"), Background: true},
		"a run with the encoders": {Path: "ffprobe", Arguments: []string{"-v", "error", "-show_format", "file:/dev/fd/3"}, Hardware: true},
	} {
		said, exit, err := Run(context.Background(), unit(), c, film)
		if err == nil {
			err = exit.Err()
		}
		if err == nil && (len(said.Out) < 100 || exit.User+exit.System == 0 || exit.MaxRSSBytes < 1<<20) {
			err = fmt.Errorf("it wrote %d bytes and took %+v", len(said.Out), exit)
		}
		outcomes[what] = ""
		if err != nil {
			outcomes[what] = fmt.Sprintf("%v: %s", err, said.Err)
		}
	}
	outcomes["a film that the worker's user may not read"] = closedFilm()
	return outcomes
}

// BuildChip makes an ffmpeg with the simulated encoder in dir, which will be at
// the place named when it is run; its programs are in dir/bin.
func BuildChip(ctx context.Context, dir, at string) error {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err == nil {
		_, err = v4l2sim.Confined(ctx, dir, at, ffmpeg, nil)
	}
	return err
}

// ChipInUnit converts a film by h264_v4l2m2m in an instance, by that ffmpeg, which
// is the first on its path, and returns why that failed ("": it did not).
func ChipInUnit(film string) map[string]string {
	said, exit, err := Run(context.Background(), unit(), worker.Command{Path: "ffmpeg", Hardware: true, Background: true, Arguments: []string{
		"-nostdin", "-v", "error", "-i", "file:/dev/fd/3", "-t", "1", "-vf", "scale=768:416,format=yuv420p", "-c:v", "h264_v4l2m2m", "-b:v", "2M", "-an", "-f", "mpegts", "pipe:1",
	}}, film)
	if err == nil {
		err = exit.Err()
	}
	// libx264 signs what it makes, the device does not.
	if err == nil && (len(said.Out) < 1000 || bytes.Contains(said.Out, []byte("x264 - core"))) {
		err = fmt.Errorf("it wrote %d bytes", len(said.Out))
	}
	if err != nil {
		return map[string]string{"a conversion by the encoder": fmt.Sprintf("%v: %s", err, said.Err)}
	}
	return map[string]string{"a conversion by the encoder": ""}
}

// costRuns are enough for one of them to be undisturbed.
const costRuns = 20

// Cost tells how long the quickest of some probes takes on this machine, as an
// ordinary child of ours and in an instance.
func Cost(film string) map[string]string {
	said := map[string]string{}
	for name, launcher := range map[string]worker.Launcher{"child": worker.Plain{}, "unit": unit()} {
		best := time.Hour
		for range costRuns {
			begin := time.Now()
			if _, _, err := Run(context.Background(), launcher, worker.Command{Path: "ffprobe", Arguments: []string{"-v", "error", "-show_streams", "file:/dev/fd/3"}}, film); err != nil {
				said[name] = err.Error()
			}
			best = min(best, time.Since(begin))
		}
		if said[name] == "" {
			said[name] = best.Round(time.Millisecond / 10).String()
		}
	}
	return said
}

// closedFilm: the box must be told, so that it can read the film itself.
func closedFilm() string {
	closed := filepath.Join(os.TempDir(), "closed.mkv")
	if err := os.WriteFile(closed, []byte("closed"), 0o600); err != nil {
		return err.Error()
	}
	defer os.Remove(closed)
	_, _, err := Run(context.Background(), unit(), worker.Command{Path: "ffprobe", Arguments: []string{"-v", "error", "file:/dev/fd/3"}}, closed)
	if !errors.Is(err, errNobody) {
		return fmt.Sprintf("instead of a word of it: %v", err)
	}
	return ""
}
