package boxtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// State is what `streambox doctor --check-state --json` says in figures.
type State struct {
	ChosenName                                                     string
	ResumePoints, KnownFiles, Titles, Finished, Begun, HalfWritten int
	Segments                                                       int
}

// checkWait bounds a program that looks at an image of some megabytes.
const checkWait = 2 * time.Minute

// Whole looks at an ext4 image of a state folder as a start of the box finds it:
// repaired as at boot, read without mounting, and checked by the program's own
// rules. dir becomes the state folder.
func Whole(program, dir, image string) (State, error) {
	if err := Sound(image); err != nil {
		return State{}, err
	}
	if err := Extract(image, dir); err != nil {
		return State{}, err
	}
	return CheckState(program, dir)
}

// CheckState asks the program about a state folder.
func CheckState(program, dir string) (State, error) {
	var answer struct {
		State  State
		Checks []struct{ Name, State, Detail string }
	}
	out, runErr := run(program, "doctor", "--check-state", "--json", "--config", os.DevNull, "--data", dir)
	if err := json.Unmarshal(out, &answer); err != nil {
		return State{}, fmt.Errorf("the check says %.500s: %w", out, errors.Join(err, runErr))
	}
	for _, c := range answer.Checks {
		if c.State == "broken" {
			return answer.State, fmt.Errorf("%s: %s", c.Name, c.Detail)
		}
	}
	return answer.State, runErr
}

// Sound mends an ext4 image as a start of the card does (prepare, in image/card/overlay):
// by e2fsck -p, which replays the journal; where that does not even find a superblock,
// as when the write of it was torn, by e2fsck -f -y, which takes a copy of it. Then
// there must be no fault in it.
func Sound(image string) error {
	code, out, err := e2fsck("-p", image)
	if err != nil {
		return err
	}
	const operational = 8 // fsck(8): nothing was looked at
	if code == operational {
		if code, out, err = e2fsck("-f", "-y", image); err != nil {
			return err
		}
	}
	const corrected = 1               // fsck(8): errors were corrected, as a start does by itself
	if code < 0 || code > corrected { // < 0: it was ended
		return fmt.Errorf("e2fsck: exit status %d: %.500s", code, out)
	}
	if code, out, err = e2fsck("-fn", image); err == nil && code != 0 {
		err = fmt.Errorf("e2fsck -fn: exit status %d: %.500s", code, out)
	}
	return err
}

// e2fsck runs it; err is about running it at all.
func e2fsck(args ...string) (code int, out []byte, err error) {
	out, err = run("e2fsck", args...)
	if e, ended := errors.AsType[*exec.ExitError](err); ended {
		return e.ExitCode(), out, nil
	}
	return 0, out, err
}

// Extract copies the files of a sound ext4 image to dir, without mounting it.
func Extract(image, dir string) error {
	if out, err := run("debugfs", "-R", "rdump / "+dir, image); err != nil {
		return fmt.Errorf("reading the image: %w: %.500s", err, out)
	}
	return nil
}

// run returns what a program wrote to its standard output, or, when it failed and wrote nothing there, to the other one.
func run(name string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), checkWait)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	var out, other bytes.Buffer
	c.Stdout, c.Stderr = &out, &other
	// What is for the test would be a setting that the program does not know.
	c.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "STREAMBOX_") })
	err := c.Run()
	if err != nil && out.Len() == 0 {
		return other.Bytes(), err
	}
	return out.Bytes(), err
}
