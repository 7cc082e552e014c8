package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"streambox.local/image/bill"
)

// options are what `make release` says.
type options struct {
	root      string // of the repository
	dist      string // where programs and packages lie, and the folder is made
	described string // git describe --tags --always --dirty
	commit    string
	at        time.Time
	cards     []string // the bases of the card images: debian, rpios; none is none
}

func main() {
	var o options
	epoch := flag.Int64("time", 0, "time of the commit, in seconds since 1970")
	only := flag.Bool("check", false, "look whether a release can be made of this commit, print its version, and end")
	flag.StringVar(&o.root, "root", ".", "folder of the repository")
	flag.StringVar(&o.dist, "dist", "dist", "folder with programs and packages, in which the release is made")
	flag.StringVar(&o.described, "described", "", "git describe --tags --always --dirty")
	flag.StringVar(&o.commit, "commit", "", "the commit's number")
	flag.Usage = func() {
		_, _ = fmt.Fprintln(flag.CommandLine.Output(), "release [flags] [BASE …]: with the card images of these bases; without one the release has none, and says so")
		flag.PrintDefaults()
	}
	flag.Parse()
	o.at, o.cards = time.Unix(*epoch, 0), flag.Args()
	if err := do(o, *only); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func do(o options, only bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	version, err := check(o)
	if err != nil {
		return err
	}
	if only {
		_, _ = fmt.Fprintln(os.Stdout, version)
		return nil
	}
	folder, err := release(ctx, o, version)
	if err != nil {
		return err
	}
	return report(os.Stdout, folder, len(o.cards) > 0)
}

// check sees to it, before anything is built, that there can be a release, and
// gives its version.
func check(o options) (string, error) {
	if strings.HasSuffix(o.described, "-dirty") {
		return "", errors.New("files were changed since the last commit: a release is made of a commit")
	}
	if o.at.Unix() <= 0 {
		return "", errors.New("the time of the commit is missing")
	}
	if len(o.cards) > 0 {
		if err := checkKeys(o.root); err != nil {
			return "", err
		}
	}
	return versionOf(o)
}

// checkKeys: a card believes the keys that it was built with, for as long as it
// lives. One without any can never be updated from a stick.
func checkKeys(root string) error {
	keys := filepath.Join(root, "image", "bundle", "keys")
	found, err := filepath.Glob(filepath.Join(keys, "*.pub"))
	if err != nil {
		return fmt.Errorf("looking for the keys of updates: %w", err)
	}
	if len(found) == 0 {
		return fmt.Errorf("no key of updates is in %s: cards of this release could never be updated from a stick. make update-key, and commit its .pub there; or IMAGE=0", keys)
	}
	return nil
}

// versionOf reads the changelog.
func versionOf(o options) (string, error) {
	changelog, err := os.ReadFile(filepath.Join(o.root, "image", "deb", "changelog"))
	if err != nil {
		return "", fmt.Errorf("reading the changelog: %w", err)
	}
	version, err := bill.Version(string(changelog), o.described, o.commit, o.at)
	if err != nil {
		return "", fmt.Errorf("finding the version: %w", err)
	}
	return version, nil
}
