package bill

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Package is a Debian package that is installed on a card.
type Package struct {
	Name, Version, Architecture string
	Source                      Source
	// BuiltUsing are further sources whose parts are in it (Built-Using and Static-Built-Using).
	BuiltUsing []Source
}

// Source is a source package of Debian's, in exactly the version that something was built from.
type Source struct{ Name, Version string }

// sourceField is "name" or "name (version)"; usingField is "name (= version)".
var (
	sourceField = regexp.MustCompile(`^([a-z0-9][a-z0-9+.-]+)(?: \(([^() ]+)\))?$`)
	usingField  = regexp.MustCompile(`^([a-z0-9][a-z0-9+.-]+) \(= ([^() ]+)\)$`)
	// rebuilt is the end of a version that only the binary package has: built again from the same source.
	rebuilt = regexp.MustCompile(`\+b[0-9]+$`)
)

// Installed reads the installed packages of a card, in one order: paragraphs as
// in /var/lib/dpkg/status. One without a status (the control file of a package
// that was only unpacked: kernel, firmware) counts as installed.
func Installed(status io.Reader) ([]Package, error) {
	var list []Package
	var fields map[string]string
	finish := func() error {
		if len(fields) == 0 {
			return nil
		}
		p, installed, err := packageOf(fields)
		if err != nil {
			return fmt.Errorf("package %q: %w", fields["package"], err)
		}
		if installed {
			list = append(list, p)
		}
		fields = nil
		return nil
	}
	lines := bufio.NewScanner(status)
	lines.Buffer(nil, 1<<20)
	last := ""
	for lines.Scan() {
		line := lines.Text()
		switch name, value, ok := strings.Cut(line, ":"); {
		case line == "":
			if err := finish(); err != nil {
				return nil, err
			}
		case line[0] == ' ' || line[0] == '\t':
			if fields == nil {
				return nil, fmt.Errorf("%q goes on with nothing", line)
			}
			fields[last] += "\n" + strings.TrimSpace(line)
		case !ok:
			return nil, fmt.Errorf("%q is no line of a status file", line)
		default:
			if fields == nil {
				fields = map[string]string{}
			}
			last = strings.ToLower(name)
			fields[last] = strings.TrimSpace(value)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the packages: %w", err)
	}
	if err := finish(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, errors.New("no package is installed")
	}
	slices.SortFunc(list, func(a, b Package) int {
		return strings.Compare(a.Name+"\x00"+a.Architecture, b.Name+"\x00"+b.Architecture)
	})
	return list, nil
}

// packageOf reads one paragraph. What was removed and left settings is not
// installed.
func packageOf(fields map[string]string) (Package, bool, error) {
	p := Package{Name: fields["package"], Version: fields["version"], Architecture: fields["architecture"]}
	if status := fields["status"]; status != "" && !strings.HasSuffix(status, " installed") && !strings.HasSuffix(status, " unpacked") {
		return p, false, nil
	}
	if p.Name == "" || p.Version == "" || p.Architecture == "" {
		return p, false, errors.New("it has no name, version or architecture")
	}
	p.Source = Source{p.Name, rebuilt.ReplaceAllString(p.Version, "")}
	if text := fields["source"]; text != "" {
		found := sourceField.FindStringSubmatch(text)
		if found == nil {
			return p, false, fmt.Errorf("its source %q cannot be read", text)
		}
		p.Source.Name = found[1]
		if found[2] != "" {
			p.Source.Version = found[2]
		}
	}
	for _, name := range []string{"built-using", "static-built-using"} {
		for text := range strings.SplitSeq(fields[name], ",") {
			text = strings.TrimSpace(text)
			if text == "" {
				continue
			}
			found := usingField.FindStringSubmatch(text)
			if found == nil {
				return p, false, fmt.Errorf("what it was built with, %q, cannot be read", text)
			}
			p.BuiltUsing = append(p.BuiltUsing, Source{found[1], found[2]})
		}
	}
	return p, true, nil
}

// SourcesOf are the sources of all these packages, each once, in one order.
func SourcesOf(packages []Package) []Source {
	var list []Source
	for _, p := range packages {
		list = append(append(list, p.Source), p.BuiltUsing...)
	}
	slices.SortFunc(list, func(a, b Source) int { return strings.Compare(a.Name+"\x00"+a.Version, b.Name+"\x00"+b.Version) })
	return slices.Compact(list)
}
