package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"streambox.local/systemd"
)

// entry is a file of the package.
type entry struct {
	path    string // absolute, on the machine
	mode    fs.FileMode
	content []byte
}

// texts are what the program prints of itself.
type texts struct {
	manual, settings []byte // manual pages, troff
	bash, zsh, fish  []byte // completions
}

// parts are what a package is made of.
type parts struct {
	program    []byte // for the package's architecture
	texts      texts
	changelog  []byte
	copyright  []byte
	overrides  []byte // of lintian, each with its reason
	thirdParty []byte // licences of others' software in the program
}

// contents lists the files of a package.
func contents(p parts) ([]entry, error) {
	files := []entry{
		{"/usr/bin/streambox", 0o755, p.program},
		{"/usr/share/bash-completion/completions/streambox", 0o644, p.texts.bash},
		{"/usr/share/zsh/vendor-completions/_streambox", 0o644, p.texts.zsh},
		{"/usr/share/fish/vendor_completions.d/streambox.fish", 0o644, p.texts.fish},
		{"/usr/share/doc/streambox/copyright", 0o644, p.copyright},
		{"/usr/share/lintian/overrides/streambox", 0o644, p.overrides},
	}
	for _, f := range systemd.Manifest() {
		files = append(files, entry{f.Target(systemd.Packaged), f.Mode, f.Content()})
	}
	for name, content := range map[string][]byte{
		"/usr/share/man/man1/streambox.1.gz":      p.texts.manual,
		"/usr/share/man/man5/streambox.toml.5.gz": p.texts.settings,
		"/usr/share/doc/streambox/changelog.gz":   p.changelog,
		"/usr/share/doc/streambox/third-party.gz": p.thirdParty,
	} {
		files = append(files, entry{name, 0o644, content})
	}
	for _, f := range files {
		if len(f.content) == 0 {
			return nil, fmt.Errorf("%s is empty", f.path)
		}
	}
	for i, f := range files {
		if path.Ext(f.path) != ".gz" {
			continue
		}
		packed, err := compressed(f.content)
		if err != nil {
			return nil, fmt.Errorf("compressing %s: %w", f.path, err)
		}
		files[i].content = packed
	}
	return files, nil
}

// conffiles are those that belong to the machine's owner once they are there
// (Debian policy 10.7): all below /etc.
func conffiles(files []entry) []byte {
	var list bytes.Buffer
	for _, f := range files {
		if strings.HasPrefix(f.path, "/etc/") {
			fmt.Fprintln(&list, f.path)
		}
	}
	return list.Bytes()
}

// sizeKiB is Installed-Size: what dpkg-gencontrol would count, each file in
// whole KiB and one for each folder.
func sizeKiB(files []entry) int {
	total, folders := 0, map[string]bool{}
	for _, f := range files {
		total += (len(f.content) + 1023) / 1024
		for dir := path.Dir(f.path); !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	return total + len(folders)
}

// compressed is gzip without a name and a time.
func compressed(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		return nil, err //nolint:wrapcheck // cannot be: the level is one
	}
	if _, err = w.Write(content); err == nil {
		err = w.Close()
	}
	return out.Bytes(), err //nolint:wrapcheck // a buffer does not fail
}
