package main

import (
	"errors"
	"io/fs"
	"time"

	"streambox.local/appliance/network/wifi"
	"streambox.local/appliance/usb"
)

// bootDir is the card's partition that people write to (image/card).
const bootDir = "/boot/streambox"

// offerFor is how long a stick's network waits for a press.
const offerFor = 60 * time.Second

// readCard reads the network of the card, and names what is wrong in it.
func (r *radio) readCard(dir string) {
	data, err := topFile(dir, wifi.IsFile, wifi.MaxFileBytes)
	if errors.Is(err, errNoTopFile) || errors.Is(err, fs.ErrNotExist) {
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
	data, err := topFile(s.Root, wifi.IsFile, wifi.MaxFileBytes)
	if err != nil {
		if !errors.Is(err, errNoTopFile) {
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
