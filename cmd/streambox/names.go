package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// nameMax leaves room for "-9999" in the 255 bytes of a name.
const nameMax = 200

// What Windows, and so the stick's next owner, cannot have as a name.
var reservedName = regexp.MustCompile(`(?i)^(con|prn|aux|nul|com[0-9]|lpt[0-9])($|\.)`)

// folderName makes the name of a film's folder from its file's: what FAT,
// exFAT and NTFS take, never hidden, never like an option, never empty.
func folderName(path string) string {
	name := filepath.Base(path)
	if stem := strings.TrimSuffix(name, filepath.Ext(name)); strings.Trim(stem, ". ") != "" {
		name = stem
	}
	name = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || strings.ContainsRune(`/\:*?"<>|`, r) || !unicode.IsPrint(r) && r != '\u200d' {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimLeft(name, ". ")
	for len(name) > nameMax {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	name = strings.TrimRight(name, ". ")
	if name == "" {
		return "film"
	}
	if name[0] == '-' || reservedName.MatchString(name) {
		name = "_" + name
	}
	return name
}

// escapeGlob makes a path stand for itself in a glob pattern.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
