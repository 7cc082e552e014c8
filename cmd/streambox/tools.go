package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"streambox.local/transcode"
	"streambox.local/transcode/publish"
	"streambox.local/transcode/worker"
)

// mediaTools is what convert and probe need of transcode; *transcode.Tools has it.
type mediaTools interface {
	Machine(ctx context.Context) (transcode.Machine, error)
	Probe(ctx context.Context, in transcode.Input) (transcode.Media, error)
	Do(ctx context.Context, job transcode.Job) error
	Thumbnail(ctx context.Context, in transcode.Input, m transcode.Media) ([]byte, error)
}

// openTools finds ffmpeg.
func (a *app) openTools(s settings) (mediaTools, *slog.Logger, error) {
	log := slog.New(slog.DiscardHandler) // what fails is said as a sentence
	if s.from["log-level"] != "default" {
		log = newLog(a.stderr, s, nil)
	}
	tools, err := transcode.FindTools(log)
	if err != nil {
		return nil, nil, err // a sentence already
	}
	if err = worker.CloseMemory(); err != nil {
		return nil, nil, err
	}
	tools.Launcher = worker.Choose("", log) // who runs this by hand reads films as a child
	return tools, log, nil
}

// errEmpty is a file without a byte: nothing to convert, and to a probe an answer.
var errEmpty = errors.New("is empty")

// checkInput says in a sentence why a path is no film, as far as that shows
// without reading it.
func checkInput(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return errors.New(cause(err))
	case info.IsDir():
		return errors.New("is a folder; name the films in it, for instance with " + path + "/*")
	case !info.Mode().IsRegular():
		return errors.New("is not a file")
	case info.Size() == 0:
		return errEmpty
	}
	file, err := os.Open(path)
	if err != nil {
		return errors.New(cause(err))
	}
	return file.Close()
}

// film is the input at a path. A link that a person names is followed; below a
// stick none is.
func film(path string) transcode.Input {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	return transcode.FileInput(path)
}

// sentence is what a person at the command line reads of an error.
func sentence(err error) string {
	if refusal, ok := errors.AsType[*transcode.Refusal](err); ok {
		return refusal.Reason.Text
	}
	switch {
	case errors.Is(err, publish.ErrNoSpace), errors.Is(err, syscall.ENOSPC):
		return "the disk is full; make room or choose another place with --out"
	case errors.Is(err, syscall.EROFS):
		return "the disk can only be read; choose another place with --out"
	case errors.Is(err, transcode.ErrNotSegmentable):
		return "cannot be cut into segments"
	case errors.Is(err, fs.ErrPermission):
		return "not allowed: " + err.Error()
	}
	return err.Error()
}
