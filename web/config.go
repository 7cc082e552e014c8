package web

import (
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/web/portal"
	"streambox.local/web/room"
)

// Box is what the server must know of the box it runs in. Status is called
// once a second while a page is open and must not block.
type Box interface {
	Status() BoxStatus
}

// BoxStatus is the part of GET /api/v1/box that neither library nor web knows itself.
type BoxStatus struct {
	Name          string            // mDNS name without .local
	URLs          []string          // every address that works, best first
	Version       string            // of the program
	UptimeSeconds float64           // since the start of the process
	State         string            // starting | ready | working | attention | fault | stopping
	Hardware      map[string]string // part → present | notOnThisBoard | broken

	HardwareDetails map[string]HardwareDetail // part → more of it
	Notes           []library.Reason          // what is different from what somebody may expect, and no problem
}

// HardwareDetail says what is there of a part, or what is wrong with it and what
// mends it, in a few words; all may read it.
type HardwareDetail struct {
	Text string `json:"text"`
	Mend string `json:"mend,omitempty"`
}

// Resume keeps viewers' places; *library.StateDB has it.
type Resume interface {
	Resume(viewer, id string) (seconds float64, found bool, err error)
	SetResume(viewer, id string, seconds float64) error
}

// Config is what a Server needs.
type Config struct {
	Library   *library.Library
	Resume    Resume
	Presence  *Presence
	Box       Box
	Rescan    func() error                               // nil: started; an error: too soon (429)
	Seen      func(ids []string)                         // titles without a picture that a page shows; must not block; optional
	Rename    func(name string) error                    // the host gives the box another name; optional
	PowerOff  func() error                               // the host switches the box off; optional
	CanOff    func() bool                                // can PowerOff do anything? optional: whenever there is one
	Assets    fs.FS                                      // the client, see Assets(); nil: built without it
	DevAssets bool                                       // Assets change while we run (read from disk): cache nothing
	Proxies   []netip.Prefix                             // whose word on who asks counts, see doc.go; optional: nobody's
	Names     []string                                   // host names accepted beside those of the box (the setting `hosts`)
	OwnNames  func() []string                            // optional: the machine's host name, bare, .local and in each search domain
	P2P       string                                     // the setting p2p: auto, on or off; "": auto
	Role      func() string                              // the link that most phones use: wired, client (of somebody's Wi-Fi) or accessPoint; optional: wired
	Link      func(local netip.Addr) (name, role string) // the link on which the box has this address; optional: "" and Role
	STUN      func(local netip.Addr) string              // for who reached the box at this address: "stun:192.168.1.5:3478", "" for none; optional
	Hotspot   func() (Hotspot, bool)                     // the box's own Wi-Fi while there is one; optional: never
	Portal    *portal.Portal                             // answers phones on it; optional: nobody does
	Room      *room.House                                // who may watch when the air is full; optional: everybody
	Meter     *room.Meter                                // sees the segments' connections; optional
	Debug     bool                                       // GET /api/v1/swarm and /api/v1/swarm/trace
	Synced    func() bool                                // is the clock set? asked once a second at most; optional: adjtimex
	Log       *slog.Logger                               // optional: discards
	Now       func() time.Time                           // optional
	Random    io.Reader                                  // optional: crypto/rand
}
