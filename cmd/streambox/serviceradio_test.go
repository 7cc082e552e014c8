package main

import (
	"io/fs"
	"os"
	"testing"
)

// networkd would go on giving out addresses for us until the next start of the machine.
func TestUninstallTakesTheRadiosFileFromNetworkd(t *testing.T) {
	const ours, others = "/run/systemd/network/25-streambox-wifi.network", "/run/systemd/network/10-eth.network"
	const restart = "systemctl try-restart systemd-networkd.service"
	for _, c := range []struct {
		name  string
		there bool
	}{{"a box that was an access point", true}, {"a box without a radio of its own", false}} {
		t.Run(c.name, func(t *testing.T) {
			h := newFakeHost(t)
			h.must(t, h.install(t.Context(), false))
			h.write(t, others, "theirs")
			if c.there {
				h.write(t, ours, "[Match]\nName=wlan0\n")
			}
			h.must(t, h.uninstall(t.Context()))
			if _, err := os.Lstat(h.path(ours)); !os.IsNotExist(err) {
				t.Errorf("networkd keeps our network: %v (%v wanted)", err, fs.ErrNotExist)
			}
			if h.read(others) != "theirs" {
				t.Error("somebody else's network is gone")
			}
			if h.called(restart) != c.there {
				t.Errorf("networkd is told: %v, wanted: %v; calls %q", !c.there, c.there, h.calls)
			}
		})
	}
}
