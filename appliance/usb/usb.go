package usb

import (
	"context"
	"log/slog"
	"slices"
	"time"
)

// Stick is one readable volume.
type Stick struct {
	ID         string // unique among the plugged ones; safe in URLs and file names
	Root       string // where it is mounted
	Label      string // untrusted text, at most 64 runes, no control characters
	FileSystem string // "vfat", "ext4" …; "" unknown
	SizeBytes  int64
	ReadOnly   bool   // mounted read-only: nothing on it can be growing
	Volume     string // key for what is remembered of its files; not unique between clones
	Plugged    uint64 // another number each time something is plugged in under this ID
}

// How often Folders looks, how long it waits for the answers of one look, and
// how long a stick that does not answer stays listed.
const (
	lookEvery  = time.Second
	lookLimit  = time.Second
	hangLimit  = 10 * time.Second
	labelRunes = 64
)

// Folders watches plain folders (--media) and the mount points below a parent
// folder (/media/streambox). The mountinfo watcher is to come.
type Folders struct {
	Dirs     []string             // each is a stick while it exists
	Below    string               // each sub-folder that is a mount point is a stick; "" none
	OnChange func(sticks []Stick) // called from Run with all that are plugged, first at once
	Log      *slog.Logger         // optional

	look func(dir string, mountPointOnly bool) (sight, error) // tests put a device in here
	list func(below string) ([]string, error)
}

// Run looks once a second and calls OnChange when something has changed (and
// once at the start), until ctx ends. It never returns an error. Helpers that
// hang in a dead stick's system call are left behind; they end with the call.
func (f *Folders) Run(ctx context.Context) error {
	w := newWatch(f)
	var last []Stick
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for first := true; ; first = false {
		sticks := w.poll(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if first || !slices.Equal(last, sticks) {
			w.report(last, sticks)
			last = sticks
			if f.OnChange != nil {
				f.OnChange(slices.Clone(sticks))
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
