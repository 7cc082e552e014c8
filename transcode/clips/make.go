package clips

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// ErrNoFFmpeg says that nothing can be made on this machine.
var ErrNoFFmpeg = errors.New("ffmpeg is missing (apt-get install ffmpeg)")

// ErrUnknownClip is a name that no table has.
var ErrUnknownClip = errors.New("no such clip or set")

// maker runs ffmpeg.
type maker struct {
	ffmpeg string
	// Two encoders at a time keep two cores busy where one of them is single-threaded.
	places chan struct{}
}

const encodersAtOnce = 2

func newMaker() (*maker, error) {
	path, err := exec.LookPath("ffmpeg")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoFFmpeg, err)
	}
	return &maker{ffmpeg: path, places: make(chan struct{}, encodersAtOnce)}, nil
}

// Make writes the named clips below dir, at their usual length, and returns
// them in the order of names. A file is complete or not there.
func Make(ctx context.Context, dir string, names ...string) ([]Clip, error) {
	made := make([]Clip, 0, len(names))
	for _, name := range names {
		c, found := find(name)
		if !found {
			return nil, fmt.Errorf("%w: %q", ErrUnknownClip, name)
		}
		made = append(made, c)
	}
	return made, MakeAll(ctx, dir, made, nil)
}

// MakeAll writes the clips below dir, some at a time. onMade (may be nil) is
// called after each, never two at once.
func MakeAll(ctx context.Context, dir string, all []Clip, onMade func(Clip)) error {
	m, err := newMaker()
	if err != nil {
		return err
	}
	var oneAtATime sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range all {
		group.Go(func() error {
			select {
			case m.places <- struct{}{}:
			case <-ctx.Done():
				return ctx.Err()
			}
			defer func() { <-m.places }()
			if err := m.file(ctx, dir, c); err != nil {
				return fmt.Errorf("make clip %s: %w", c.Name, err)
			}
			if onMade != nil {
				oneAtATime.Lock()
				defer oneAtATime.Unlock()
				onMade(c)
			}
			return nil
		})
	}
	return group.Wait()
}

// file makes one clip under a name of our own and renames it: file names of
// the odd set never reach ffmpeg's arguments.
func (m *maker) file(ctx context.Context, dir string, c Clip) error {
	target := filepath.Join(dir, filepath.FromSlash(c.FileName))
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil { //nolint:gosec // media are for everybody to read, like on a stick
		return err
	}
	work, err := os.MkdirTemp(dir, ".making-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // half-made files: nothing is lost with them
	finished := filepath.Join(work, "finished")
	if err := m.build(ctx, c, work, finished); err != nil {
		return err
	}
	return os.Rename(finished, target)
}

// build writes the bytes of a clip to the path out.
func (m *maker) build(ctx context.Context, c Clip, work, out string) error {
	switch {
	case c.base != "":
		base, found := find(c.base)
		if !found {
			return fmt.Errorf("%w: %q, the base of this one", ErrUnknownClip, c.base)
		}
		if err := m.build(ctx, base, work, out); err != nil {
			return err
		}
	case c.args != nil:
		if err := m.encode(ctx, c, work, out); err != nil {
			return err
		}
	default:
		if err := os.WriteFile(out, nil, 0o600); err != nil {
			return err
		}
	}
	if c.finish != nil {
		data, err := os.ReadFile(out)
		if err != nil {
			return err
		}
		if data, err = c.finish(data); err != nil {
			return err
		}
		if err := os.WriteFile(out, data, 0o600); err != nil {
			return err
		}
	}
	return os.Chmod(out, 0o644) //nolint:gosec // as above
}

// encode runs ffmpeg, once more where the part is to be repeated.
func (m *maker) encode(ctx context.Context, c Clip, work, out string) error {
	part := out
	if c.repeat > 0 {
		part = filepath.Join(work, "part")
	}
	err := m.run(ctx, c, c.args, part)
	if err != nil && c.plain != nil && ctx.Err() == nil {
		err = m.run(ctx, c, c.plain, part)
	}
	if err != nil || c.repeat == 0 {
		return err
	}
	join := []string{"-stream_loop", strconv.Itoa(c.repeat), "-i", part, "-map", "0", "-c", "copy"}
	return m.run(ctx, c, join, out)
}

// run calls ffmpeg. bitexact keeps versions and dates out of the file.
func (m *maker) run(ctx context.Context, c Clip, args []string, out string) error {
	all := append([]string{"-nostdin", "-v", "error", "-y"}, args...)
	all = append(all, "-map_metadata", "-1", "-fflags", "+bitexact", "-flags", "+bitexact", "-f", c.format)
	cmd := exec.CommandContext(ctx, m.ffmpeg, all...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if c.pipe {
		file, err := os.Create(out)
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }() // ffmpeg's exit status tells whether all was written
		cmd.Stdout = file
		cmd.Args = append(cmd.Args, "pipe:1")
	} else {
		cmd.Args = append(cmd.Args, out)
	}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run ffmpeg: %w: %s", err, strings.TrimSpace(stderr.String()))
	}
	return nil
}
