package usb

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"streambox.local/appliance/usb/note"
)

// Stick is one plugged volume: one that can be read, or one with a Reason why not.
type Stick struct {
	ID         string // unique among the plugged ones; safe in URLs and file names
	Root       string // where it is mounted; "" when it cannot be read
	Label      string // untrusted text, at most 64 runes, no control characters
	FileSystem string // "vfat", "ext4" …; "" unknown
	SizeBytes  int64
	ReadOnly   bool        // mounted read-only: nothing on it can be growing
	Volume     string      // key for what is remembered of its files; not unique between clones
	Plugged    uint64      // another number each time something is plugged in under this ID
	Reason     note.Reason // why nothing of it is read; "": it is read
	Ignored    bool        // with a Reason: it may be in order, but is not for us
}

// How often Folders looks, how long it waits for the answers of one look before it
// tells what it has (the first time longer: what is told then is taken for all that
// was plugged at the start), how long a stick that does not answer stays listed, and
// how far apart looks are at least: a stick with many partitions makes many changes.
const (
	lookEvery   = time.Second
	lookLimit   = 250 * time.Millisecond
	firstLimit  = time.Second
	hangLimit   = 10 * time.Second
	gatherLimit = 20 * time.Millisecond
	labelRunes  = 64
)

// Folders watches plain folders (--media) and what is mounted below a parent
// folder (/media/streambox).
type Folders struct {
	Dirs      []string             // each is a stick while it exists
	Below     string               // what is mounted on a sub-folder is a stick; "" none
	Notes     string               // folder of the mount helper's notes on what is Below; "" none
	MountInfo string               // "": /proc/self/mountinfo; tests give a file
	OnChange  func(sticks []Stick) // called from Run with all that are plugged, first at once
	Log       *slog.Logger         // optional

	look   func(dir string, mountPointOnly bool) (sight, error) // tests put a device in here
	list   func(below string) ([]string, error)                 //
	events func(ctx context.Context, f *Folders, wake func())   // and the kernel's word that something has changed
	every  time.Duration                                        // 0: lookEvery; theirs so long that only an event makes it look
}

// Run looks whenever mounts or notes change, and once a second, and calls
// OnChange when something is new (and once at the start), until ctx ends. It
// never returns an error. Helpers that hang in a dead stick's system call are
// left behind; they end with the call.
func (f *Folders) Run(ctx context.Context) error {
	changed := make(chan struct{}, 1)
	var listening sync.WaitGroup
	defer listening.Wait()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	events := f.events
	if events == nil {
		events = listen
	}
	listening.Go(func() {
		events(ctx, f, func() {
			select {
			case changed <- struct{}{}:
			default:
			}
		})
	})
	w := newWatch(f)
	var last []Stick
	tell := func() {
		if sticks := w.sticks(); !slices.Equal(last, sticks) {
			w.report(last, sticks)
			last = sticks
			f.tell(sticks)
		}
	}
	tick := time.NewTicker(cmp.Or(f.every, lookEvery))
	defer tick.Stop()
	looked := time.Now()
	w.look(ctx, firstLimit)
	if last = w.sticks(); ctx.Err() == nil {
		w.report(nil, last)
		f.tell(last)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case a := <-w.answers:
			w.take(a)
			tell()
			continue
		case <-tick.C:
		case <-changed:
			gather(ctx, changed, time.Until(looked.Add(gatherLimit)))
		}
		looked = time.Now()
		if w.look(ctx, lookLimit); ctx.Err() != nil {
			return nil
		}
		tell()
	}
}

// gather lets more changes come for a while; the next look sees them all.
func gather(ctx context.Context, changed <-chan struct{}, wait time.Duration) {
	over := time.NewTimer(wait)
	defer over.Stop()
	select {
	case <-ctx.Done():
	case <-over.C:
	}
	select {
	case <-changed: // said meanwhile
	default:
	}
}

func (f *Folders) tell(sticks []Stick) {
	if f.OnChange != nil {
		f.OnChange(slices.Clone(sticks))
	}
}
