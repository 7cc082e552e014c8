// Command chip makes an ffmpeg with the simulated encoder, for a box that is run
// by hand or by the end-to-end tests: DIR/bin goes in front of PATH.
//
//	go run ./transcode/v4l2sim/chip DIR [NAME=value]…
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"streambox.local/transcode/v4l2sim"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "chip:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("the folder to make it in is missing")
	}
	dir, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	told := map[string]string{}
	for _, word := range args[1:] {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return fmt.Errorf("%q is no NAME=value", word)
		}
		told[name] = value
	}
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		return err
	}
	path, err := v4l2sim.Confined(ctx, dir, "", ffmpeg, told)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(os.Stdout, path)
	return err
}
