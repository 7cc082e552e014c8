package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
)

// errNoTopFile says that nobody put such a file there.
var errNoTopFile = errors.New("there is no such file")

// topFile reads the first small file, by its name, of the top of a card or a stick that people write
// to on a laptop. Only a plain file counts, whatever else has such a name; of a larger one than most
// comes a byte more than that.
func topFile(dir string, is func(name string) bool, most int64) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", dir, err)
	}
	defer root.Close()
	names, err := topNames(root)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	none := errNoTopFile
	for _, name := range names {
		if !is(name) {
			continue
		}
		data, err := plainFileIn(root, name, most)
		if !errors.Is(err, errNoPlainFile) {
			return data, err
		}
		none = fmt.Errorf("%s: %w", name, err)
	}
	return nil, none
}

// mostNames of a top folder are looked at: a stick may have been made to hold millions.
const mostNames = 10_000

// topNames are names of a folder, sorted.
func topNames(root *os.Root) ([]string, error) {
	top, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer top.Close()
	names, err := top.Readdirnames(mostNames)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}

// errNoPlainFile says that something else has the name.
var errNoPlainFile = errors.New("it is no plain file")

// plainFileIn reads a small plain file, whatever may stand in its place.
func plainFileIn(root *os.Root, name string, most int64) ([]byte, error) {
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, errNoPlainFile // a link may lead to something plain
	}
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	defer file.Close()
	info, err := file.Stat() // of what is open: the name may mean something else by now
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNoPlainFile
	}
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return data, nil
}
