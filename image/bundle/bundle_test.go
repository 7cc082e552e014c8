package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestFromKeyToBundle(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	put := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(at(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	do := func(args ...string) (string, error) {
		var out bytes.Buffer
		err := run(args, &out)
		return out.String(), err
	}
	boot := bytes.Repeat([]byte("boot "), 2000)
	copy(boot[6000:], "streambox.slot=a")
	put("boot.img", boot)
	put("root.squashfs", []byte("root"))
	put("changelog", []byte("streambox (1.2.3) unstable; urgency=medium\n"))
	for _, name := range []string{"keys/old", "keys/new"} {
		if out, err := do("key", "-out", at(name)); err != nil || !strings.Contains(out, "key ") {
			t.Fatalf("%s %v", out, err)
		}
	}
	info, err := os.Stat(at("keys/old"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others may read the private key: %v %v", info, err)
	}
	before, err := os.ReadFile(at("keys/old"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err = do("key", "-out", at("keys/old")); err == nil {
		t.Error("a key is overwritten")
	}
	if after, readErr := os.ReadFile(at("keys/old")); readErr != nil || !bytes.Equal(before, after) {
		t.Error("a key was overwritten")
	}
	arguments := []string{
		"make", "-boot", at("boot.img"), "-root", at("root.squashfs"), "-changelog", at("changelog"), "-out", at("dist"),
		"-time", "1700000000", "-described", "v1.2.3", "-commit", "0123456789ab",
	}
	out, err := do(append(slices.Clone(arguments), "-key", at("keys/old"), "-key", at("keys/new"))...)
	path := strings.TrimSpace(out)
	if err != nil || path != at("dist/streambox_1.2.3_debian.streambox-update") {
		t.Fatalf("%q %v", out, err)
	}
	out, err = do("show", "-keys", at("keys"), path)
	if err != nil || !strings.Contains(out, "version 1.2.3\nbuild   1700000000\n") || !strings.Contains(out, "linux,dummy-virt") {
		t.Errorf("%q %v", out, err)
	}
	if _, err = do("show", "-keys", at("dist"), path); err == nil {
		t.Error("who has no key believes it")
	}
	if _, err = do(arguments...); err == nil {
		t.Error("nobody signs it")
	}
	put("boot.img", []byte("no letter"))
	if _, err = do(append(slices.Clone(arguments), "-key", at("keys/old"))...); err == nil {
		t.Error("a boot image without a slot's letter is taken")
	}
	if left, globErr := filepath.Glob(at("dist/*.part")); globErr != nil || len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestAutobootIsPrinted(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"autoboot", "-slot", "b"}, &out); err != nil || out.Len() != 512 || !strings.Contains(out.String(), "[all]\ntryboot_a_b=1\nboot_partition=3\n") {
		t.Errorf("%q %v", out.String(), err)
	}
	for _, wrong := range [][]string{nil, {"eat"}, {"autoboot", "-slot", "c"}, {"key"}, {"make", "-base", "other", "-version", "1"}} {
		if err := run(wrong, io.Discard); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}
