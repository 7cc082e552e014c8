package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"streambox.local/appliance/network/setup"
	"streambox.local/systemd"
)

// stateDir is the StateDirectory of the unit.
const stateDir = "/var/lib/streambox"

// uninstall takes away all that install and the service have made, but not what
// cannot be made again: prepared films, the box's memory, changed settings.
func (h *serviceHost) uninstall(ctx context.Context) error {
	if _, pkg, there := h.packaged(); there && !h.installed() {
		return fmt.Errorf("the service belongs to the package %s; remove it with: apt remove %[1]s", pkg)
	}
	_, _ = h.run(ctx, "systemctl", "stop", "streambox-media@*.service", "streambox-poweroff.path", "streambox-poweroff.service", "streambox-network.path", "streambox-network.service", "streambox-wifi@*.service", "streambox-update.path", "streambox-update.service", "streambox-trial.service", "streambox-worker.socket", "streambox-worker@*.service", systemd.MainUnit)
	if h.active(ctx) {
		return errors.New("the service does not stop, so nothing was removed; journalctl -u streambox says why")
	}
	wasInstalled := h.installed()
	if wasInstalled {
		if err := h.unit.Uninstall(); err != nil {
			return fmt.Errorf("removing the unit: %w", err)
		}
	}
	stays, err := h.removeFiles()
	if err != nil {
		return err
	}
	if _, err := h.run(ctx, "systemctl", "daemon-reload"); err != nil {
		return fmt.Errorf("telling systemd: %w", err)
	}
	_, _ = h.run(ctx, "systemctl", "reset-failed", "streambox*") // fails when nothing has failed
	h.reloadDevices(ctx)
	if err := h.leaveNetworkd(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(h.path("/run/streambox")); err != nil {
		return fmt.Errorf("removing the service's folder: %w", err)
	}
	for _, dir := range append(localDirs(), "/media/streambox", stateDir) {
		_ = os.Remove(h.path(dir)) // only when empty
	}
	if h.has(stateDir) {
		if err := h.handOver(); err != nil {
			return err
		}
		stays = append(stays, stateDir+" (prepared films, places of viewers)")
	}
	if err := h.removeAccount(ctx); err != nil {
		return err
	}
	if wasInstalled {
		h.say("The service is removed.")
	} else {
		h.say("The service is not installed.")
	}
	for _, what := range stays {
		h.say("What stays: %s", what)
	}
	return nil
}

// leaveNetworkd takes away what the network's helper told systemd-networkd of the radio.
func (h *serviceHost) leaveNetworkd(ctx context.Context) error {
	if !h.has(setup.NetworkdFile) {
		return nil
	}
	if err := os.Remove(h.path(setup.NetworkdFile)); err != nil {
		return fmt.Errorf("removing the radio's network: %w", err)
	}
	if _, err := h.run(ctx, "systemctl", "try-restart", "systemd-networkd.service"); err != nil {
		h.say("systemd-networkd keeps the radio's address until the next start of the machine: %v", err)
	}
	return nil
}

// removeFiles removes what install wrote. Settings that somebody has changed,
// and drop-ins of the unit, are that person's.
func (h *serviceHost) removeFiles() (stays []string, err error) {
	for _, f := range systemd.Manifest() {
		name := f.Target(systemd.Local)
		if f.Kind == systemd.Settings {
			now, err := os.ReadFile(h.path(name))
			if err == nil && !bytes.Equal(now, f.Content()) && !bytes.Equal(now, f.ApplianceContent()) {
				stays = append(stays, name+" (your settings)")
				continue
			}
		}
		if err := os.Remove(h.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("removing %s: %w", f.Name, err)
		}
		if dropIns := name + ".d"; f.Kind == systemd.Unit && h.has(dropIns) {
			stays = append(stays, dropIns+" (your changes of the unit)")
		}
	}
	return stays, nil
}

// handOver gives the library to root, because its owner is removed and the
// number of a removed user goes to the next one. systemd gives it back to the
// service when that is installed again.
func (h *serviceHost) handOver() error {
	dir, err := os.OpenRoot(h.path(stateDir))
	if err == nil {
		defer dir.Close()
		err = fs.WalkDir(dir.FS(), ".", func(name string, _ fs.DirEntry, err error) error {
			if err == nil {
				err = dir.Lchown(name, h.rootID, h.rootID)
			}
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("giving the library to root: %w", err)
	}
	return nil
}

// removeAccount removes the user that systemd-sysusers made for us (one of this
// name that somebody else made is left alone) and the group of its name. The
// groups gpio and video are everybody's.
func (h *serviceHost) removeAccount(ctx context.Context) error {
	if comment, there := h.account("streambox"); !there || comment != "StreamBox" {
		return nil
	}
	if _, err := h.run(ctx, "userdel", "streambox"); err != nil {
		return fmt.Errorf("removing the service's user: %w", err)
	}
	// userdel takes the group along only where /etc/login.defs says so.
	if _, err := h.run(ctx, "getent", "group", "streambox"); err == nil {
		if _, err := h.run(ctx, "groupdel", "streambox"); err != nil {
			return fmt.Errorf("removing the service's group: %w", err)
		}
	}
	return nil
}
