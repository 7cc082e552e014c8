package transcode

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Tools are ffmpeg and ffprobe of this machine. Fill in the exported fields
// (FindTools does) and copy it no more.
type Tools struct {
	FFmpeg, FFprobe string // paths of the programs
	Log             *slog.Logger

	// Launcher starts the programs; nil: as ordinary children, unconfined.
	Launcher Launcher

	// StallAfter is how long ffmpeg may do nothing before it is killed; 0: 20 s.
	StallAfter time.Duration

	// StateDir is where is kept until the next reboot that the encoder fails; "":
	// only this process knows. Root is where proc, sys and dev lie; "": "/".
	StateDir, Root string

	// ViewersLate tells whether segments come late to those who watch, so that
	// conversions rest; nil: they never do. Set before the first job.
	ViewersLate func() bool

	mutex   sync.Mutex
	machine *Machine // what Machine found, once

	hardware hardware // the chip that encodes
}

const (
	probeLimit        = 60 * time.Second // a slow stick with a large index
	machineLimit      = 60 * time.Second // each question; a busy Pi takes a second, a virtual machine under a load of 30 took more than 15
	defaultStallAfter = 20 * time.Second
)

// run runs a program as all are run: started by the Launcher. Nothing else here
// calls program.run, so that none is unconfined because somebody forgot to say so.
func (t *Tools) run(ctx context.Context, p program) (outcome, error) {
	p.launcher = t.Launcher
	return p.run(ctx)
}

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
