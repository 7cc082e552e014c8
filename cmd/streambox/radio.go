package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/google/renameio/v2"

	"streambox.local/appliance/library"
	"streambox.local/appliance/network"
	"streambox.local/appliance/network/hotspot"
	"streambox.local/appliance/network/names"
	"streambox.local/appliance/network/setup"
	"streambox.local/appliance/network/wifi"
	"streambox.local/web"
	"streambox.local/web/portal"
)

// networkMemory keeps the network that a hand on the box confirmed; *library.StateDB has it.
type networkMemory interface {
	ChosenNetwork() (string, error)
	SetChosenNetwork(file string) error
}

// radio looks after Wi-Fi where the settings say that it is ours. The zero
// value's methods that others call (nil) do nothing.
type radio struct {
	settings networkSettings
	memory   networkMemory
	problem  func(code string, p *library.Problem)
	cable    func() bool
	look     func() (network.Radio, error)
	changed  func()
	requests string
	keeper   *hotspot.Keeper
	log      *slog.Logger

	mu      sync.Mutex
	card    []wifi.Network // of streambox-wifi.txt on the card: none or one
	chosen  []wifi.Network // confirmed by a hand: none or one
	own     wifi.Network   // the access point's; Name "" until a radio was seen
	offered offers
	wrong   map[string][]wifi.Wrong // where → lines that are not used
}

// newRadio is nil where the network is not ours.
func newRadio(s settings, memory networkMemory, problem func(string, *library.Problem), links *network.Watcher, log *slog.Logger) *radio {
	if s.Network.Mode != "auto" {
		return nil
	}
	r := &radio{
		settings: s.Network, memory: memory, problem: problem, cable: links.ByCable, look: network.NewAir().Look, changed: links.Look,
		requests: requestDir, log: log,
	}
	r.keeper = hotspot.New(hotspot.Config{Look: r.facts, Ask: r.ask, Changed: r.tell, Log: log})
	r.readCard(bootDir)
	r.readChosen()
	return r
}

// run is the part "radio".
func (r *radio) run(ctx context.Context) error {
	if r == nil {
		<-ctx.Done()
		return nil
	}
	r.withdraw()
	return r.keeper.Run(ctx)
}

// names is the part "names": it answers phones on the access point. own is the box's name.
func (r *radio) names(own func() string) func(context.Context) error {
	if r == nil {
		return func(ctx context.Context) error {
			<-ctx.Done()
			return nil
		}
	}
	address, probes := setup.HotspotAddress.Addr(), portal.Hosts()
	fixed := names.Fixed{portal.WindowsName: netip.MustParseAddr(portal.WindowsAddress)}
	server := &names.Server{Link: setup.HotspotAddress, Log: r.log, Zone: func() (names.Zone, bool) {
		zone := names.Zone{Address: address, Own: []string{own() + ".local", own(), "streambox"}, Probes: probes, Fixed: fixed}
		return zone, r.keeper.Status().Up
	}}
	return server.Run
}

// networks are those to join, best first: what a hand on the box confirmed goes before the card.
func (r *radio) networks() []wifi.Network {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := slices.Concat(r.chosen, r.card)
	for i := range all {
		if all[i].Country == "" {
			all[i].Country = r.settings.Country
		}
	}
	return all
}

// country is the first that was told: by the settings, else with a network.
func (r *radio) country() string {
	if r.settings.Country != "" {
		return r.settings.Country
	}
	for _, n := range r.networks() {
		if n.Country != "" {
			return n.Country
		}
	}
	return ""
}

// facts are what is seen now.
func (r *radio) facts() (hotspot.Facts, error) {
	r.showOffer()
	seen, err := r.look()
	all := r.networks()
	f := hotspot.Facts{
		Radio: seen.Interface != "", Cable: r.cable(),
		Frequencies: hotspot.Frequencies(r.settings.Band, seen.FiveGHz, r.country()),
	}
	var told strings.Builder
	for _, n := range all {
		fmt.Fprintf(&told, "%q %q;", n.Name, n.Password)
		f.InAir = f.InAir || slices.Contains(seen.InAir, n.Name)
	}
	f.Networks = told.String()
	switch seen.Mode {
	case network.AP:
		f.Hosting = slices.Contains(seen.Addresses, setup.HotspotAddress.Addr())
		f.Guests = seen.Guests
	case network.Station:
		f.Joined = seen.Joined
		f.Address = seen.Joined && network.HasNetwork(seen.Addresses)
	default: // nothing is known of it
	}
	if f.Radio {
		r.named(seen.Hardware)
	}
	return f, err
}

// named gives the access point its name, once.
func (r *radio) named(hardware string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.own.Name != "" {
		return
	}
	r.own = wifi.Network{Name: r.settings.Name, Password: r.settings.Password}
	if r.own.Name == "" {
		r.own.Name = "StreamBox-" + boardMark("/proc/device-tree/serial-number", hardware)
	}
}

// boardMark is four characters that tell one box from another: the end of the board's
// serial number, or of its radio's address.
func boardMark(serialFile, hardware string) string {
	const length = 4
	serial, err := readSmall(serialFile)
	mark := strings.ToUpper(strings.Trim(serial, "\x00\n "))
	if err != nil || len(mark) < length || strings.Trim(mark, "0123456789ABCDEF") != "" {
		mark = strings.ToUpper(strings.ReplaceAll(hardware, ":", ""))
	}
	if len(mark) < length {
		return "0000"
	}
	return mark[len(mark)-length:]
}

// ask asks root for a role of the radio.
func (r *radio) ask(role hotspot.Role, frequency int) error {
	request := setup.Request{Role: string(role)}
	switch role {
	case hotspot.Client:
		request.Networks = r.networks()
	case hotspot.AccessPoint:
		r.mu.Lock()
		own := r.own
		r.mu.Unlock()
		own.Country = r.country()
		request.Own, request.Frequency = &own, frequency
	default: // off has nothing else
	}
	text, err := request.Bytes()
	if err != nil {
		return fmt.Errorf("asking for the radio: %w", err)
	}
	// In one step: the path unit looks as soon as the file is there.
	if err = renameio.WriteFile(filepath.Join(r.requests, setup.RequestName), text, 0o600, renameio.WithTempDir(r.requests)); err != nil {
		return fmt.Errorf("asking for the radio: %w", err)
	}
	return nil
}

// hotspot is the access point while it is up.
func (r *radio) hotspot() (web.Hotspot, bool) {
	if r == nil || !r.keeper.Status().Up {
		return web.Hotspot{}, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return web.Hotspot{Name: r.own.Name, Password: r.own.Password, Code: r.own.Code(), Address: setup.HotspotAddress.Addr()}, true
}

// forget takes back what a hand confirmed; the memory has been told.
func (r *radio) forget() {
	if r == nil {
		return
	}
	r.mu.Lock()
	r.chosen = nil
	r.mu.Unlock()
}

// withdraw takes a request of a run before this one back.
func (r *radio) withdraw() {
	if err := withdraw(r.requests, setup.RequestName); err != nil {
		r.log.Warn("An old request for the network stays", "error", err)
	}
}
