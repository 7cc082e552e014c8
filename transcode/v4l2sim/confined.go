package v4l2sim

import (
	"context"
	"debug/elf"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

//go:embed device/program.c
var program []byte

// Confined makes an ffmpeg with the device that can also be started where ffmpeg
// is confined: dir/bin/ffmpeg, and the device in dir/lib, since there, beside a
// program of one's own, a confined program's libraries may lie. at is where dir
// will be when it is started; "": where it is now. There it can open no file for its log,
// and the device's buffers, too, count as memory.
func Confined(ctx context.Context, dir, at, ffmpeg string, told map[string]string) (path string, err error) {
	if at == "" {
		at = dir
	}
	bin, lib := filepath.Join(dir, "bin"), filepath.Join(dir, "lib")
	if err = errors.Join(os.MkdirAll(bin, 0o755), os.MkdirAll(lib, 0o755)); err != nil { //nolint:gosec // the worker's user reads them
		return "", fmt.Errorf("make folders for the device: %w", err)
	}
	library, err := Build(ctx, lib)
	if err != nil {
		return "", err
	}
	loader, err := interpreter(ffmpeg)
	if err != nil {
		return "", fmt.Errorf("find the loader of %s: %w", ffmpeg, err)
	}
	source := filepath.Join(lib, "program.c")
	if err = os.WriteFile(source, program, 0o600); err != nil {
		return "", fmt.Errorf("write the program's source: %w", err)
	}
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(told)) {
		all.WriteString(strconv.Quote(name+"="+told[name]) + ",")
	}
	path = filepath.Join(bin, "ffmpeg")
	define := func(name, value string) string { return "-D" + name + "=" + strconv.Quote(value) }
	out, err := exec.CommandContext(ctx, "cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", path, source,
		define("LOADER", loader), define("DEVICE", filepath.Join(at, "lib", filepath.Base(library))), define("FFMPEG", ffmpeg), "-DTOLD="+all.String()).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("compile the program: %w\n%s", err, out)
	}
	return path, nil
}

// interpreter is the loader that a program names.
func interpreter(program string) (string, error) {
	file, err := elf.Open(program)
	if err != nil {
		return "", err
	}
	defer file.Close()
	for _, part := range file.Progs {
		if part.Type != elf.PT_INTERP {
			continue
		}
		name, err := io.ReadAll(io.LimitReader(part.Open(), 4096))
		return strings.TrimRight(string(name), "\x00"), err
	}
	return "", errors.New("it names none")
}
