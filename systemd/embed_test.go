package systemd_test

import (
	"bytes"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"streambox.local/systemd"
)

// What a person puts into this folder is installed: nothing may be forgotten in
// the manifest, nor in the patterns of go:embed.
func TestManifestIsThisFolder(t *testing.T) {
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var here, listed []string
	for _, e := range entries {
		if !e.IsDir() && path.Ext(e.Name()) != ".go" {
			here = append(here, e.Name())
		}
	}
	for _, f := range systemd.Manifest() {
		listed = append(listed, f.Name)
		want, err := os.ReadFile(f.Name)
		if err != nil || len(want) == 0 || !bytes.Equal(want, f.Content()) {
			t.Errorf("%s: the embedded bytes are not those of the file (%v)", f.Name, err)
		}
	}
	slices.Sort(listed)
	if !slices.Equal(here, listed) {
		t.Errorf("the folder holds\n%q, the manifest lists\n%q", here, listed)
	}
}

func TestTargets(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range systemd.Manifest() {
		for _, layout := range []systemd.Layout{systemd.Local, systemd.Packaged} {
			target := f.Target(layout) // panics for a kind without a place
			inEtc := strings.HasPrefix(target, "/etc/")
			if seen[target] && f.Kind != systemd.Settings {
				t.Errorf("two files go to %s", target)
			}
			seen[target] = true
			if inEtc != (layout == systemd.Local || f.Kind == systemd.Settings) {
				t.Errorf("%s of layout %s goes to %s", f.Name, layout, target)
			}
		}
		if f.Mode != 0o644 {
			t.Errorf("%s has mode %o; what systemd reads is read by everybody", f.Name, f.Mode)
		}
	}
	for _, want := range []string{
		"/etc/systemd/system/streambox.service", "/usr/lib/systemd/system/streambox.service",
		"/usr/lib/sysusers.d/streambox.conf", "/usr/lib/udev/rules.d/90-streambox-sticks.rules",
		"/etc/tmpfiles.d/streambox.conf", "/etc/streambox/streambox.toml",
	} {
		if !seen[want] {
			t.Errorf("nothing goes to %s", want)
		}
	}
}

// kardianos/service would take {{ }} as a template, and an old editor's line
// ends as part of a value.
func TestFilesAreLiteral(t *testing.T) {
	for _, f := range systemd.Manifest() {
		content := f.Content()
		if bytes.Contains(content, []byte("{{")) || bytes.ContainsAny(content, "\r\x00") || !bytes.HasSuffix(content, []byte("\n")) {
			t.Errorf("%s: braces, carriage returns, or no end of line at its end", f.Name)
		}
	}
}

func TestAnApplianceOwnsSticksAndPanelACardTheNetworkToo(t *testing.T) {
	for _, f := range systemd.Manifest() {
		var want []string
		if f.Kind == systemd.Settings {
			want = []string{`#sticks = "off" → sticks = "auto"`, `#panel = "off" → panel = "auto"`, `#network = "off" → network = "auto"`}
		}
		if got := changed(t, f.Content(), f.CardContent()); !slices.Equal(got, want) {
			t.Errorf("%s: a card's differs by %q, want %q", f.Name, got, want)
		}
		want = want[:min(len(want), 2)]
		if got := changed(t, f.Content(), f.ApplianceContent()); !slices.Equal(got, want) {
			t.Errorf("%s: an appliance's differs by %q, want %q", f.Name, got, want)
		}
	}
}

// changed are the lines that differ.
func changed(t *testing.T, before, after []byte) []string {
	t.Helper()
	was, is := lines(before), lines(after)
	if len(was) != len(is) {
		t.Fatalf("%d lines became %d", len(was), len(is))
	}
	var out []string
	for i := range was {
		if was[i] != is[i] {
			out = append(out, was[i]+" → "+is[i])
		}
	}
	return out
}

func lines(content []byte) []string { return strings.Split(string(content), "\n") }
