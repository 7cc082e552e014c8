// Package workertest attacks what confines ffmpeg: a stand-in takes ffmpeg's
// place and tries what a film that has taken it over would try. The same attempts
// are made on a child (package worker's tests) and on the unit (those of systemd/).
package workertest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"streambox.local/transcode/worker"
)

// Needed tells what a program must be able to do; everything else that is tried
// must fail inside.
func Needed(what string) bool {
	return slices.Contains([]string{"reading the film", "computing by many threads", "a gigabyte of memory"}, what)
}

// ByLandlock tells what a child is kept from by Landlock alone. On a kernel
// without it that is left to the unit.
func ByLandlock(what string) bool {
	return slices.Contains([]string{"reading the state folder", "listing a home", "reading another film of the stick", "looking at the parent's memory"}, what)
}

// Build makes the stand-in, without the race detector: that needs more
// addresses than a confined program gets.
func Build(ctx context.Context, path string) error {
	build := exec.CommandContext(ctx, "go", "build", "-o", path, "streambox.local/transcode/worker/workertest/testdata/standin")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build the stand-in: %w: %s", err, out)
	}
	return nil
}

// Places are folders for what is attacked. Everybody may read and write in them,
// so that a failure is the confinement's.
type Places struct{ Stick, State, Home, Elsewhere string }

// PlacesIn are folders in dir.
func PlacesIn(dir string) Places {
	return Places{filepath.Join(dir, "stick"), filepath.Join(dir, "state"), filepath.Join(dir, "home"), filepath.Join(dir, "elsewhere")}
}

func (p Places) prepare() error {
	for _, name := range []string{p.film(), p.neighbour(), p.settings(), filepath.Join(p.Home, "diary"), p.name()} {
		err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.Chmod(filepath.Dir(name), 0o777), //nolint:gosec // to be attacked
			os.WriteFile(name, []byte(name), 0o666), os.Chmod(name, 0o666)) //nolint:gosec // as above
		if err != nil {
			return fmt.Errorf("prepare an attack: %w", err)
		}
	}
	return nil
}

func (p Places) film() string      { return filepath.Join(p.Stick, "film.mkv") }
func (p Places) neighbour() string { return filepath.Join(p.Stick, "neighbour.mkv") }
func (p Places) settings() string  { return filepath.Join(p.State, "settings") }
func (p Places) name() string      { return filepath.Join(p.Elsewhere, "name") }

// Attempts prepares the places, lets the stand-in loose and returns what it tried
// and why that failed ("": it succeeded). more are arguments for it.
func Attempts(ctx context.Context, launcher worker.Launcher, program string, at Places, more ...string) (map[string]string, error) {
	if err := at.prepare(); err != nil {
		return nil, err
	}
	var config net.ListenConfig
	tcp, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("prepare an attack: %w", err)
	}
	defer tcp.Close()
	udp, err := config.ListenPacket(ctx, "udp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("prepare an attack: %w", err)
	}
	defer udp.Close()
	session := filepath.Join(at.Elsewhere, "bus")
	bus, err := config.Listen(ctx, "unix", session)
	if err != nil {
		return nil, fmt.Errorf("prepare an attack: %w", err)
	}
	defer bus.Close()
	if err = os.Chmod(session, 0o777); err != nil { //nolint:gosec // to be attacked
		return nil, fmt.Errorf("prepare an attack: %w", err)
	}
	said, exit, err := Run(ctx, launcher, worker.Command{Path: program, Arguments: append([]string{
		"tcp=" + tcp.Addr().String(), "udp=" + udp.LocalAddr().String(), "unix=" + session, "state=" + at.settings(),
		"home=" + at.Home, "neighbour=" + at.neighbour(), "elsewhere=" + at.Elsewhere, "name=" + at.name(),
	}, more...)}, at.film())
	if err == nil {
		err = exit.Err()
	}
	outcomes := map[string]string{}
	if err == nil {
		err = json.Unmarshal(said.Out, &outcomes)
	}
	if err != nil {
		return nil, fmt.Errorf("the stand-in said %s%s: %w", said.Out, said.Err, err)
	}
	return outcomes, nil
}

// Said is what a program wrote.
type Said struct{ Out, Err []byte }

const runLimit = time.Minute

// Run starts a program with films and reads what it says to its end.
func Run(ctx context.Context, launcher worker.Launcher, c worker.Command, films ...string) (said Said, exit worker.Exit, err error) {
	for _, name := range films {
		film, openErr := os.Open(name)
		if openErr != nil {
			return Said{}, worker.Exit{}, openErr
		}
		defer film.Close()
		c.Files = append(c.Files, film)
	}
	var readers sync.WaitGroup
	for _, end := range []struct {
		child **os.File
		text  *[]byte
	}{{&c.Stdout, &said.Out}, {&c.Stderr, &said.Err}} {
		ours, childs, pipeErr := os.Pipe()
		if pipeErr != nil {
			return Said{}, worker.Exit{}, pipeErr
		}
		*end.child = childs
		defer childs.Close()
		readers.Go(func() {
			defer ours.Close()
			var text bytes.Buffer
			_, _ = io.Copy(&text, ours) // what was read counts
			*end.text = text.Bytes()
		})
	}
	process, err := launcher.Launch(ctx, c)
	_ = c.Stdout.Close()
	_ = c.Stderr.Close()
	if err != nil {
		readers.Wait() // they write what is returned
		return said, worker.Exit{}, err
	}
	timer := time.AfterFunc(runLimit, process.Kill)
	defer timer.Stop()
	exit, err = process.Wait()
	readers.Wait()
	return said, exit, err
}
