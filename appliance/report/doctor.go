package report

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"
)

// Doctor looks at this machine. The functions are what it cannot know itself,
// or what a test replaces; those that are nil take the real thing.
type Doctor struct {
	Version    string
	DataDir    string
	Media      []string // folders given; empty: sticks below SticksDir
	SticksDir  string
	Listen     string // as in the settings, for instance ":3003"
	HasClient  bool   // the page is part of this program
	Reserve    func(totalBytes int64) int64
	ToolPaths  func(name string) (string, error) // exec.LookPath
	ToolOutput func(ctx context.Context, path string, args ...string) ([]byte, error)
	Space      func(dir string) (totalBytes, freeBytes int64, err error)
	LAN        func() ([]netip.Addr, error)      // must be given
	Box        func(context.Context) (Box, bool) // the box that works in DataDir; must be given
	Other      *OtherBox                         // that runs on this machine with another data folder; nil: none is known
	Sticks     func() []Stick                    // what the mount helper says of those that are plugged, for when no box answers; nil: nothing
	Units      []Unit                            // what makes it a service
	Sandbox    func() []Check                    // what confines ffmpeg; nil: nothing is said
	Hardware   string                            // where devices are looked for: "/"
	ClockSet   func() (bool, error)
	PortHolder func(port int) (holder string, taken bool)
}

// Run makes all checks, in the order of the way of the data.
func (d Doctor) Run(ctx context.Context) []Check {
	d.defaults()
	box, running := d.Box(ctx)
	checks := d.tools(ctx, box)
	if d.Sandbox != nil {
		checks = append(checks, d.Sandbox()...)
	}
	checks = append(checks, d.client(), d.data(), d.space())
	if running && box.Reached {
		checks = append(checks, sticks(box.Sticks)...)
	} else {
		checks = append(checks, d.media()...)
	}
	checks = append(checks, d.units(), d.box(box, running), d.port(box, running), d.webPort(box, running), d.lan())
	checks = append(checks, d.parts(box)...)
	return append(checks, d.clock())
}

func (d *Doctor) defaults() {
	if d.ToolPaths == nil {
		d.ToolPaths = exec.LookPath
	}
	if d.ToolOutput == nil {
		d.ToolOutput = toolOutput
	}
	if d.Space == nil {
		d.Space = diskSpace
	}
	if d.ClockSet == nil {
		d.ClockSet = clockSet
	}
	if d.Hardware == "" {
		d.Hardware = "/"
	}
	if d.PortHolder == nil {
		d.PortHolder = PortHolder
	}
}

func (d *Doctor) client() Check {
	c := Check{Name: "page", State: Present, Detail: "part of this program"}
	if !d.HasClient {
		c.State, c.Detail = Broken, "this program was built without it"
		c.Mend = "build with \"make build\" (needs Node.js 20), or take a released program"
	}
	return c
}

func (d *Doctor) media() []Check {
	if len(d.Media) == 0 {
		if d.Sticks != nil {
			if told := d.Sticks(); len(told) > 0 {
				return sticks(told)
			}
		}
		c := Check{Name: "sticks", State: Present}
		entries, err := os.ReadDir(d.SticksDir)
		if err != nil || len(entries) == 0 {
			c.State, c.Detail = Absent, "no stick below "+d.SticksDir
			return []Check{c}
		}
		c.Detail = fmt.Sprintf("%d below %s", len(entries), d.SticksDir)
		return []Check{c}
	}
	checks := make([]Check, 0, len(d.Media))
	for i, dir := range d.Media {
		c := Check{Name: fmt.Sprintf("media folder %d", i+1), State: Present, Detail: dir}
		file, err := os.OpenFile(dir, os.O_RDONLY|unix.O_DIRECTORY|unix.O_NONBLOCK, 0)
		if err == nil {
			_, err = file.ReadDir(1)
			_ = file.Close()
		}
		switch {
		case os.IsNotExist(err):
			c.State, c.Detail = Absent, dir+" is not there (yet)"
		case os.IsPermission(err):
			c.State, c.Detail = Broken, dir+" may not be read"
			c.Mend = "let this user read the folder, for instance: chmod o+rx " + quoteIfNeeded(dir)
		case err != nil && strings.Contains(err.Error(), "not a directory"):
			c.State, c.Detail = Broken, dir+" is not a folder"
			c.Mend = "give --media the folder that holds the films"
		}
		checks = append(checks, c)
	}
	return checks
}

func (d *Doctor) lan() Check {
	c := Check{Name: "network", State: Present}
	addresses, err := d.LAN()
	if err != nil || len(addresses) == 0 {
		c.State, c.Detail = Broken, "no address that phones could reach"
		c.Mend = "connect this machine to the phones' network, by cable or Wi-Fi"
		return c
	}
	texts := make([]string, len(addresses))
	for i, a := range addresses {
		texts[i] = a.String()
	}
	c.Detail = strings.Join(texts, ", ")
	return c
}

func (d *Doctor) clock() Check {
	set, err := d.ClockSet()
	switch {
	case err != nil:
		return Check{Name: "clock", State: Absent, Detail: "whether it is synchronised cannot be found out here"}
	case !set:
		return Check{Name: "clock", State: Absent, Detail: "not synchronised, as usual without internet; pages are sent without a date"}
	default:
		return Check{Name: "clock", State: Present, Detail: "synchronised"}
	}
}

// quoteIfNeeded writes a path so that a shell takes it as one word.
func quoteIfNeeded(path string) string {
	if strings.IndexFunc(path, func(r rune) bool {
		return !strings.ContainsRune("/._-+:@%,", r) && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	}) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}
