package transcode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Tools are ffmpeg and ffprobe of this machine. Fill in the exported fields
// (FindTools does) and copy it no more.
type Tools struct {
	FFmpeg, FFprobe string // paths of the programs
	Log             *slog.Logger

	// StallAfter is how long ffmpeg may do nothing before it is killed; 0: 20 s.
	StallAfter time.Duration

	mutex   sync.Mutex
	machine *Machine // what Machine found, once

	hardware  sync.Mutex        // for what follows
	condemned map[Encoder]error // and why
	chip      chan struct{}     // full: in use
}

const (
	probeLimit        = 60 * time.Second // a slow stick with a large index
	machineLimit      = 15 * time.Second // each question; a busy Pi takes a second
	defaultStallAfter = 20 * time.Second
)

// FindTools looks the programs up in PATH. Its error is a sentence for people.
func FindTools(log *slog.Logger) (*Tools, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	t := &Tools{Log: log}
	for _, tool := range []struct {
		name string
		path *string
	}{{"ffmpeg", &t.FFmpeg}, {"ffprobe", &t.FFprobe}} {
		path, err := exec.LookPath(tool.name)
		if err != nil {
			return nil, fmt.Errorf("%s is missing: install it with \"sudo apt-get install ffmpeg\" (%w)", tool.name, err)
		}
		*tool.path = path
	}
	return t, nil
}

// Version is ffmpeg's own, for example "5.1.9-0+deb12u1".
func (t *Tools) Version(ctx context.Context) (string, error) {
	text, err := t.ask(ctx, "-version")
	if err != nil {
		return "", err
	}
	fields := strings.Fields(text)
	if len(fields) < 3 || fields[1] != "version" {
		return "", errors.New("ffmpeg does not say its version")
	}
	return fields[2], nil
}

// Machine asks ffmpeg what it can do, once; later calls return the same. It is
// bounded in time. A hardware encoder, which is listed on machines that do not
// have it too, will be tried here before it counts.
func (t *Tools) Machine(ctx context.Context) (Machine, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.machine != nil {
		return *t.machine, nil
	}
	var encoders, filters, codecs string
	group, ctx := errgroup.WithContext(ctx)
	for question, answer := range map[string]*string{"-encoders": &encoders, "-filters": &filters, "-codecs": &codecs} {
		group.Go(func() (err error) { // side by side: starting ffmpeg is what takes time
			*answer, err = t.ask(ctx, question)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Machine{}, err
	}
	has := listed(filters)
	t.machine = &Machine{
		CPUs:     runtime.NumCPU(),
		ToneMap:  has["zscale"] && has["tonemap"],
		Decoders: decodable(codecs),
	}
	if listed(encoders)[string(X264)] {
		t.machine.Encoders = append(t.machine.Encoders, X264)
	}
	t.machine.H264 = len(t.machine.Encoders) > 0
	return *t.machine, nil
}

// listed reads the second column of ffmpeg's lists.
func listed(list string) map[string]bool {
	names := make(map[string]bool)
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) > 1 {
			names[fields[1]] = true
		}
	}
	return names
}

// decodable reads "-codecs": " DEV.LS h264  H.264 …", D for decodable.
func decodable(list string) map[string]bool {
	names := make(map[string]bool)
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) > 1 && len(fields[0]) == 6 && fields[0][0] == 'D' && fields[1] != "=" {
			names[fields[1]] = true
		}
	}
	return names
}

// ask runs ffmpeg with one question and returns its answer.
func (t *Tools) ask(ctx context.Context, question string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, machineLimit)
	defer cancel()
	var answer []byte
	_, err := program{
		path: t.FFmpeg,
		args: []string{"-nostdin", "-hide_banner", "-v", "error", question},
		consume: func(r io.Reader) (err error) {
			answer, err = readBounded(r, 1<<20)
			return err
		},
	}.run(ctx)
	if err != nil {
		return "", fmt.Errorf("ask ffmpeg for %s: %w", question, err)
	}
	return string(answer), nil
}
