package report

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/foreign"
)

// Bounds of a LogFile: with both files it never takes more than twice logBytes,
// and always holds at least the last logLines lines (shorter ones permitting).
const (
	logLines = 2000
	logBytes = 512 << 10
	lineMax  = 4 << 10
)

// LogPrefix begins the name of every log file.
const LogPrefix = "log-"

// LogFile is a log of bounded size in two files: path and path+".1", which is
// the older one. Each Write is one record.
type LogFile struct {
	path string

	mu    sync.Mutex
	file  *os.File
	lines int
	bytes int
}

// OpenLogFile continues the log at path; its folder is made when missing.
func OpenLogFile(path string) (*LogFile, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("making the folder of the log: %w", err)
	}
	l := &LogFile{path: path}
	old, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading the log so far: %w", err)
	}
	l.lines, l.bytes = bytes.Count(old, []byte("\n")), len(old)
	if err := l.open(0); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *LogFile) open(flags int) error {
	file, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|flags, 0o600)
	if err != nil {
		return fmt.Errorf("opening the log: %w", err)
	}
	// Held while the box runs: another one that tidies up leaves it alone.
	if err := unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("claiming the log: %w", err), file.Close())
	}
	l.file = file
	return nil
}

// PruneLogs keeps the logs of the boxes used last and removes the others from
// a folder: who serves many data folders (tests do) must not fill the memory.
func PruneLogs(dir string, keep int) {
	type log struct {
		path string
		used time.Time
	}
	var logs []log
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // none there yet
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), LogPrefix) && strings.HasSuffix(e.Name(), ".jsonl") {
			logs = append(logs, log{filepath.Join(dir, e.Name()), info.ModTime()})
		}
	}
	slices.SortFunc(logs, func(a, b log) int { return b.used.Compare(a.used) })
	for _, old := range logs[min(keep, len(logs)):] {
		if !inUse(old.path) {
			_, _ = os.Remove(old.path), os.Remove(old.path+".1") // left for the next time
		}
	}
}

// inUse: a running box, however quiet, keeps its log claimed.
func inUse(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	return unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) != nil
}

// Write appends one record; it never fails towards slog for long: a full file
// system loses records, not the box.
func (l *LogFile) Write(record []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	line := record
	if len(line) > lineMax {
		line = append(bytes.ToValidUTF8(line[:lineMax:lineMax], nil), "…\n"...)
	}
	if l.lines >= logLines || l.bytes+len(line) > logBytes {
		if err := l.turn(); err != nil {
			return 0, err
		}
	}
	n, err := l.file.Write(line)
	l.lines, l.bytes = l.lines+1, l.bytes+n
	if err != nil {
		return n, fmt.Errorf("writing the log: %w", err)
	}
	return len(record), nil
}

// turn makes the file the older one and starts anew.
func (l *LogFile) turn() error {
	_ = l.file.Close()
	if err := os.Rename(l.path, l.path+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("turning the log: %w", err), l.open(os.O_TRUNC))
	}
	l.lines, l.bytes = 0, 0
	return l.open(os.O_TRUNC)
}

// Close ends it.
func (l *LogFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}

// ReadLog returns the last lines of the log at path, oldest first; none where
// there is no log. A file that belongs to nobody of owners (user numbers) is
// not read: root asks for the log of an unprivileged box, which must not choose
// what root reads.
func ReadLog(path string, owners ...int) ([]string, error) {
	root, err := foreign.Folder(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the log: %w", err)
	}
	defer root.Close()
	var lines []string
	for _, name := range []string{filepath.Base(path) + ".1", filepath.Base(path)} {
		some, err := readLines(root, name, owners)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("reading the log: %w", err)
		}
		lines = append(lines, some...)
	}
	return lines[max(0, len(lines)-logLines):], nil
}

func readLines(root *os.Root, name string, owners []int) ([]string, error) {
	file, owner, err := foreign.Open(root, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if !slices.Contains(owners, owner) {
		return nil, fmt.Errorf("the file is user %d's, who is not the box's", owner)
	}
	data, cut, err := foreign.ReadEnd(file, logBytes)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSuffix(string(data), "\n")
	if cut { // in the middle of a line
		_, text, _ = strings.Cut(text, "\n")
	}
	if text == "" {
		return nil, nil
	}
	return strings.Split(text, "\n"), nil
}
