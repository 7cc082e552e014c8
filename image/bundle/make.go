package main

import (
	"bufio"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"streambox.local/appliance/update"
	"streambox.local/appliance/update/bundle"
	"streambox.local/image/bill"
)

// boards are the boards that a base's image is for, by the device tree's names. An image of
// Debian's kernel starts on a Pi, but cannot try a slot there; so its bundles are for virtual machines alone, and no box of
// one base ever gets a system of the other.
func boards(base string) ([]string, error) {
	switch base {
	case "debian":
		return []string{"linux,dummy-virt"}, nil
	case "rpios":
		return []string{
			"raspberrypi,model-zero-2-w", "raspberrypi,3-model-a-plus", "raspberrypi,3-model-b", "raspberrypi,3-model-b-plus",
			"raspberrypi,4-model-b", "raspberrypi,400", "raspberrypi,5-model-b", "raspberrypi,500",
		}, nil
	default:
		return nil, fmt.Errorf("%q is no base; say debian or rpios", base)
	}
}

// makeBundle is `bundle make`.
func makeBundle(flags *flag.FlagSet, args []string, out io.Writer) error {
	var keyFiles, forBoards words
	flags.Var(&keyFiles, "key", "file of a private key; twice while one is replaced by another")
	flags.Var(&forBoards, "board", "device tree's name of a board, instead of all of the base's; several times")
	base := flags.String("base", "debian", "debian or rpios")
	boot := flags.String("boot", "", "the boot partition's image")
	root := flags.String("root", "", "the root file system")
	build := flags.Int64("build", 0, "build number; 0: the time of the commit")
	epoch := flags.Int64("time", 0, "time of the commit, in seconds since 1970")
	version := flags.String("version", "", "for people; else by changelog, -described and -commit")
	described := flags.String("described", "", "git describe --tags --always --dirty")
	commit := flags.String("commit", "", "the commit's number")
	changelog := flags.String("changelog", "image/deb/changelog", "the changelog")
	dir := flags.String("out", "dist", "folder for the bundle")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s := bundle.Source{Build: max(*build, 0), Version: *version, Boards: forBoards}
	if s.Build == 0 {
		s.Build = *epoch
	}
	if s.Version == "" {
		text, err := os.ReadFile(*changelog)
		if err != nil {
			return fmt.Errorf("reading the changelog: %w", err)
		}
		if s.Version, err = bill.Version(string(text), *described, *commit, time.Unix(*epoch, 0)); err != nil {
			return err
		}
	}
	if len(s.Boards) == 0 {
		list, err := boards(*base)
		if err != nil {
			return err
		}
		s.Boards = list
	}
	keys, err := readKeys(keyFiles)
	if err != nil {
		return err
	}
	path := filepath.Join(*dir, "streambox_"+s.Version+"_"+*base+update.Suffix)
	if err = write(path, s, *boot, *root, keys); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, path)
	return err
}

func readKeys(files []string) ([]ed25519.PrivateKey, error) {
	keys := make([]ed25519.PrivateKey, 0, len(files))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("there is no key in %s; `make update-key` makes one", file)
		}
		if err != nil {
			return nil, fmt.Errorf("reading a key: %w", err)
		}
		key, err := bundle.ParsePrivate(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, errors.New("say with -key who signs")
	}
	return keys, nil
}

// write makes the file under another name first: half a bundle must not lie there.
func write(path string, s bundle.Source, boot, root string, keys []ed25519.PrivateKey) (err error) {
	var files []*os.File
	defer func() {
		for _, file := range files {
			err = errors.Join(err, file.Close())
		}
	}()
	for _, one := range []struct {
		path string
		to   *io.ReaderAt
		size *int64
	}{{boot, &s.Boot, &s.BootBytes}, {root, &s.Root, &s.RootBytes}} {
		file, openErr := os.Open(one.path)
		if openErr != nil {
			return fmt.Errorf("opening what the bundle is made of (make image): %w", openErr)
		}
		files = append(files, file)
		if *one.size, openErr = file.Seek(0, io.SeekEnd); openErr != nil {
			return fmt.Errorf("opening what the bundle is made of: %w", openErr)
		}
		*one.to = file
	}
	if err = os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("making the folder for the bundle: %w", err)
	}
	file, err := os.OpenFile(path+".part", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644) //nolint:gosec // everybody may have it
	if err != nil {
		return fmt.Errorf("writing the bundle: %w", err)
	}
	files = append(files, file)
	buffered := bufio.NewWriterSize(file, 1<<20)
	if err = errors.Join(bundle.Make(buffered, s, keys), buffered.Flush(), believed(file, keys)); err != nil {
		return errors.Join(err, os.Remove(path+".part"))
	}
	return os.Rename(path+".part", path)
}

// believed reads what was written as a box does.
func believed(file *os.File, keys []ed25519.PrivateKey) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("reading the bundle: %w", err)
	}
	for _, key := range slices.Backward(keys) {
		public, _ := key.Public().(ed25519.PublicKey) // the type's own promise
		if _, err := bundle.Open(file, info.Size(), bundle.NewKeys(public)); err != nil {
			return err
		}
	}
	return nil
}
