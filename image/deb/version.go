package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// headline is the first line of an entry of the changelog: streambox (1.2.3) unstable; urgency=medium.
var headline = regexp.MustCompile(`^streambox \(([0-9]+(?:\.[0-9]+)*)\) [a-z-]+; urgency=[a-z]+$`)

// versionOf is Debian's version of what is built (see the package comment).
// described is git's word for the commit: describe --tags --always --dirty.
func versionOf(changelog, described, commit string, at time.Time) (string, error) {
	first, _, _ := strings.Cut(changelog, "\n")
	found := headline.FindStringSubmatch(first)
	if found == nil {
		return "", fmt.Errorf("the changelog begins with %q, which names no version", first)
	}
	if described == "v"+found[1] {
		return found[1], nil
	}
	if !regexp.MustCompile(`^[0-9a-f]{7,40}$`).MatchString(commit) {
		return "", errors.New("the commit is not known: build in a clone of the repository")
	}
	version := found[1] + "~" + at.UTC().Format("20060102150405") + "." + commit
	if strings.HasSuffix(described, "-dirty") {
		version += ".dirty"
	}
	return version, nil
}
