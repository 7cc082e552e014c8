package network

import (
	"bytes"
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/genetlink/genltest"
	"github.com/mdlayher/netlink"
)

// wirelessInterface is one message of a dump of NL80211_CMD_GET_INTERFACE,
// with the attributes of Linux 6.6 in the kernel's order (nl80211_send_iface).
func wirelessInterface(t *testing.T, name string, kind uint32) genetlink.Message {
	t.Helper()
	e := netlink.NewAttributeEncoder()
	e.Uint32(3, 3) // IFINDEX
	if name != "" {
		e.String(attrIfName, name)
	}
	e.Uint32(1, 0) // WIPHY
	e.Uint32(attrIfType, kind)
	e.Uint64(153, 1)                                                    // WDEV
	e.Bytes(6, []byte{0xdc, 0xa6, 0x32, 1, 2, 3})                       // MAC
	e.Uint32(46, 5)                                                     // GENERATION
	e.Uint8(83, 0)                                                      // 4ADDR
	e.Uint32(38, 2437)                                                  // WIPHY_FREQ
	e.Nested(265, func(*netlink.AttributeEncoder) error { return nil }) // TXQ_STATS
	data, err := e.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return genetlink.Message{Header: genetlink.Header{Command: 7, Version: 1}, Data: data}
}

func kernel(answer genltest.Func) *genetlink.Conn {
	family := genetlink.Family{ID: 0x23, Version: 1, Name: nl80211Family}
	return genltest.Dial(genltest.ServeFamily(family, genltest.CheckRequest(
		family.ID, cmdGetInterface, netlink.Request|netlink.Dump, answer)))
}

func TestTheKernelTellsTheModes(t *testing.T) {
	conn := kernel(func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) {
		return []genetlink.Message{
			wirelessInterface(t, "wlan0", 2), wirelessInterface(t, "wlan1", 3), wirelessInterface(t, "wlan1.sta1", 4),
			wirelessInterface(t, "p2p-wlan0-0", 9), wirelessInterface(t, "mesh0", 7), wirelessInterface(t, "", 10),
		}, nil
	})
	defer func() { _ = conn.Close() }()
	got, err := askModes(conn)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Wireless{"wlan0": Station, "wlan1": AP, "wlan1.sta1": AP, "p2p-wlan0-0": AP, "mesh0": Station}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("modes %v, want %v", got, want)
	}
}

func TestAKernelWithoutAnswersIsAnError(t *testing.T) {
	cut := kernel(func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) {
		return []genetlink.Message{{Data: []byte{200, 0, 5, 0, 3}}}, nil
	})
	defer func() { _ = cut.Close() }()
	if modes, err := askModes(cut); err == nil {
		t.Errorf("a message cut short gives %v", modes)
	}
	denied := kernel(func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) { return nil, genltest.Error(1) })
	defer func() { _ = denied.Close() }()
	if _, err := askModes(denied); err == nil || errors.Is(err, ErrNoWireless) {
		t.Errorf("a refusal gives %v", err)
	}
	none := genltest.Dial(func(genetlink.Message, netlink.Message) ([]genetlink.Message, error) { return nil, genltest.Error(2) })
	defer func() { _ = none.Close() }()
	if _, err := askModes(none); !errors.Is(err, ErrNoWireless) {
		t.Errorf("a kernel without nl80211 gives %v", err)
	}
}

// /sys/class/net of a Pi that bridges its cable and its hotspot, with a container.
func piSys() fstest.MapFS {
	return fstest.MapFS{
		"eth0/device": {}, "eth0/upper_br0": {},
		"wlan0/device": {}, "wlan0/wireless": {}, "wlan0/phy80211": {}, "wlan0/upper_br0": {},
		"br0/lower_eth0": {}, "br0/lower_wlan0": {}, "br0/bridge": {},
		"docker0/lower_veth1": {}, "veth1/upper_docker0": {},
	}
}

func TestAMachineIsReadFromSysAndNetlink(t *testing.T) {
	list := func() ([]Interface, error) {
		return []Interface{
			{Name: "eth0"},
			{Name: "wlan0"},
			{Name: "br0", Addresses: addresses("192.168.4.1")},
			{Name: "docker0", Addresses: addresses("172.17.0.1")},
			{Name: "veth1"},
		}, nil
	}
	refused := errors.New("refused")
	for _, tt := range []struct {
		name  string
		modes map[string]Wireless
		err   error
		want  Role
	}{
		{"an access point", map[string]Wireless{"wlan0": AP}, nil, AccessPoint},
		{"a station", map[string]Wireless{"wlan0": Station}, nil, Client},
		{"netlink refused", nil, refused, Client},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &machine{list: list, sys: piSys(), modes: func() (map[string]Wireless, error) { return tt.modes, tt.err }}
			got, err := m.Interfaces()
			if !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			links := Decide(got)
			if role := BoxRole(links); role != tt.want {
				t.Errorf("role %s, want %s", role, tt.want)
			}
			if l, ok := at(links, addresses("172.17.0.1")[0]); !ok || l.Leaves {
				t.Errorf("the containers' bridge leaves the machine: %+v", l)
			}
		})
	}
}

// Whatever machine the tests run on: it is read, or says in one line why not.
func TestThisMachineIsReadOrSaysWhyNot(t *testing.T) {
	var log bytes.Buffer
	w := New(Config{Log: slog.New(slog.NewTextHandler(&log, nil))})
	w.Look()
	w.Look()
	if got := w.Role(); got != Wired && got != Client && got != AccessPoint {
		t.Errorf("role %q", got)
	}
	for _, line := range []string{"No wireless on this machine", "level=WARN"} {
		if n := strings.Count(log.String(), line); n > 1 {
			t.Errorf("%q %d times:\n%s", line, n, &log)
		}
	}
	t.Log(w.Role(), log.String())
}
