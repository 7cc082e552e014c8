package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"streambox.local/image/bill"
)

// item is a file of the release.
type item struct {
	name    string
	about   string // for README.txt; "" for what others' lines speak of
	from    string // the file to copy, or
	content []byte
	program bool
}

// release makes the folder, and gives its name.
func release(ctx context.Context, o options, version string) (string, error) {
	var programs []string
	for _, p := range built() {
		file := filepath.Join(o.dist, p.program)
		if err := checkProgram(file, o.described, o.commit); err != nil {
			return "", err
		}
		programs = append(programs, file)
	}
	works, err := bill.Works(ctx, programs, filepath.Join(o.root, "web", "client", "node_modules"))
	if err != nil {
		return "", fmt.Errorf("listing others' software: %w", err)
	}
	items, err := plan(o, version, works)
	if err != nil {
		return "", err
	}
	tools, err := madeWith(ctx)
	if err != nil {
		return "", err
	}
	items = append(items, item{name: "README.txt", content: readme(version, o.commit, items, len(o.cards) > 0, tools)})
	folder := filepath.Join(o.dist, "streambox-"+version)
	if err := write(folder, items, o.at); err != nil {
		return "", err
	}
	return folder, nil
}

// target is a kind of machine: what its program is called, and its package.
type target struct{ program, debian, about string }

func built() []target {
	return []target{
		{"streambox-linux-arm64", "arm64", "Raspberry Pi Zero 2, 3, 4, 5 with a 64-bit system"},
		{"streambox-linux-armv6", "armhf", "any Raspberry Pi with a 32-bit system"},
		{"streambox-linux-amd64", "amd64", "PCs"},
	}
}

// checkProgram sees to it that a program is of this commit: what it says of
// itself is in its bytes.
func checkProgram(file, described, commit string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the program: %w", err)
	}
	if described == "" || commit == "" || !bytes.Contains(content, []byte(described)) || !bytes.Contains(content, []byte(commit)) {
		return fmt.Errorf("%s was not built from this commit (%s): make cross", file, commit)
	}
	return nil
}

// plan lists the files, in the order in which README.txt speaks of them.
func plan(o options, version string, works []bill.Work) ([]item, error) {
	about := bill.Subject{Name: "streambox", Type: "application", Version: version, At: o.at}
	materials, err := bill.CycloneDX(about, works, nil)
	if err != nil {
		return nil, fmt.Errorf("the program's bill of materials: %w", err)
	}
	var items []item
	for _, base := range o.cards {
		card, err := cardItems(o, version, base, works)
		if err != nil {
			return nil, fmt.Errorf("the card image of base %s: %w", base, err)
		}
		items = append(items, card...)
	}
	for _, t := range built() {
		name := "streambox_" + version + "_" + t.debian + ".deb"
		items = append(items, item{name: name, about: "Debian package: " + t.about, from: filepath.Join(o.dist, name)})
	}
	for _, t := range built() {
		items = append(items, item{name: t.program, about: "the program alone: " + t.about, from: filepath.Join(o.dist, t.program), program: true})
	}
	return append(items,
		item{name: "CHANGES.txt", about: "what is new, release by release", from: filepath.Join(o.root, "image", "deb", "changelog")},
		item{name: "LICENSE.txt", about: "the licence of StreamBox", from: filepath.Join(o.root, "LICENSE")},
		item{name: "third-party.txt", about: "software of others in the program, and its licences", content: bill.Notices(works)},
		item{name: "streambox_" + version + ".cdx.json", about: "the same for machines: bill of materials, CycloneDX 1.6", content: materials},
	), nil
}

// cardItems are a card image and what goes with it, as `make image` leaves them; its
// update too, where somebody has signed one (`make bundle`).
func cardItems(o options, version, base string, works []bill.Work) ([]item, error) {
	stem := "streambox_" + version + "_" + base
	list, err := os.Open(filepath.Join(o.dist, stem+".packages"))
	if err != nil {
		return nil, fmt.Errorf("reading its packages: %w", err)
	}
	defer list.Close()
	packages, err := bill.Installed(list)
	if err != nil {
		return nil, fmt.Errorf("reading its packages: %w", err)
	}
	packages = slices.DeleteFunc(packages, func(p bill.Package) bool { return p.Name == "streambox" }) // is ours, and told by works
	about := bill.Subject{Name: "streambox-card-" + base, Type: "operating-system", Version: version, At: o.at}
	materials, err := bill.CycloneDX(about, works, packages)
	if err != nil {
		return nil, fmt.Errorf("its bill of materials: %w", err)
	}
	items := []item{
		{name: stem + ".img.xz", about: "image of an SD card, base " + base + "; image/README.md says how it gets there", from: filepath.Join(o.dist, stem+".img.xz")},
		{name: stem + ".cdx.json", about: "all software on that card: bill of materials, CycloneDX 1.6", content: materials},
		{name: stem + ".sources.txt", about: "the sources of Debian's packages on that card, and how to get them", content: bill.Sources(packages)},
	}
	update := stem + ".streambox-update"
	if _, err := os.Stat(filepath.Join(o.dist, update)); err == nil {
		items = append(items, item{name: update, about: "update for such cards, signed: copy it to a stick and plug that in", from: filepath.Join(o.dist, update)})
	}
	return items, nil
}

// report says what there is now.
func report(out io.Writer, folder string, card bool) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("looking at the release: %w", err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			return fmt.Errorf("looking at the release: %w", err)
		}
		_, _ = fmt.Fprintf(out, "%7.1f MB  %s\n", float64(info.Size())/1e6, filepath.Join(folder, e.Name()))
	}
	if !card {
		_, _ = fmt.Fprintln(out, noCard)
	}
	return nil
}
