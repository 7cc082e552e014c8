package bill

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const bsd = "Redistribution and use in source and binary\n// forms, with or without modification, are permitted …\n"

func TestLicences(t *testing.T) {
	for _, tt := range []struct{ sentence, text, want string }{
		{"MIT, wrapped anyhow", "MIT License\n\nPermission is hereby granted, free of\r\ncharge, to any person obtaining a copy of this software and associated\n documentation files (the “Software”), to deal", "MIT"},
		{"Apache", "   Apache License\n   Version 2.0, January 2004\n", "Apache-2.0"},
		{"BSD with its third clause", bsd + "* Neither the name of the copyright holder", "BSD-3-Clause"},
		{"BSD without it", bsd, "BSD-2-Clause"},
		{"what says its name itself", "/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0-only */\n GNU General Public License", "BSD-3-Clause OR GPL-2.0-only"},
		{"MIT that speaks of the ICU license", "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files. Parts: see the ICU License", "MIT"},
		{"copyleft is not passed on unread", "GNU General Public License\nApache License Version 2.0", ""},
		{"something of somebody's own", "Do what you like, but not on Tuesdays.", ""},
		{"nothing", "", ""},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			got, err := LicenceOf(tt.text)
			if got != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("%q %v", got, err)
			}
		})
	}
}

// write makes files below a new folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestTheTextsOfAFolder(t *testing.T) {
	folder := write(t, map[string]string{
		"LICENSE.md": "Apache License, Version 2.0\r\n", "NOTICE": "made by somebody", "icu-license.html": "<title>ICU License - ICU 1.8.1 and later</title>", "licence.go": "package licence",
	})
	name, texts, err := licencesIn(folder)
	if name != "Apache-2.0 AND ICU" || err != nil {
		t.Errorf("%q %v", name, err)
	}
	for _, text := range []string{"Version 2.0\n", "made by somebody", "ICU License"} {
		if !bytes.Contains(texts, []byte(text)) {
			t.Errorf("%q is missing in %q", text, texts)
		}
	}
	if bytes.Contains(texts, []byte("package")) || bytes.Contains(texts, []byte("\r")) {
		t.Errorf("%q", texts)
	}
	if _, _, err := licencesIn(write(t, map[string]string{"README": "x", "NOTICE": "y"})); err == nil {
		t.Error("a work without a licence is passed on")
	}
}

const lock = `{"lockfileVersion":3,"packages":{
  "":{"name":"client"},
  "node_modules/@a/b":{"version":"1.2.3","license":"MIT","integrity":"sha512-AAEC"},
  "node_modules/@a/b/node_modules/c":{"version":"2.0.0","license":"Apache-2.0"},
  "node_modules/tool":{"version":"9.0.0","license":"WTFPL","dev":true}}}`

const mit = "Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files"

func TestThePagesPackages(t *testing.T) {
	texts := map[string]string{
		"package-lock.json":         lock,
		"node_modules/@a/b/LICENSE": mit, "node_modules/@a/b/node_modules/c/LICENSE": "Apache License\nVersion 2.0",
	}
	works, err := npmPackages(filepath.Join(write(t, texts), "node_modules"))
	if err != nil || len(works) != 2 {
		t.Fatalf("%v %v", works, err)
	}
	slices.SortFunc(works, func(a, b Work) int { return strings.Compare(a.Name, b.Name) })
	if w := works[0]; w.Name != "@a/b" || w.Version != "1.2.3" || w.Licence != "MIT" || w.SHA512 != "000102" || w.purl() != "pkg:npm/%40a/b@1.2.3" {
		t.Errorf("%+v %s", w, w.purl())
	}
	if w := works[1]; w.Name != "c" || w.Licence != "Apache-2.0" {
		t.Errorf("%+v", w)
	}
	texts["node_modules/@a/b/LICENSE"] = "Apache License Version 2.0"
	if _, err := npmPackages(filepath.Join(write(t, texts), "node_modules")); err == nil {
		t.Error("the lock and the text name different licences, and nobody minds")
	}
}

const status = `Package: bash
Status: install ok installed
Architecture: arm64
Version: 5.2.37-2+b9
Static-Built-Using: glibc (= 2.41-12), ncurses (= 6.5+20250216-2)
Description: GNU Bourne Again SHell
 Bash is an sh-compatible command language interpreter.
 .
 Package: not-a-package
Conffiles:
 /etc/bash.bashrc 89269e1298235f1b12b4c16e4065ad0d

Package: gone
Status: deinstall ok config-files
Architecture: arm64
Version: 1

Package: libc6
Status: install ok unpacked
Architecture: arm64
Source: glibc
Version: 2.41-12

Package: libgcc-s1
Status: install ok installed
Architecture: arm64
Source: gcc-14 (14.2.0-19)
Version: 1:14.2.0-19~x

Package: linux-image-arm64
Source: linux-signed-arm64 (6.12.57+1)
Version: 6.12.57-1
Architecture: arm64
Built-Using: linux (= 6.12.57-1)
`

func TestSourcesOfACard(t *testing.T) {
	packages, err := Installed(strings.NewReader(status))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range packages {
		names = append(names, p.Name)
	}
	if !slices.Equal(names, []string{"bash", "libc6", "libgcc-s1", "linux-image-arm64"}) {
		t.Errorf("installed: %v", names)
	}
	// That bash was built again needs no other source; glibc comes by two ways and is one.
	want := []Source{{"bash", "5.2.37-2"}, {"gcc-14", "14.2.0-19"}, {"glibc", "2.41-12"}, {"linux", "6.12.57-1"}, {"linux-signed-arm64", "6.12.57+1"}, {"ncurses", "6.5+20250216-2"}}
	if got := SourcesOf(packages); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	if text := string(Sources(packages)); !strings.Contains(text, "\ngcc-14 14.2.0-19\n") {
		t.Errorf("%s", text)
	}
	if got := packages[2].purl(); got != "pkg:deb/debian/libgcc-s1@1%3A14.2.0-19~x?arch=arm64&upstream=gcc-14%4014.2.0-19" {
		t.Error(got)
	}
	for sentence, text := range map[string]string{
		"nothing is installed":            "Package: a\nStatus: deinstall ok config-files\n",
		"a source that cannot be read":    "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nSource: ?\n",
		"no version":                      "Package: a\nStatus: install ok installed\nArchitecture: all\n",
		"something else than such a file": "PK\x03\x04",
		"what it was built with, unread":  "Package: a\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nBuilt-Using: b (>= 1)\n",
	} {
		if _, err := Installed(strings.NewReader(text)); err == nil {
			t.Errorf("%s: no error", sentence)
		}
	}
}

func TestTheBillOfMaterials(t *testing.T) {
	at := time.Date(2026, 11, 23, 5, 0, 0, 0, time.FixedZone("", 3600))
	packages, err := Installed(strings.NewReader(status))
	if err != nil {
		t.Fatal(err)
	}
	works := []Work{
		{Kind: Golang, Name: "github.com/cenkalti/backoff", Version: "v2.2.1+incompatible", Licence: "MIT"},
		{Kind: NPM, Name: "hls.js", Version: "1.7.4", Licence: "Apache-2.0", SHA512: strings.Repeat("ab", 64)},
	}
	text, err := CycloneDX(Subject{"streambox", "application", "1.2.3", at}, works, packages)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := CycloneDX(Subject{"streambox", "application", "1.2.3", at.UTC()}, works, packages)
	other, _ := CycloneDX(Subject{"streambox", "application", "1.2.4", at}, works, packages)
	if !bytes.Equal(text, again) {
		t.Error("the same list twice is not the same bytes")
	}
	var got, next cdxBill
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(other, &next); err != nil || got.Serial == next.Serial {
		t.Errorf("another bill has the same number: %v", err)
	}
	// The schema's own pattern.
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(got.Serial) {
		t.Errorf("the serial number is %q", got.Serial)
	}
	if got.Metadata.Timestamp != "2026-11-23T04:00:00Z" || len(got.Components) != 6 {
		t.Errorf("%s, %d components", got.Metadata.Timestamp, len(got.Components))
	}
	if c := got.Components[0]; c.PURL != "pkg:golang/github.com/cenkalti/backoff@v2.2.1%2Bincompatible" || c.Licences[0].Expression != "MIT" {
		t.Errorf("%+v", c)
	}
	refs := map[string]bool{got.Metadata.Component.Ref: true}
	for _, c := range got.Components {
		if refs[c.Ref] {
			t.Errorf("%s is there twice: references must be unique", c.Ref)
		}
		refs[c.Ref] = true
	}
	for _, on := range got.Dependencies[0].On {
		if !refs[on] {
			t.Errorf("%s is depended on, and is nowhere", on)
		}
	}
}

// The works of a real program: this test.
func TestWorksOfAProgram(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if _, err = run(t.Context(), "go", "version"); err != nil {
		t.Skip("not run here: go is missing (a test that was built elsewhere)")
	}
	works, err := goModules(t.Context(), []string{program})
	if err != nil {
		t.Fatal(err)
	}
	if w := works[0]; w.Title() != "The Go standard library" || w.Licence != "BSD-3-Clause" || len(w.Texts) == 0 || !strings.HasPrefix(w.purl(), "pkg:golang/std@1.") {
		t.Errorf("%s %s %s", w.Title(), w.Licence, w.purl())
	}
	if text := string(Notices(works)); !strings.Contains(text, "Redistribution and use in source") {
		t.Errorf("the notices are %q", text)
	}
	if _, err := goModules(t.Context(), []string{filepath.Join("testdata", "none")}); err == nil {
		t.Error("a program that is not there has no works")
	}
}
