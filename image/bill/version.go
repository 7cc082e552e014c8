package bill

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Headline is the first line of an entry of the changelog: streambox (1.2.3) unstable; urgency=medium.
// Its group is the version.
var Headline = regexp.MustCompile(`^streambox \(([0-9]+(?:\.[0-9]+)*)\) [a-z-]+; urgency=[a-z]+$`)

// Version is Debian's version of what is built. A release has the version at the head of the changelog and is
// built from the tag of that name (v1.2.3). Anything else is 1.2.3~<time of the commit>.<commit>, which
// dpkg sorts before the release that it leads to, and after earlier commits.
//
// described is git's word for the commit: describe --tags --always --dirty.
func Version(changelog, described, commit string, at time.Time) (string, error) {
	first, _, _ := strings.Cut(changelog, "\n")
	found := Headline.FindStringSubmatch(first)
	if found == nil {
		return "", fmt.Errorf("the changelog begins with %q, which names no version", first)
	}
	if described == "v"+found[1] {
		return found[1], nil
	}
	if regexp.MustCompile(`^v[0-9.]+$`).MatchString(described) {
		return "", fmt.Errorf("the tag is %s, and the changelog begins with %s", described, found[1])
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
