package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"syscall"
)

// Bounds of a walk.
const (
	filmLimit        = 20000   // films listed of one stick; the rest is counted
	entryLimit       = 1000000 // names looked at on one stick
	depthLimit       = 32      // folders inside folders
	readBatch        = 1024    // names read at a time
	deviceErrorLimit = 3       // broken folders in a row: the device is going
)

// found is what a walk brings home.
type found struct {
	entries   []entry
	counts    map[kind]int
	overLimit bool
	ignored   bool  // the stick's owner wants none of it shown (.nomedia at the top)
	partial   error // some folder could not be read; nil: all were
}

// walker walks one stick once.
type walker struct {
	tree   tree
	label  string
	kinds  classifier
	out    found
	names  int // looked at so far
	sniffs int
	broken int             // device errors in a row
	used   map[string]bool // subtitles that belong to a film
}

// errDevice ends a walk: the stick is gone or dying.
var errDevice = errors.New("stick cannot be read")

// walk finds the films of a stick, in natural order. It returns what it found
// up to an error too: nothing is lost for one bad folder.
func walk(ctx context.Context, t tree, label string, kinds classifier) (found, error) {
	w := &walker{tree: t, label: label, kinds: kinds, out: found{counts: map[kind]int{}}, used: map[string]bool{}}
	err := w.top(ctx)
	return w.out, err
}

// top reads the stick's top: a folder StreamBox there is all that is shown.
func (w *walker) top(ctx context.Context) error {
	entries, err := w.read(ctx, "")
	if err != nil {
		return err
	}
	if hasIgnoreFile(entries) {
		w.out.ignored = true
		w.out.counts[kindHidden]++
		return nil
	}
	var only []string
	for _, e := range entries {
		if e.IsDir() && strings.EqualFold(e.Name(), "StreamBox") {
			only = append(only, e.Name())
		}
	}
	if len(only) == 0 {
		return w.contents(ctx, "", entries, 0)
	}
	for _, name := range only {
		if err = w.folder(ctx, name, 1); err != nil {
			return err
		}
	}
	return nil
}

// folder walks a folder below the top. Only errors that end the walk come back.
func (w *walker) folder(ctx context.Context, name string, depth int) error {
	if depth > depthLimit {
		w.out.counts[kindOverLimit]++
		return nil
	}
	entries, err := w.read(ctx, name)
	if err != nil {
		return w.unreadable(name, err)
	}
	w.broken = 0
	if hasIgnoreFile(entries) {
		w.out.counts[kindHidden]++
		return nil
	}
	return w.contents(ctx, name, entries, depth)
}

// contents sorts a folder's entries out: a film that is a folder first, then
// the other files, then the folders inside.
func (w *walker) contents(ctx context.Context, name string, entries []fs.DirEntry, depth int) error {
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return naturalCompare(a.Name(), b.Name()) })
	first := len(w.out.entries)
	entries = w.takeReady(name, entries)
	entries = w.takeDVD(name, entries)
	var folders []string
	for _, e := range entries {
		switch {
		case e.Type()&fs.ModeSymlink != 0:
			w.out.counts[kindSymlink]++
		case e.IsDir():
			if ignoredFolder(e.Name()) || name == "" && ignoredAtTop(e.Name()) {
				w.out.counts[kindHidden]++
				continue
			}
			folders = append(folders, e.Name())
		case !e.Type().IsRegular():
			w.out.counts[kindSpecial]++
		case ignoredFile(e.Name()):
			w.out.counts[kindHidden]++
		default:
			if err := w.file(name, e.Name()); err != nil {
				return err
			}
		}
	}
	if err := w.takeWords(ctx, name, entries, first); err != nil {
		return err
	}
	for _, f := range folders {
		if err := ctx.Err(); err != nil {
			return err
		}
		sub := path.Join(name, f)
		if strings.EqualFold(f, "BDMV") {
			taken, err := w.takeBluRay(ctx, sub)
			if err != nil {
				return err
			}
			if taken {
				continue
			}
		}
		if err := w.folder(ctx, sub, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// file lists or counts one regular file.
func (w *walker) file(folder, name string) error {
	k, known := w.kinds.kindOf(name)
	if isSegmentName(name) {
		k = kindSegment
	}
	full := path.Join(folder, name)
	if w.used[full] {
		return nil
	}
	if k != kindVideo {
		video, err := w.sniff(full, k, known)
		if err != nil {
			return w.unreadable(full, err)
		}
		if !video {
			w.out.counts[k]++
			return nil
		}
	}
	info, err := w.tree.Lstat(full)
	if err != nil {
		return w.unreadable(full, err)
	}
	if !info.Mode().IsRegular() {
		w.out.counts[kindSpecial]++
		return nil
	}
	w.list(entry{
		form: formFile, folder: folder, file: name, title: titleOfFile(name),
		paths: []string{full}, size: info.Size(), modified: info.ModTime(),
	})
	return nil
}

// list adds a film, or counts it above the limit.
func (w *walker) list(e entry) {
	if len(w.out.entries) >= filmLimit {
		w.out.overLimit = true
		w.out.counts[kindOverLimit]++
		return
	}
	w.out.entries = append(w.out.entries, e)
}

// sniff reads the first bytes of a file that is no video by its name, where
// that is cheap (see sniffFrom).
func (w *walker) sniff(full string, k kind, known bool) (bool, error) {
	from, worth := sniffFrom(k, known)
	if !worth || w.sniffs >= sniffLimit {
		return false, nil
	}
	info, err := w.tree.Lstat(full)
	if err != nil {
		return false, err
	}
	if info.Size() < from || !info.Mode().IsRegular() {
		return false, nil
	}
	w.sniffs++
	f, err := w.tree.Open(full)
	if err != nil {
		return false, err
	}
	defer f.Close()
	return looksLikeVideo(f)
}

// read reads a folder's entries, in batches: ctx may end between two of them,
// and a folder without end is cut off.
func (w *walker) read(ctx context.Context, name string) ([]fs.DirEntry, error) {
	d, err := w.tree.OpenDir(name)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	var all []fs.DirEntry
	for {
		if err = ctx.Err(); err != nil {
			return nil, err
		}
		batch, err := d.ReadDir(readBatch)
		w.names += len(batch)
		all = append(all, batch...)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read folder: %w", err)
		}
		if w.names > entryLimit {
			w.out.overLimit = true
			w.out.counts[kindOverLimit]++
			return all, nil
		}
	}
}

// unreadable counts what gave an error and decides whether the walk goes on: a
// folder without permission or a broken one is left out; a device that is gone ends it.
func (w *walker) unreadable(name string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if errors.Is(err, fs.ErrNotExist) && w.stillThere() {
		return nil // removed while we walked
	}
	w.out.counts[kindUnreadable]++
	w.out.partial = fmt.Errorf("read %q: %w", name, err)
	if !isDeviceError(err) {
		return nil
	}
	w.broken++
	if w.broken >= deviceErrorLimit || !w.stillThere() {
		return fmt.Errorf("%w: %w", errDevice, err)
	}
	return nil
}

// stillThere asks whether the top can be looked at.
func (w *walker) stillThere() bool {
	_, err := w.tree.Lstat(".")
	return err == nil
}

// isDeviceError tells a failing device from a file that is merely not ours to read.
func isDeviceError(err error) bool {
	known := append(deviceErrors(), syscall.EIO, syscall.ENODEV, syscall.ENXIO, syscall.ESTALE, syscall.ESHUTDOWN, syscall.ETIMEDOUT)
	for _, e := range known {
		if errors.Is(err, e) {
			return true
		}
	}
	return errors.Is(err, fs.ErrNotExist) // the top itself is gone
}

// hasIgnoreFile finds the files by which an owner hides a folder.
func hasIgnoreFile(entries []fs.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !e.IsDir() && (strings.EqualFold(e.Name(), ".nomedia") || strings.EqualFold(e.Name(), ".streambox-ignore"))
	})
}
