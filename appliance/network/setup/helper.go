package setup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/google/renameio/v2"
)

// RequestName is the file that the path unit waits for.
const RequestName = "network"

// Where things are below Helper.Root.
const (
	requestDir  = "run/streambox/request"
	settingsDir = "run/streambox/wifi"
	networkdDir = "run/systemd/network"
	networkFile = "25-streambox-wifi.network"
	netClass    = "sys/class/net"
	rfkillClass = "sys/class/rfkill"
)

// NetworkdFile is what a role leaves outside of our own folders.
const NetworkdFile = "/" + networkdDir + "/" + networkFile

// ErrNone is returned when nobody asked.
var ErrNone = errors.New("nobody asked for another network")

// Helper answers one request, as root.
type Helper struct {
	Root    string                                                          // "/"; a test's folder
	Owners  []uint32                                                        // whose requests count
	Allowed bool                                                            // the settings say that the network is ours
	Run     func(ctx context.Context, program string, args ...string) error // runs a program to its end
	Log     *slog.Logger
}

// Answer takes the request away, looks at it, and makes the radio what it says.
func (h Helper) Answer(ctx context.Context) error {
	data, err := h.take()
	if err != nil {
		return err
	}
	if !h.Allowed {
		return errors.New(`the network of this machine is not ours: the settings do not say network = "auto"; nothing is done`)
	}
	r, err := Read(data)
	if err != nil {
		return fmt.Errorf("nothing is done: %w", err)
	}
	device, err := h.radio()
	if err != nil {
		return err
	}
	if device == "" {
		h.Log.Info("There is no radio; nothing is done", "role", r.Role)
		return nil
	}
	h.Log.Info("The radio gets its role", "interface", device, "role", r.Role, "networks", len(r.Networks), "frequencyMHz", r.Frequency)
	return h.apply(ctx, r, device)
}

// take reads the request and removes it in any case: what stays would be answered for ever.
func (h Helper) take() ([]byte, error) {
	dir, err := os.OpenRoot(filepath.Join(h.Root, requestDir))
	if err != nil {
		return nil, fmt.Errorf("looking for a request: %w", err)
	}
	defer dir.Close()
	info, err := dir.Lstat(RequestName)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, fmt.Errorf("looking for a request: %w", err)
	}
	// Not blocking: somebody may have put a pipe in its place meanwhile.
	file, err := dir.OpenFile(RequestName, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if removeErr := dir.RemoveAll(RequestName); removeErr != nil {
		return nil, errors.Join(fmt.Errorf("removing the request: %w", removeErr), err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the request: %w", err)
	}
	defer file.Close()
	opened, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("looking at the request: %w", err)
	}
	stat, ok := opened.Sys().(*syscall.Stat_t)
	if !ok || !os.SameFile(info, opened) || !opened.Mode().IsRegular() || opened.Size() > maxRequestBytes || !slices.Contains(h.Owners, stat.Uid) {
		return nil, errors.New("the request for the network is none: it must be a small file of the service's user; nothing is done")
	}
	data, err := io.ReadAll(io.LimitReader(file, maxRequestBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	return data, nil
}

// radio is the first wireless interface that is a device; "" for none.
func (h Helper) radio() (string, error) {
	entries, err := os.ReadDir(filepath.Join(h.Root, netClass))
	if err != nil {
		return "", fmt.Errorf("looking for a radio: %w", err)
	}
	for _, e := range entries { // sorted by name
		_, phy := os.Stat(filepath.Join(h.Root, netClass, e.Name(), "phy80211"))
		_, device := os.Stat(filepath.Join(h.Root, netClass, e.Name(), "device"))
		if phy == nil && device == nil && interfaceName(e.Name()) {
			return e.Name(), nil
		}
	}
	return "", nil
}

// interfaceName is stricter than the kernel, since the name becomes part of a unit's.
func interfaceName(name string) bool {
	const most = 15 // IFNAMSIZ
	return name != "" && len(name) <= most && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

func (h Helper) apply(ctx context.Context, r Request, device string) error {
	unit := "streambox-wifi@" + device + ".service"
	settings := filepath.Join(h.Root, settingsDir, device+".conf")
	if r.Role == Off {
		return errors.Join(h.Run(ctx, "systemctl", "stop", unit), gone(settings), h.leaveNetworkd(ctx))
	}
	supplicant, err := r.Supplicant()
	if err != nil {
		return err
	}
	verb := "restart"
	if isRecent(settings, supplicant) {
		verb = "start" // what runs already is left alone: a busy machine has not come to it yet
	} else if err = write(settings, supplicant, 0o600); err != nil {
		return err
	}
	h.unblock()
	return errors.Join(h.tellNetworkd(ctx, r.Networkd(device)), h.Run(ctx, "systemctl", verb, unit))
}

// tellNetworkd gives systemd-networkd its file for the role, and starts it anew where it is another
// one. Not `networkctl reload`, which goes by D-Bus, and networkd may have begun before that; nor files
// that match by WLANInterfaceType, which it never learns where it began before the radio's driver.
func (h Helper) tellNetworkd(ctx context.Context, content string) error {
	file := filepath.Join(h.Root, networkdDir, networkFile)
	if was, err := os.ReadFile(file); err == nil && string(was) == content {
		return nil
	}
	if err := write(file, content, 0o644); err != nil {
		return err
	}
	return h.Run(ctx, "systemctl", "restart", "systemd-networkd.service")
}

// leaveNetworkd takes the file away again, else networkd would keep address and DHCP server
// until the machine starts anew.
func (h Helper) leaveNetworkd(ctx context.Context) error {
	err := os.Remove(filepath.Join(h.Root, NetworkdFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("removing networkd's file: %w", err)
	}
	return h.Run(ctx, "systemctl", "try-restart", "systemd-networkd.service")
}

// settledWithin is how long settings have to show what they are good for before the same ones are begun anew.
const settledWithin = 2 * time.Minute

// isRecent says whether a file has this content, and has had it for a short time only.
func isRecent(file, content string) bool {
	was, err := os.ReadFile(file)
	if err != nil || string(was) != content {
		return false
	}
	info, err := os.Stat(file)
	return err == nil && time.Since(info.ModTime()).Abs() < settledWithin
}

func write(file, content string, mode fs.FileMode) error {
	if err := renameio.WriteFile(file, []byte(content), mode, renameio.WithStaticPermissions(mode)); err != nil {
		return fmt.Errorf("writing %s: %w", path.Base(file), err)
	}
	return nil
}

func gone(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing %s: %w", path.Base(file), err)
	}
	return nil
}

// unblock switches radios on that are off by software: Raspberry Pi OS leaves them so until a country is set.
func (h Helper) unblock() {
	switches, err := os.ReadDir(filepath.Join(h.Root, rfkillClass))
	if err != nil {
		return // a kernel without switches
	}
	for _, s := range switches {
		dir := filepath.Join(h.Root, rfkillClass, s.Name())
		kind, err := os.ReadFile(filepath.Join(dir, "type"))
		if err != nil || strings.TrimSpace(string(kind)) != "wlan" {
			continue
		}
		if blocked, readErr := os.ReadFile(filepath.Join(dir, "soft")); readErr == nil && strings.TrimSpace(string(blocked)) == "0" {
			continue
		}
		soft, err := os.OpenFile(filepath.Join(dir, "soft"), os.O_WRONLY, 0)
		if err == nil {
			_, err = soft.WriteString("0")
			err = errors.Join(err, soft.Close())
		}
		if err != nil {
			h.Log.Warn("A radio may be switched off", "switch", s.Name(), "error", err)
		}
	}
}
