package network

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/mdlayher/genetlink"
	"github.com/mdlayher/netlink"
)

// From the kernel's include/uapi/linux/nl80211.h, which only grows.
const (
	nl80211Family    = "nl80211"
	cmdGetInterface  = 5
	attrIfName       = 4
	attrIfType       = 5
	ifTypeAP         = 3
	ifTypeAPVLAN     = 4
	ifTypeP2PGO      = 9
	netlinkTimeLimit = 2 * time.Second
)

// wirelessModes asks this machine's kernel. It needs no rights.
func wirelessModes() (map[string]Wireless, error) {
	conn, err := dialKernel()
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // was only read
	return askModes(conn)
}

// dialKernel opens netlink for a few questions.
func dialKernel() (*genetlink.Conn, error) {
	conn, err := genetlink.Dial(nil)
	if err != nil {
		return nil, fmt.Errorf("opening netlink: %w", err)
	}
	if err = conn.SetDeadline(time.Now().Add(netlinkTimeLimit)); err != nil {
		return nil, errors.Join(fmt.Errorf("limiting the time of netlink: %w", err), conn.Close())
	}
	return conn, nil
}

// askModes lists the kernel's wireless interfaces: name → mode.
func askModes(conn *genetlink.Conn) (map[string]Wireless, error) {
	family, err := conn.GetFamily(nl80211Family)
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoWireless
	}
	if err != nil {
		return nil, fmt.Errorf("looking for %s: %w", nl80211Family, err)
	}
	request := genetlink.Message{Header: genetlink.Header{Command: cmdGetInterface, Version: family.Version}}
	answers, err := conn.Execute(request, family.ID, netlink.Request|netlink.Dump)
	if err != nil {
		return nil, fmt.Errorf("listing wireless interfaces: %w", err)
	}
	modes := make(map[string]Wireless, len(answers))
	for _, answer := range answers {
		name, mode, err := parseInterface(answer.Data)
		if err != nil {
			return nil, fmt.Errorf("reading a wireless interface: %w", err)
		}
		if name != "" { // a P2P device has none
			modes[name] = mode
		}
	}
	return modes, nil
}

func parseInterface(data []byte) (name string, mode Wireless, err error) {
	attributes, err := netlink.NewAttributeDecoder(data)
	if err != nil {
		return "", 0, fmt.Errorf("taking its attributes apart: %w", err)
	}
	mode = UnknownMode
	for attributes.Next() {
		switch attributes.Type() {
		case attrIfName:
			name = attributes.String()
		case attrIfType:
			switch attributes.Uint32() {
			case ifTypeAP, ifTypeAPVLAN, ifTypeP2PGO:
				mode = AP
			default:
				mode = Station
			}
		}
	}
	if err = attributes.Err(); err != nil {
		return "", 0, fmt.Errorf("taking its attributes apart: %w", err)
	}
	return name, mode, nil
}
