package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"streambox.local/image/bill"
)

// options are what `make deb` says.
type options struct {
	sources   string   // this folder
	modules   string   // the page's packages, for their licences
	programs  string   // where the programs for all architectures lie
	linked    []string // programs, whose parts of others are listed with their licences
	native    string   // one that runs here
	out       string
	described string // git describe --tags --always --dirty
	commit    string
	at        time.Time
}

// architecture is one of Debian's, and the program for it. GOARM=6 is what all of
// Raspberry Pi OS's armhf run, the first Pi included.
type architecture struct{ debian, program string }

func architectures() []architecture {
	return []architecture{
		{"arm64", "streambox-linux-arm64"},
		{"armhf", "streambox-linux-armv6"},
		{"amd64", "streambox-linux-amd64"},
	}
}

func main() {
	var o options
	epoch := flag.Int64("time", 0, "time of the commit, in seconds since 1970")
	flag.StringVar(&o.sources, "sources", "image/deb", "the folder of this program")
	flag.StringVar(&o.modules, "modules", "web/client/node_modules", "folder of the page's packages")
	flag.StringVar(&o.programs, "programs", "dist", "folder with the programs of all architectures")
	flag.StringVar(&o.native, "native", "bin/streambox", "the program for this machine, which prints manual and completions")
	flag.StringVar(&o.out, "out", "dist", "folder for the packages")
	flag.StringVar(&o.described, "described", "", "git describe --tags --always --dirty")
	flag.StringVar(&o.commit, "commit", "", "the commit's number")
	flag.Parse()
	o.at = time.Unix(*epoch, 0)
	for _, a := range architectures() {
		o.linked = append(o.linked, filepath.Join(o.programs, a.program))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := makeAll(ctx, o, os.Stdout)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "deb:", err)
		os.Exit(1)
	}
}

// makeAll makes the packages of all architectures, and prints their names.
func makeAll(ctx context.Context, o options, say io.Writer) error {
	if o.at.Unix() <= 0 {
		return errors.New("the time of the commit is missing")
	}
	p, s, err := read(ctx, o)
	if err != nil {
		return err
	}
	version, err := bill.Version(string(p.changelog), o.described, o.commit, o.at)
	if err != nil {
		return err
	}
	for _, a := range architectures() {
		if p.program, err = os.ReadFile(filepath.Join(o.programs, a.program)); err != nil {
			return fmt.Errorf("reading the program: %w", err)
		}
		name := filepath.Join(o.out, "streambox_"+version+"_"+a.debian+".deb")
		if err := makeOne(ctx, p, s, version, a.debian, name, o.at); err != nil {
			return fmt.Errorf("making %s: %w", name, err)
		}
		info, err := os.Stat(name)
		if err != nil {
			return fmt.Errorf("looking at the package: %w", err)
		}
		_, _ = fmt.Fprintf(say, "%6.1f MB  %s\n", float64(info.Size())/1e6, name)
	}
	return nil
}

func makeOne(ctx context.Context, p parts, s scripts, version, debian, name string, at time.Time) error {
	files, err := contents(p)
	if err != nil {
		return err
	}
	root, err := os.MkdirTemp("", "streambox-deb-")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer os.RemoveAll(root)
	if err := stage(root, append(files, controlFiles(s, files, version, debian)...), at); err != nil {
		return err
	}
	return pack(ctx, root, name, at)
}

// read gathers what is the same on all architectures.
func read(ctx context.Context, o options) (parts, scripts, error) {
	var p parts
	var s scripts
	for name, into := range map[string]*[]byte{
		"changelog": &p.changelog, "copyright": &p.copyright, "overrides": &p.overrides,
		"control": &s.control, "postinst": &s.postinst, "prerm": &s.prerm, "postrm": &s.postrm,
	} {
		text, err := os.ReadFile(filepath.Join(o.sources, name))
		if err != nil {
			return p, s, fmt.Errorf("reading the package's texts: %w", err)
		}
		*into = text
	}
	for _, printed := range []struct {
		into *[]byte
		args []string
	}{
		{&p.texts.manual, []string{"manual"}},
		{&p.texts.settings, []string{"manual", "settings"}},
		{&p.texts.bash, []string{"completion", "bash"}},
		{&p.texts.zsh, []string{"completion", "zsh"}},
		{&p.texts.fish, []string{"completion", "fish"}},
	} {
		cmd := exec.CommandContext(ctx, o.native, printed.args...)
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		if err != nil {
			return p, s, fmt.Errorf("asking %s for its %v: %w", o.native, printed.args, err)
		}
		*printed.into = text
	}
	works, err := bill.Works(ctx, o.linked, o.modules)
	if err != nil {
		return p, s, fmt.Errorf("listing others' software: %w", err)
	}
	p.thirdParty = bill.Notices(works)
	return p, s, nil
}
