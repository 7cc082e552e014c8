package panel

import (
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"
)

// Condition is how a part is, in the words of the API and of doctor.
type Condition string

// The three conditions.
const (
	Present Condition = "present"
	Absent  Condition = "notOnThisBoard"
	Broken  Condition = "broken"
)

// Part is how one part of the panel is.
type Part struct {
	Name      string // button, led, boardLed
	Condition Condition
	Text      string // what is there or wrong, in a few words; names lines and LEDs, no people
	Mend      string // the sentence that mends what is broken; "" none is known

	forbidden bool // this user may not use it
}

// settleWithin is how long after the start what may not be used yet is tried
// again without a word: at boot udev hands over lines and LEDs a moment later.
// What is broken for less than that is no trouble either.
const settleWithin = 10 * time.Second

// health is what Health returns, and when it is worth a line in the log.
type health struct {
	mu    sync.Mutex
	parts []Part
	log   *slog.Logger
	quiet bool // Run begins: one line for all is to come
	began time.Time
	owed  map[string]bool      // parts of which the log has not heard yet
	since map[string]time.Time // when a part that is broken became so
}

// begin is the start of Run.
func (h *health) begin() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.began, h.owed, h.since = time.Now(), map[string]bool{}, map[string]time.Time{}
}

func (h *health) all() []Part {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.parts)
}

// troubled are the parts that are broken for longer than settling takes.
func (h *health) troubled() []Part {
	h.mu.Lock()
	defer h.mu.Unlock()
	var parts []Part
	for _, p := range h.parts {
		if since, broken := h.since[p.Name]; broken && time.Since(since) >= settleWithin {
			parts = append(parts, p)
		}
	}
	return parts
}

// note keeps how a part is, and logs it when that is new.
func (h *health) note(p Part) {
	h.mu.Lock()
	i := slices.IndexFunc(h.parts, func(have Part) bool { return have.Name == p.Name })
	same := i >= 0 && h.parts[i] == p && !h.owed[p.Name]
	if i < 0 {
		h.parts = append(h.parts, p)
	} else {
		h.parts[i] = p
	}
	if _, broken := h.since[p.Name]; p.Condition != Broken {
		delete(h.since, p.Name)
	} else if !broken && h.since != nil {
		h.since[p.Name] = time.Now()
	}
	quiet := h.quiet && p.Condition == Absent
	if h.owed != nil {
		h.owed[p.Name] = p.forbidden && time.Since(h.began) < settleWithin
		quiet = quiet || h.owed[p.Name]
	}
	h.mu.Unlock()
	if !same && !quiet {
		h.say(p)
	}
}

func (h *health) say(p Part) {
	switch p.Condition {
	case Present:
		h.log.Info("Panel part works", "part", p.Name, "what", p.Text)
	case Absent:
		h.log.Info("Panel part is not on this board", "part", p.Name, "what", p.Text)
	case Broken:
		h.log.Warn("Panel part does not work; it is tried again", "part", p.Name, "what", p.Text, "mend", p.Mend)
	}
}

// begun ends the quiet: what this board does not have is one line.
func (h *health) begun() {
	h.mu.Lock()
	h.quiet = false
	parts := slices.Clone(h.parts)
	h.mu.Unlock()
	missing := slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return p.Condition != Absent })
	if len(parts) > 0 && len(missing) == len(parts) {
		h.log.Info("There is no panel on this machine; the page has it all", "hint", "--panel terminal draws one here")
		return
	}
	for _, p := range missing {
		h.say(p)
	}
}

// failed makes a part of an error.
func failed(name string, err error) Part {
	p := Part{Name: name, Condition: Broken, Text: err.Error()}
	taken := (*TakenError)(nil)
	switch {
	case errors.Is(err, ErrAbsent):
		p.Condition = Absent // which says the rest
		p.Text = strings.TrimSuffix(p.Text, ": "+ErrAbsent.Error())
	case errors.As(err, &taken):
		p.Mend = "choose another line with the setting panel-" + name + ", or switch the other one off"
	case errors.Is(err, errReadOnce):
		p.Mend = "start the box anew: sudo streambox service restart"
	case errors.Is(err, fs.ErrPermission):
		p.forbidden = true
		p.Mend = "let this user use it: add the user to the group gpio and install 90-streambox-panel.rules (streambox service install does both)"
	}
	if p.Mend != "" && name == "boardLed" && taken != nil {
		p.Mend = ""
	}
	return p
}
