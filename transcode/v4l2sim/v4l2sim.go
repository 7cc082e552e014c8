// Package v4l2sim is test equipment: the H.264 encoder of a Raspberry Pi for
// machines that have none, which an unmodified ffmpeg uses as it would the real
// one, and which fails when and how it is told to. README.md beside this file is
// its manual. Nothing of it is part of the program.
package v4l2sim

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

//go:embed device/v4l2sim.c
var source []byte

// ErrMissing is a machine that cannot compile the device; its text says what mends it.
var ErrMissing = errors.New("cc or libx264's header is missing (apt-get install gcc libc6-dev libx264-dev)")

// Build compiles the device into dir and returns the library to be preloaded.
func Build(ctx context.Context, dir string) (library string, err error) {
	if _, err = exec.LookPath("cc"); err != nil {
		return "", ErrMissing
	}
	file := filepath.Join(dir, "v4l2sim.c")
	if err = os.WriteFile(file, source, 0o600); err != nil {
		return "", fmt.Errorf("write the device's source: %w", err)
	}
	library = filepath.Join(dir, "v4l2sim.so")
	out, err := exec.CommandContext(ctx, "cc", "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, file,
		"-ldl", "-lpthread", "-lx264").CombinedOutput()
	switch {
	case strings.Contains(string(out), "x264.h: No such file"):
		return "", ErrMissing
	case err != nil:
		return "", fmt.Errorf("compile the device: %w\n%s", err, out)
	}
	return library, nil
}

// Program is an ffmpeg with the device: a script in dir that stands in for it.
// Programs get none of our environment, so what the device is told is in there.
// run are the words that start ffmpeg: its path, or a loader's before it.
func Program(dir, library string, told map[string]string, run ...string) (path string, err error) {
	var script strings.Builder
	script.WriteString("#!/bin/sh\n")
	for name, value := range told {
		fmt.Fprintf(&script, "export %s=%s\n", name, quoted(value))
	}
	words := slices.Clone(run)
	for i, w := range words {
		words[i] = quoted(w)
	}
	fmt.Fprintf(&script, "export LD_PRELOAD=%s\nexec %s \"$@\"\n", quoted(library), strings.Join(words, " "))
	path = filepath.Join(dir, "ffmpeg")
	// A program that another thread starts meanwhile would inherit the open file, and
	// what is open for writing cannot be run.
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err = os.WriteFile(path, []byte(script.String()), 0o700); err != nil { //nolint:gosec // a program
		return "", fmt.Errorf("write the script: %w", err)
	}
	return path, nil
}

func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
