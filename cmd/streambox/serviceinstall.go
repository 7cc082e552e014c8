package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/renameio/v2"

	"streambox.local/systemd"
)

// install puts all of systemd/ in place. What is there already is left or
// brought up to date; the settings file belongs to the user once it is there.
func (h *serviceHost) install(ctx context.Context, appliance bool) error {
	if unit, pkg, there := h.packaged(); there {
		if pkg == "" {
			return fmt.Errorf("%s is there already, so this machine has the service; start it: systemctl start streambox", unit)
		}
		return fmt.Errorf("the package %s brings the service on this machine (%s); start it: systemctl start streambox, or remove the package first: apt remove %s", pkg, unit, pkg)
	}
	if err := h.reachable(); err != nil {
		return err
	}
	wasActive := h.active(ctx)
	for _, f := range systemd.Manifest() {
		if f.Name == systemd.MainUnit {
			continue // comes last, when all that it needs is there
		}
		if err := h.put(f, appliance); err != nil {
			return err
		}
	}
	if err := h.makeRoom(ctx); err != nil {
		return err
	}
	// Install refuses to replace a unit, and an older release may have left one.
	target := h.path(mainUnit().Target(systemd.Local))
	if err := os.Remove(target); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replacing the unit: %w", err)
	}
	if err := h.unit.Install(); err != nil {
		return fmt.Errorf("installing the unit: %w", err)
	}
	if now, err := os.ReadFile(target); err != nil || !bytes.Equal(now, mainUnit().Content()) {
		return errors.Join(fmt.Errorf("the unit %s is not what was to be written", target), err)
	}
	h.reloadDevices(ctx)
	if !wasActive {
		h.say("StreamBox is installed and will start with this machine. To start it now: sudo streambox service start")
		return nil
	}
	if err := h.control.Restart(); err != nil {
		return fmt.Errorf("StreamBox is installed, but does not start again%s; journalctl -u streambox says more: %w", h.lastWords(ctx), err)
	}
	h.say("StreamBox is installed and has been restarted.")
	return nil
}

// reachable sees to it that the unit, which names no folder, starts this program.
func (h *serviceHost) reachable() error {
	ours, err := os.Stat(h.executable)
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	for _, dir := range h.search {
		found := filepath.Join(dir, "streambox")
		info, err := os.Stat(h.path(found))
		switch {
		case err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0:
		case os.SameFile(ours, info):
			return nil
		default:
			return fmt.Errorf("the service would start %s, which is another program than this one (%s); replace it first: sudo install -m 755 %s %s",
				found, h.executable, h.executable, found)
		}
	}
	return fmt.Errorf("the service starts the program from /usr/local/bin or /usr/bin; put it there first: sudo install -m 755 %s /usr/local/bin/streambox, then: sudo streambox service install", h.executable)
}

// put writes one file, unless it is right already or the user's own.
func (h *serviceHost) put(f systemd.File, appliance bool) error {
	target, content := h.path(f.Target(systemd.Local)), f.Content()
	if appliance {
		content = f.ApplianceContent()
	}
	now, err := os.ReadFile(target)
	switch {
	case err == nil && bytes.Equal(now, content):
		return nil
	case err == nil && f.Kind == systemd.Settings && appliance && bytes.Equal(now, f.Content()):
		// Nobody has touched it: --appliance may still make it an appliance's.
	case err == nil && f.Kind == systemd.Settings:
		if appliance {
			h.say("Your settings in %s stay as they are; on a machine that is only a StreamBox they say: sticks = \"auto\" and panel = \"auto\"", f.Target(systemd.Local))
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil { //nolint:gosec // folders of /etc that everybody reads
		return fmt.Errorf("installing %s: %w", f.Name, err)
	}
	if err := renameio.WriteFile(target, content, f.Mode, renameio.IgnoreUmask()); err != nil {
		return fmt.Errorf("installing %s: %w", f.Name, err)
	}
	return nil
}

// makeRoom makes the user and the folders now, as the next boot would.
func (h *serviceHost) makeRoom(ctx context.Context) error {
	for _, f := range systemd.Manifest() {
		var program []string
		switch f.Kind {
		case systemd.Sysusers:
			program = []string{"systemd-sysusers"}
		case systemd.Tmpfiles:
			program = []string{"systemd-tmpfiles", "--create"}
		default:
			continue
		}
		program = append(program, f.Target(systemd.Local))
		if _, err := h.run(ctx, program[0], program[1:]...); err != nil {
			return fmt.Errorf("preparing what the service needs: %w", err)
		}
	}
	return nil
}

// reloadDevices lets udev read the rules, and go over the devices that are
// there already as if they were plugged now, which a stick's unit is started by. A
// machine without udev (a container) has none of them.
func (h *serviceHost) reloadDevices(ctx context.Context) {
	if !h.has("/run/udev/control") {
		return
	}
	for _, args := range [][]string{
		{"control", "--reload"},
		{"trigger", "--action=add", "--subsystem-match=block", "--subsystem-match=gpio", "--subsystem-match=leds"},
	} {
		if _, err := h.run(ctx, "udevadm", args...); err != nil {
			h.say("Sticks, button and LED will work after the next start of the machine: %v", err)
			return
		}
	}
}

// localDirs are the folders of ours among those that files were put into.
func localDirs() []string {
	var dirs []string
	for _, f := range systemd.Manifest() {
		if dir := filepath.Dir(f.Target(systemd.Local)); strings.HasSuffix(dir, "/streambox") && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}
