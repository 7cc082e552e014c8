package report

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
)

// Box is a running box: what it left in its data folder and, where it was
// reached, what it says of itself.
type Box struct {
	PID      int // 0: not known
	Version  string
	Listen   string // host:port
	Note     string // why it listens there: "port 80 is taken by nginx.service"
	Reached  bool   // it answered; else what follows is empty
	State    string
	Problems []string // codes: a support file holds no labels
	Sticks   []Stick
	Parts    []Check // what only it knows: its own parts, button, LEDs, mDNS, signs of life
}

// Services is the check of the parts that the box's own program is made of.
const Services = "parts"

// OtherBox is a box that was started from a source folder (make run), found while
// the one that is meant by default does not run.
type OtherBox struct{ DataDir, Listen string }

// Stick is what a running box, or the mount helper, says of one; its label stays with them.
type Stick struct {
	ID, FileSystem, State, Reason string // Reason: a code
	SizeBytes                     int64
	Titles                        int // -1: nobody has looked
}

func (s Stick) titles() string {
	if s.Titles < 0 {
		return ""
	}
	return fmt.Sprintf("%d titles", s.Titles)
}

func (d *Doctor) box(info Box, running bool) Check {
	if !running {
		c := Check{Name: "box", State: Absent, Detail: "none runs with this data folder"}
		if d.Other != nil {
			c.Detail += "; the one of make run does, at " + d.Other.Listen + ": to look at that, add --data " + quoteIfNeeded(d.Other.DataDir)
		}
		return c
	}
	c := Check{Name: "box", State: Present, Detail: "running"}
	if info.PID > 0 {
		c.Detail += fmt.Sprintf(", process %d", info.PID)
	}
	c.Detail += fmt.Sprintf(", version %s, at %s", info.Version, info.Listen)
	switch {
	case !info.Reached:
		c.State, c.Detail, c.Mend = Broken, c.Detail+", but it does not answer", "start it anew: sudo streambox service restart"
	case info.State == "fault":
		c.State, c.Detail = Broken, c.Detail+", state fault"
		for _, part := range info.Parts {
			if part.Name == Services && part.State == Broken {
				c.Detail += ": " + part.Detail
			}
		}
		c.Mend = "what failed is started again by itself; when that does not help, the log says why: sudo streambox report"
	case len(info.Problems) > 0:
		c.Detail += ", state " + info.State + " (" + strings.Join(info.Problems, ", ") + "; its page says more)"
	default:
		c.Detail += ", state " + info.State
	}
	return c
}

// sticks are those that a running box, or the mount helper, tells of.
func sticks(told []Stick) []Check {
	if len(told) == 0 {
		return []Check{{Name: "sticks", State: Absent, Detail: "none is plugged in"}}
	}
	checks := make([]Check, 0, len(told))
	for _, s := range told {
		c := Check{Name: "stick " + s.ID, State: Present, Detail: s.State}
		for _, more := range []string{s.FileSystem, Size(s.SizeBytes), s.titles(), s.Reason} {
			if more != "" {
				c.Detail += ", " + more
			}
		}
		if s.State == "unreadable" {
			c.State, c.Mend = Broken, "the box's page says what is wrong with it; other sticks are not affected"
		}
		checks = append(checks, c)
	}
	return checks
}

// parts are what the running box knows of its hardware, or what can be seen without it.
func (d *Doctor) parts(info Box) []Check {
	found := map[string]Check{}
	for _, c := range d.seen() {
		found[c.Name] = c
	}
	for _, c := range info.Parts {
		if c.Name == VideoEncoder {
			continue // it is told beside ffmpeg's other encoders
		}
		if c.State == Broken && c.Mend == "" {
			c.Mend = "the log of the box says more"
		}
		if c.State != Broken {
			c.Mend = ""
		}
		found[c.Name] = c
	}
	order := []string{Services, "button", "led", "boardLed", "mdns", "watchdog"} // the rest by name
	var checks []Check
	for _, name := range order {
		if c, ok := found[name]; ok {
			checks = append(checks, c)
			delete(found, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		checks = append(checks, found[name])
	}
	return checks
}

// webPort is who has the port of the web, where a box that is a service wants to be.
func (d *Doctor) webPort(info Box, running bool) Check {
	c := Check{Name: "port 80", State: Present, Detail: "free"}
	own := ""
	if _, port, err := net.SplitHostPort(info.Listen); running && err == nil {
		own = port
	}
	holder, taken := d.PortHolder(80)
	switch {
	case own == "80":
		c.Detail = "in use by this box"
	case taken && own != "":
		c.Detail = "taken" + by(holder) + "; this box serves at :" + own
	case taken:
		c.Detail = "taken" + by(holder) + "; as a service the box serves at :3003 instead"
	}
	return c
}

func (d *Doctor) port(info Box, running bool) Check {
	c := Check{Name: "port", State: Present, Detail: d.Listen + " is free"}
	_, text, err := net.SplitHostPort(d.Listen)
	if err != nil {
		return Check{Name: c.Name, State: Broken, Detail: d.Listen + " is not an address", Mend: "write listen as \":3003\""}
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		return Check{Name: c.Name, State: Broken, Detail: text + " is not a port", Mend: "write listen as \":3003\""}
	}
	if _, own, err := net.SplitHostPort(info.Listen); running && err == nil && own == strconv.Itoa(port) {
		c.Detail = d.Listen + " is in use by this box"
		if info.Note != "" {
			c.Detail += ", since " + info.Note
		}
		return c
	}
	if d.Other != nil {
		if _, other, err := net.SplitHostPort(d.Other.Listen); err == nil && other == strconv.Itoa(port) {
			c.Detail = d.Listen + " is in use by the box of make run"
			return c
		}
	}
	if holder, taken := d.PortHolder(port); taken {
		c.State, c.Detail = Broken, fmt.Sprintf("%s is taken%s", d.Listen, by(holder))
		c.Mend = "stop that program, or choose another port, for instance --listen :" + strconv.Itoa(port%10000+10000)
	}
	return c
}

func by(holder string) string {
	if holder == "" {
		return ""
	}
	return " by " + holder
}
