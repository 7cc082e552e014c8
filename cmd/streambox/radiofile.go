package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"syscall"
	"time"

	"streambox.local/appliance/network/wifi"
	"streambox.local/appliance/usb"
)

// bootDir is the card's partition that people write to (image/card).
const bootDir = "/boot/streambox"

// offerFor is how long a stick's network waits for a press.
const offerFor = 60 * time.Second

// errNoWiFiFile says that nobody told a network there.
var errNoWiFiFile = errors.New("no streambox-wifi.txt")

// wifiFile reads the file in a folder. Only a plain file of its own counts, whatever stands there.
func wifiFile(dir string) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", dir, err)
	}
	defer root.Close()
	names, err := topNames(root)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", dir, err)
	}
	for _, name := range names {
		if !wifi.IsFile(name) {
			continue
		}
		data, err := plainFileIn(root, name, wifi.MaxFileBytes)
		if errors.Is(err, errNoPlainFile) {
			continue
		}
		return data, err
	}
	return nil, errNoWiFiFile
}

// mostNames of a top folder are looked at: a stick may have been made to hold millions.
const mostNames = 10_000

// topNames are names of a folder, sorted.
func topNames(root *os.Root) ([]string, error) {
	top, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer top.Close()
	names, err := top.Readdirnames(mostNames)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	slices.Sort(names)
	return names, nil
}

// errNoPlainFile says that something else has the name.
var errNoPlainFile = errors.New("it is no plain file")

// plainFileIn reads a small plain file, whatever may stand in its place.
func plainFileIn(root *os.Root, name string, most int64) ([]byte, error) {
	if info, err := root.Lstat(name); err == nil && !info.Mode().IsRegular() {
		return nil, errNoPlainFile // a link may lead to something plain
	}
	file, err := root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", name, err)
	}
	defer file.Close()
	info, err := file.Stat() // of what is open: the name may mean something else by now
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, errNoPlainFile
	}
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return data, nil
}

// readCard reads the network of the card, and names what is wrong in it.
func (r *radio) readCard(dir string) {
	data, err := wifiFile(dir)
	if errors.Is(err, errNoWiFiFile) || errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		r.log.Warn("The card's Wi-Fi file cannot be read", "error", err)
		return
	}
	n, wrong, ok := wifi.Parse(data)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wrongLines(theCard, wrong)
	if ok {
		r.card = []wifi.Network{n}
	}
	if r.settings.Country == "" {
		r.settings.Country = n.Country
	}
}

// readChosen reads what a hand confirmed before.
func (r *radio) readChosen() {
	text, err := r.memory.ChosenNetwork()
	if err != nil {
		r.log.Error("The Wi-Fi that was confirmed at the box cannot be read", "error", err)
		return
	}
	if n, _, ok := wifi.Parse([]byte(text)); text != "" && ok {
		r.chosen = []wifi.Network{n}
	}
}

// offers are the networks on sticks: a pupil's stick must not point the box elsewhere, so
// they wait for a press.
type offers struct {
	seen  map[string]uint64 // stick → which of its lives was looked at
	by    string            // the stick that offers
	what  wifi.Network
	until time.Time // zero: nothing is offered
}

// sticks looks at sticks that are new.
func (r *radio) sticks(plugged []usb.Stick) {
	if r == nil {
		return
	}
	now := time.Now()
	r.mu.Lock()
	defer r.mu.Unlock()
	here := map[string]uint64{}
	for _, s := range plugged {
		here[s.ID] = s.Plugged
		if s.Root == "" || s.Reason != "" || r.offered.seen[s.ID] == s.Plugged {
			continue
		}
		go r.readStick(s, now) // may hang with the stick: nobody waits for it
	}
	for id, plugged := range r.offered.seen {
		if here[id] != plugged { // gone, or put back
			r.wrongLines(id, nil)
			if id == r.offered.by {
				r.offered.until = time.Time{}
			}
		}
	}
	r.offered.seen = here
}

// readStick offers a stick's network.
func (r *radio) readStick(s usb.Stick, plugged time.Time) {
	data, err := wifiFile(s.Root)
	if err != nil {
		if !errors.Is(err, errNoWiFiFile) {
			r.log.Debug("A stick's Wi-Fi file cannot be read", "error", err)
		}
		return
	}
	n, wrong, ok := wifi.Parse(data)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.offered.seen[s.ID] != s.Plugged {
		return // pulled meanwhile
	}
	r.wrongLines(s.ID, wrong)
	if !ok || len(r.chosen) > 0 && r.chosen[0] == n {
		return
	}
	if time.Now().Before(r.offered.until) {
		// Or the second stick would have the press that was meant for the first.
		r.log.Warn("A second stick offers a Wi-Fi network; the first one's offer stands", "network", n.Name)
		return
	}
	r.offered.by, r.offered.what, r.offered.until = s.ID, n, plugged.Add(offerFor)
	r.log.Info("A stick offers a Wi-Fi network; a short press of the button takes it", "network", n.Name)
}

// offer is the network that waits for a press.
func (r *radio) offer() (wifi.Network, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.offered.what, time.Now().Before(r.offered.until)
}

// confirm takes the network that is offered, upon a short press.
func (r *radio) confirm() {
	if r == nil {
		return
	}
	n, ok := r.offer()
	if !ok {
		return
	}
	if err := r.memory.SetChosenNetwork(string(n.File())); err != nil {
		r.log.Error("The Wi-Fi network is not kept beyond this run", "error", err)
	}
	r.mu.Lock()
	r.chosen, r.offered.until = []wifi.Network{n}, time.Time{}
	r.mu.Unlock()
	r.log.Warn("The box joins the Wi-Fi network that a stick offered, since its button was pressed", "network", n.Name)
}
