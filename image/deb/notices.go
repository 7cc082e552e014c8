package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// work is somebody else's software in the program.
type work struct{ name, version, folder string }

// thirdParty is the text that their licences ask for: what is in the program,
// of whom, under which licence.
func thirdParty(ctx context.Context, nodeModules string) ([]byte, error) {
	works, err := goModules(ctx)
	if err != nil {
		return nil, err
	}
	browser, err := npmPackages(nodeModules)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	text.WriteString("Software of others that is part of StreamBox, with its licences.\n")
	for _, w := range append(works, browser...) {
		licences, err := licencesIn(w.folder)
		if err != nil {
			return nil, fmt.Errorf("the licence of %s: %w", w.name, err)
		}
		fmt.Fprintf(&text, "\n%s\n%s %s\n\n%s", strings.Repeat("=", 72), w.name, w.version, licences)
	}
	return text.Bytes(), nil
}

// goModules are those whose packages are linked into the program, and Go itself.
func goModules(ctx context.Context) ([]work, error) {
	const format = `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`
	listed, err := exec.CommandContext(ctx, "go", "list", "-deps", "-f", format, "streambox.local/cmd/streambox").Output()
	if err != nil {
		return nil, fmt.Errorf("listing the modules: %w", err)
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT", "GOVERSION").Output()
	if err != nil {
		return nil, fmt.Errorf("finding Go: %w", err)
	}
	var works []work
	for line := range strings.Lines(string(listed)) {
		if f := strings.SplitN(strings.TrimSpace(line), " ", 3); len(f) == 3 {
			works = append(works, work{f[0], f[1], f[2]})
		}
	}
	slices.SortFunc(works, func(a, b work) int { return strings.Compare(a.name, b.name) })
	folder, version, _ := strings.Cut(strings.TrimSpace(string(root)), "\n")
	return append(slices.Compact(works), work{"The Go standard library", version, folder}), nil
}

// npmPackages are the page's: the dependencies, not those of development.
func npmPackages(nodeModules string) ([]work, error) {
	var own struct{ Dependencies map[string]string }
	text, err := os.ReadFile(filepath.Join(nodeModules, "..", "package.json"))
	if err == nil {
		err = json.Unmarshal(text, &own)
	}
	if err != nil {
		return nil, fmt.Errorf("listing the page's packages: %w", err)
	}
	var works []work
	for name, version := range own.Dependencies {
		works = append(works, work{name, version, filepath.Join(nodeModules, name)})
	}
	slices.SortFunc(works, func(a, b work) int { return strings.Compare(a.name, b.name) })
	return works, nil
}

var licenceName = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)(\.(md|txt))?$`)

// licencesIn are the texts at the top of a folder; none is an error.
func licencesIn(folder string) ([]byte, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err //nolint:wrapcheck // says itself what was read
	}
	var texts [][]byte
	for _, e := range entries {
		if !licenceName.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, err //nolint:wrapcheck // as above
		}
		texts = append(texts, append(bytes.TrimSpace(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))), '\n'))
	}
	if len(texts) == 0 {
		return nil, fmt.Errorf("%s has none", folder)
	}
	return bytes.Join(texts, []byte("\n")), nil
}
