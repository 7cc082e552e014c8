package network

import (
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"strings"
)

// machine is the Device of this machine.
type machine struct {
	list  func() ([]Interface, error) // names and addresses of what is up
	sys   fs.FS                       // /sys/class/net
	modes func() (map[string]Wireless, error)
}

func newMachine() *machine {
	return &machine{list: upInterfaces, sys: os.DirFS("/sys/class/net"), modes: wirelessModes}
}

// Interfaces reads all that is up. An error beside interfaces says that the
// wireless modes are missing.
func (m *machine) Interfaces() ([]Interface, error) {
	interfaces, err := m.list()
	if err != nil {
		return nil, fmt.Errorf("listing the network interfaces: %w", err)
	}
	modes, err := m.modes()
	if err != nil {
		err = fmt.Errorf("asking for wireless interfaces: %w", err)
	}
	for i := range interfaces {
		m.complete(&interfaces[i], modes)
	}
	return interfaces, err
}

// complete adds what /sys and the kernel's wireless part tell. What cannot be
// read is not there: outside Linux there is no /sys.
func (m *machine) complete(i *Interface, modes map[string]Wireless) {
	entries, err := fs.ReadDir(m.sys, i.Name)
	if err != nil {
		i.Device = true // not told, so believed: it has an address
	}
	for _, e := range entries {
		switch e.Name() {
		case "device":
			i.Device = true
		case "wireless", "phy80211":
			i.Wireless = UnknownMode
		default:
			if lower, ok := strings.CutPrefix(e.Name(), "lower_"); ok {
				i.Lower = append(i.Lower, lower)
			}
		}
	}
	if mode, ok := modes[i.Name]; ok {
		i.Wireless = mode
	}
}

// upInterfaces are the interfaces that are up, without loopback; those without
// addresses too, since others may stand on them.
func upInterfaces() ([]Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("asking the kernel: %w", err)
	}
	var out []Interface
	for _, i := range all {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		addresses, err := i.Addrs()
		if err != nil {
			continue // gone between the two calls
		}
		one := Interface{Name: i.Name}
		for _, a := range addresses {
			if prefix, err := netip.ParsePrefix(a.String()); err == nil {
				one.Addresses = append(one.Addresses, prefix.Addr().Unmap().WithZone(""))
			}
		}
		out = append(out, one)
	}
	return out, nil
}
