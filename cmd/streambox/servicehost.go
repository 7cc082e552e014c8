package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"

	"streambox.local/systemd"
)

// serviceHost is the machine as the service commands see it: its files, its
// programs, and systemd. Tests give it a folder and a list of calls instead.
type serviceHost struct {
	root       string // "/"
	unit       unitFile
	control    unitControl
	run        func(ctx context.Context, name string, args ...string) (stdout string, err error)
	owner      func(path string) (pkg string) // "": no package's
	account    func(name string) (comment string, there bool)
	euid       int
	rootID     int // user and group 0
	executable string
	search     []string // where systemd looks for programs without a path
	say        func(format string, args ...any)
}

// unitFile puts the main unit in place and enables it, or the contrary.
type unitFile interface {
	Install() error
	Uninstall() error
}

// unitControl starts and stops it.
type unitControl interface {
	Start() error
	Stop() error
	Restart() error
}

func (h *serviceHost) path(absolute string) string { return filepath.Join(h.root, absolute) }

func (h *serviceHost) has(absolute string) bool {
	_, err := os.Lstat(h.path(absolute))
	return err == nil
}

// mayChange says why nothing on this machine can be changed.
func (h *serviceHost) mayChange() error {
	if !h.has("/run/systemd/system") {
		return errors.New("this machine does not run systemd, so there is no service to look after; start the box by hand: streambox serve")
	}
	if h.euid != 0 {
		return errors.New("this needs root; say it with sudo")
	}
	return nil
}

// unitPath is where systemd looks for a program that is named without a path.
func unitPath() []string {
	return []string{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"}
}

// packaged is the unit of a package, which is not ours to touch.
func (h *serviceHost) packaged() (unit, pkg string, there bool) {
	for _, dir := range []string{"/usr/lib/systemd/system", "/lib/systemd/system"} {
		unit = filepath.Join(dir, systemd.MainUnit)
		if h.has(unit) {
			if pkg = h.owner(unit); pkg == "" { // dpkg knows a file by one of its two names
				pkg = h.owner(strings.TrimPrefix(unit, "/usr"))
			}
			return unit, pkg, true
		}
	}
	return "", "", false
}

func (h *serviceHost) installed() bool { return h.has(mainUnit().Target(systemd.Local)) }

// runProgram runs a program of the system. Its error is what the program said.
func runProgram(ctx context.Context, name string, args ...string) (string, error) {
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err != nil {
		said := strings.TrimSpace(stderr.String())
		if said == "" {
			said = err.Error()
		}
		return stdout.String(), fmt.Errorf("%s %s: %s: %w", name, strings.Join(args, " "), said, err)
	}
	return stdout.String(), nil
}

// packageOf asks dpkg; "" where there is no dpkg, or it does not know.
func packageOf(path string) string {
	out, err := exec.CommandContext(context.Background(), "dpkg-query", "-S", path).Output()
	if err != nil {
		return ""
	}
	pkg, _, _ := strings.Cut(string(out), ":")
	return strings.TrimSpace(pkg)
}

func accountOf(name string) (comment string, there bool) {
	u, err := user.Lookup(name)
	if err != nil {
		return "", false
	}
	return u.Name, true
}
