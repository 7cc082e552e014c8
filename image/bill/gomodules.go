package bill

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// standardLibrary is what package URLs call it.
const standardLibrary = "std"

// goModules are those that are linked into the programs, and Go itself.
func goModules(ctx context.Context, programs []string) ([]Work, error) {
	linked := map[string]bool{} // "path@version"
	compiler := ""
	for _, program := range programs {
		info, err := buildinfo.ReadFile(program)
		if err != nil {
			return nil, fmt.Errorf("reading what is in %s: %w", program, err)
		}
		if compiler != "" && compiler != info.GoVersion {
			return nil, fmt.Errorf("%s was built by %s, others by %s", program, info.GoVersion, compiler)
		}
		compiler = info.GoVersion
		for _, m := range info.Deps {
			if m.Replace != nil {
				return nil, fmt.Errorf("%s is replaced by %s: nothing tells its licence", m.Path, m.Replace.Path)
			}
			linked[m.Path+"@"+m.Version] = true
		}
	}
	works, err := standard(ctx, compiler)
	if err != nil || len(linked) == 0 {
		return works, err
	}
	names := make([]string, 0, len(linked))
	for name := range linked {
		names = append(names, name)
	}
	slices.Sort(names)
	args := append([]string{"list", "-m", "-f", "{{.Path}} {{.Version}} {{.Dir}}"}, names...)
	listed, err := run(ctx, "go", args...)
	if err != nil {
		return nil, fmt.Errorf("finding the modules' folders: %w", err)
	}
	for line := range strings.Lines(listed) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 3)
		if len(f) != 3 {
			return nil, fmt.Errorf("%s is not on this machine: go mod download", strings.TrimSpace(line))
		}
		w := Work{Kind: Golang, Name: f[0], Version: f[1]}
		if w.Licence, w.Texts, err = licencesIn(f[2]); err != nil {
			return nil, fmt.Errorf("the licence of %s: %w", w.Name, err)
		}
		works = append(works, w)
	}
	return works, nil
}

// standard is the part of Go that every program has; its sources lie beside the
// compiler, which must be the one that built the programs.
func standard(ctx context.Context, compiler string) ([]Work, error) {
	said, err := run(ctx, "go", "env", "GOROOT", "GOVERSION")
	if err != nil {
		return nil, fmt.Errorf("finding Go: %w", err)
	}
	folder, version, _ := strings.Cut(strings.TrimSpace(said), "\n")
	if version != compiler {
		return nil, fmt.Errorf("the programs were built by %s, and here is %s", compiler, version)
	}
	w := Work{Kind: Golang, Name: standardLibrary, Version: strings.TrimPrefix(version, "go")}
	if w.Licence, w.Texts, err = licencesIn(folder); err != nil {
		return nil, fmt.Errorf("the licence of Go: %w", err)
	}
	return []Work{w}, nil
}

// run gives what a program prints.
func run(ctx context.Context, name string, args ...string) (string, error) {
	var wrong bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stderr = &wrong
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, args[0], err, bytes.TrimSpace(wrong.Bytes()))
	}
	return string(out), nil
}
