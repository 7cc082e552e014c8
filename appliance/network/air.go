package network

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

// Radio is what can be seen of this machine's first radio without any rights.
type Radio struct {
	Interface string // "": there is none
	Mode      Wireless
	Joined    bool         // a client that was let in, or an access point that is up
	Addresses []netip.Addr // without zone
	Guests    int          // stations of an access point
	InAir     []string     // names of the networks that were heard lately
	FiveGHz   bool         // it can
	Hardware  string       // its address, "dc:a6:32:01:02:03"
}

// From the kernel's include/uapi/linux/nl80211.h, as in nl80211.go.
const (
	cmdGetWiphy       = 1
	cmdGetStation     = 17
	cmdGetScan        = 32
	attrWiphy         = 1
	attrIfIndex       = 3
	attrWiphyBands    = 22
	attrBSS           = 47
	attrSplitWiphy    = 174
	bssElements       = 6
	bssBeaconElements = 11
	bandFiveGHz       = 1
	elementName       = 0 // IEEE 802.11-2020, table 9-92: SSID
)

// Air looks at the radio. Make one with NewAir; for one goroutine.
type Air struct {
	sys   fs.FS
	one   func(name string) (net.Interface, []netip.Addr, error)
	dial  func() (*genetlink.Conn, error)
	bands map[string]bool // radio → it has 5 GHz: that does not change
}

// NewAir is for this machine.
func NewAir() *Air {
	return &Air{sys: os.DirFS("/sys/class/net"), one: interfaceByName, dial: dialKernel}
}

// Look reads the radio. An error beside a radio says that part of it is missing.
func (a *Air) Look() (Radio, error) {
	name, phy, err := a.radio()
	if err != nil || name == "" {
		return Radio{}, err
	}
	i, addresses, err := a.one(name)
	if err != nil {
		return Radio{}, fmt.Errorf("looking at the radio: %w", err)
	}
	state, _ := fs.ReadFile(a.sys, name+"/operstate") // unreadable: not up
	r := Radio{
		Interface: name, Mode: UnknownMode, Addresses: addresses, Hardware: i.HardwareAddr.String(),
		Joined: strings.TrimSpace(string(state)) == "up",
	}
	conn, err := a.dial()
	if err != nil {
		return r, err
	}
	defer func() { _ = conn.Close() }() // was only read
	return a.ask(conn, r, i.Index, phy)
}

// ask adds what the kernel's wireless part tells.
func (a *Air) ask(conn *genetlink.Conn, r Radio, index int, phy uint32) (Radio, error) {
	modes, err := askModes(conn)
	if err != nil {
		return r, err
	}
	if mode, ok := modes[r.Interface]; ok {
		r.Mode = mode
	}
	family, err := conn.GetFamily(nl80211Family)
	if err != nil {
		return r, fmt.Errorf("looking for %s: %w", nl80211Family, err)
	}
	d := dumper{conn, family}
	five, known := a.bands[r.Interface]
	if !known {
		if five, err = d.fiveGHz(phy); err != nil {
			return r, err
		}
		a.bands = map[string]bool{r.Interface: five}
	}
	r.FiveGHz = five
	if r.Mode == AP {
		r.Guests, err = d.stations(index)
		return r, err
	}
	r.InAir, err = d.inAir(index)
	return r, err
}

// radio is the first wireless interface that is a device, as package setup finds it too, with its number among the kernel's radios.
func (a *Air) radio() (name string, phy uint32, err error) {
	entries, err := fs.ReadDir(a.sys, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, nil // not Linux
	}
	if err != nil {
		return "", 0, fmt.Errorf("looking for a radio: %w", err)
	}
	for _, e := range entries { // sorted by name
		number, err := fs.ReadFile(a.sys, e.Name()+"/phy80211/index")
		if err != nil {
			continue
		}
		if _, err = fs.Stat(a.sys, e.Name()+"/device"); err != nil {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimSpace(string(number)), 10, 32)
		if err != nil {
			return "", 0, fmt.Errorf("reading the radio's number: %w", err)
		}
		return e.Name(), uint32(n), nil
	}
	return "", 0, nil
}

func interfaceByName(name string) (net.Interface, []netip.Addr, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return net.Interface{}, nil, fmt.Errorf("finding the interface: %w", err)
	}
	list, err := i.Addrs()
	if err != nil {
		return net.Interface{}, nil, fmt.Errorf("reading its addresses: %w", err)
	}
	var addresses []netip.Addr
	for _, a := range list {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			addresses = append(addresses, prefix.Addr().Unmap().WithZone(""))
		}
	}
	return *i, addresses, nil
}

// dumper asks the kernel's wireless part for lists.
type dumper struct {
	conn   *genetlink.Conn
	family genetlink.Family
}

func (d dumper) dump(command uint8, ask func(*netlink.AttributeEncoder)) ([]genetlink.Message, error) {
	e := netlink.NewAttributeEncoder()
	ask(e)
	data, err := e.Encode()
	if err != nil {
		return nil, fmt.Errorf("writing a question for the kernel: %w", err)
	}
	request := genetlink.Message{Header: genetlink.Header{Command: command, Version: d.family.Version}, Data: data}
	answers, err := d.conn.Execute(request, d.family.ID, netlink.Request|netlink.Dump)
	if err != nil {
		return nil, fmt.Errorf("asking the kernel about the radio (%d): %w", command, err)
	}
	return answers, nil
}

// stations counts who is on an access point.
func (d dumper) stations(index int) (int, error) {
	answers, err := d.dump(cmdGetStation, func(e *netlink.AttributeEncoder) { e.Uint32(attrIfIndex, uint32(index)) }) //nolint:gosec // G115: the kernel's own number
	return len(answers), err
}

// inAir are the names of the networks that the kernel remembers of the last looks around: of 30 s.
func (d dumper) inAir(index int) ([]string, error) {
	answers, err := d.dump(cmdGetScan, func(e *netlink.AttributeEncoder) { e.Uint32(attrIfIndex, uint32(index)) }) //nolint:gosec // G115: the kernel's own number
	if err != nil {
		return nil, err
	}
	var names []string
	for _, answer := range answers {
		name, err := parseBSS(answer.Data)
		if err != nil {
			return names, err
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names, nil
}

func parseBSS(data []byte) (name string, err error) {
	attributes, err := netlink.NewAttributeDecoder(data)
	if err != nil {
		return "", fmt.Errorf("taking a network in the air apart: %w", err)
	}
	for attributes.Next() {
		if attributes.Type() != attrBSS {
			continue
		}
		attributes.Nested(func(bss *netlink.AttributeDecoder) error {
			for bss.Next() {
				if t := bss.Type(); t == bssElements || t == bssBeaconElements && name == "" {
					name = nameOf(bss.Bytes())
				}
			}
			return nil
		})
	}
	if err = attributes.Err(); err != nil {
		return "", fmt.Errorf("taking a network in the air apart: %w", err)
	}
	return name, nil
}

// nameOf finds the name among a beacon's elements: one byte of kind, one of length, and so on. A hidden one is empty, or zeros.
func nameOf(elements []byte) string {
	const head = 2
	for len(elements) >= head {
		kind, length := elements[0], int(elements[1])
		if len(elements) < head+length {
			return ""
		}
		if kind == elementName {
			return strings.Trim(string(elements[head:head+length]), "\x00")
		}
		elements = elements[head+length:]
	}
	return ""
}

// fiveGHz says whether a radio has the band at all; which of its channels may be used here is another matter.
func (d dumper) fiveGHz(phy uint32) (bool, error) {
	answers, err := d.dump(cmdGetWiphy, func(e *netlink.AttributeEncoder) {
		e.Uint32(attrWiphy, phy)
		e.Flag(attrSplitWiphy, true)
	})
	if err != nil {
		return false, err
	}
	found := false
	for _, answer := range answers {
		attributes, err := netlink.NewAttributeDecoder(answer.Data)
		if err != nil {
			return false, fmt.Errorf("taking a radio apart: %w", err)
		}
		mine := true
		for attributes.Next() {
			switch attributes.Type() {
			case attrWiphy:
				mine = attributes.Uint32() == phy
			case attrWiphyBands:
				attributes.Nested(func(bands *netlink.AttributeDecoder) error {
					for bands.Next() {
						found = found || mine && bands.Type() == bandFiveGHz
					}
					return nil
				})
			}
		}
		if err := attributes.Err(); err != nil {
			return false, fmt.Errorf("taking a radio apart: %w", err)
		}
	}
	return found, nil
}
