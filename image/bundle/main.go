package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "bundle:", err)
		os.Exit(1)
	}
}

// words is a flag that may be given several times.
type words []string

func (w *words) String() string     { return strings.Join(*w, " ") }
func (w *words) Set(s string) error { *w = append(*w, s); return nil }

func run(args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("say autoboot, key, make or show; see image/bundle/doc.go")
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	switch args[0] {
	case "autoboot":
		var slot slots.Slot
		flags.TextVar(&slot, "slot", slots.A, "the slot that is started")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		_, err := out.Write(slots.Autoboot(slot))
		return err
	case "key":
		path := flags.String("out", "", "file of the private key; the public one gets .pub")
		remark := flags.String("remark", "StreamBox updates", "a line in both files")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return makeKey(*path, *remark, out)
	case "make":
		return makeBundle(flags, args[1:], out)
	case "show":
		keys := flags.String("keys", "image/bundle/keys", "folder with public keys")
		if err := flags.Parse(args[1:]); err != nil {
			return err
		}
		return show(*keys, flags.Arg(0), out)
	default:
		return fmt.Errorf("%q is none of autoboot, key, make and show", args[0])
	}
}

// makeKey never overwrites: a key that is gone cannot be had again.
func makeKey(path, remark string, out io.Writer) error {
	if path == "" {
		return errors.New("key: say where with -out")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the folder for the key: %w", err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return fmt.Errorf("drawing a key: %w", err)
	}
	if err = create(path, bundle.FormatPrivate(private, remark+": PRIVATE, keep it to yourself"), 0o600); err != nil {
		return err
	}
	if err = create(path+".pub", bundle.FormatPublic(public, remark), 0o644); err != nil {
		return err
	}
	id := bundle.IDOf(public)
	_, err = fmt.Fprintf(out, "%s\n%s.pub\nkey %s\n", path, path, hex.EncodeToString(id[:]))
	return err
}

func create(path string, data []byte, mode os.FileMode) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	_, err = file.Write(data)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("writing a key: %w", err)
	}
	return nil
}

// show says what stands in a bundle; an error when it is not believed.
func show(keys, path string, out io.Writer) error {
	trusted, err := bundle.ReadKeys(os.DirFS(keys))
	if err != nil {
		return err
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("opening the bundle: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("opening the bundle: %w", err)
	}
	b, err := bundle.Open(file, info.Size(), trusted)
	if err != nil {
		return err
	}
	m := b.Manifest
	_, err = fmt.Fprintf(out, "version %s\nbuild   %d\nbundle  %s\nboards  %s\nboot    %d bytes\nroot    %d bytes\n",
		m.Version, m.Build, b.ID, strings.Join(slices.Sorted(slices.Values(m.Boards)), " "), m.Boot.Bytes, m.Root.Bytes)
	return err
}
