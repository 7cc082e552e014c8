package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
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
	only := flag.Bool("print-version", false, "print the version of what is built, and end")
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
	version, err := versionOf(o)
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
