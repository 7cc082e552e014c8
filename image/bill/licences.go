package bill

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// licenceName matches files at the top of a work's folder: LICENSE, COPYING, NOTICE.md, icu-license.html.
var licenceName = regexp.MustCompile(`(?i)^([a-z0-9]+-)?(licen[cs]e|copying|notice|patents)(\.(md|txt|html))?$`)

// spdxLine is how a file names its licence itself.
var spdxLine = regexp.MustCompile(`SPDX-License-Identifier: ([A-Za-z0-9.+() -]+[A-Za-z0-9.+)])`)

// licencesIn are the texts at the top of a folder, and the SPDX expression for
// all of them; none, and one that is not known, is an error.
func licencesIn(folder string) (string, []byte, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", nil, err //nolint:wrapcheck // says itself what was read
	}
	var texts [][]byte
	var names []string
	for _, e := range entries {
		found := licenceName.FindStringSubmatch(e.Name())
		if found == nil || e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return "", nil, err //nolint:wrapcheck // as above
		}
		texts = append(texts, append(bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), '\n'))
		if what := strings.ToLower(found[2]); what == "notice" || what == "patents" {
			continue // goes with a licence, and is none
		}
		name, err := LicenceOf(string(text))
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "", nil, fmt.Errorf("%s has none", folder)
	}
	return joined(names), bytes.Join(texts, []byte("\n")), nil
}

// joined is the SPDX expression for works under all of these.
func joined(names []string) string {
	if len(names) > 1 {
		for i, name := range names {
			if strings.Contains(name, " ") {
				names[i] = "(" + name + ")"
			}
		}
	}
	return strings.Join(names, " AND ")
}

// LicenceOf is the SPDX name of a licence's text.
func LicenceOf(text string) (string, error) {
	head := text[:min(len(text), 400)]
	if found := spdxLine.FindStringSubmatch(head); found != nil {
		return found[1], nil
	}
	// Wrapped and quoted in many ways: compared word by word.
	words := " " + strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), " ") + " "
	says := func(phrase string) bool { return strings.Contains(words, " "+phrase+" ") }
	switch {
	case says("gnu general public license"), says("gnu lesser general public license"), says("gnu affero general public license"), says("mozilla public license"):
		// Would ask more of us than to pass on its text.
	case says("apache license version 2 0"):
		return "Apache-2.0", nil
	case says("redistribution and use in source and binary forms") && (says("neither the name") || says("nor the names of")):
		return "BSD-3-Clause", nil
	case says("redistribution and use in source and binary forms"):
		return "BSD-2-Clause", nil
	case says("icu license icu 1 8 1 and later"):
		return "ICU", nil
	case says("permission is hereby granted free of charge to any person obtaining a copy of this software and associated documentation files"):
		return "MIT", nil
	case says("this software is provided as is without any express or implied warranty in no event will the authors be held liable"):
		return "Zlib", nil
	}
	return "", fmt.Errorf("this licence is not known: read it, and teach LicenceOf its name")
}
