package library

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"
)

// The errors a caller tells apart.
var (
	ErrUnknownTitle  = errors.New("no such title")
	ErrUnreadable    = fmt.Errorf("cannot be read now: %w", ErrNotYet) // 503 too: it is there, and its stick, or the box's disk, does not give it
	ErrRenditionGone = errors.New("this rendition is gone or was never there")
	ErrNotYet        = errors.New("not made yet") // 503: the title is known, the segment will come
	ErrNoRoom        = errors.New("no room on the box")
	ErrNewerRelease  = errors.New("written by a newer release of this program")
)

// Config is what a Library needs. Zero values of the optional fields are filled by Open.
type Config struct {
	Dir           string // the library folder; made when missing
	Log           *slog.Logger
	Now           func() time.Time                                // optional; only differences are used
	Random        io.Reader                                       // optional: crypto/rand
	KeepUnplugged time.Duration                                   // optional: 10 min
	ReserveBytes  func(total int64) int64                         // optional: max(1 GiB, total/10)
	DiskSpace     func(dir string) (total, free int64, err error) // optional: statfs
}

// Library is the list of titles over a folder tree. Safe for concurrent use.
type Library struct {
	cfg  Config
	wake chan struct{} // Run has something to do earlier than it thought
	room sync.Mutex    // one MakeRoom at a time: two would count the same bytes twice

	mu        sync.RWMutex // never held while a file is read or written
	entries   map[string]*entry
	orders    map[string]*order
	base      uint64 // the revision this process began with
	revision  uint64
	removals  []removal // oldest first
	forgotten uint64    // removals up to this revision are no longer remembered
	added     uint64    // highest AddedNumber given
	watched   uint64    // highest WatchedNumber given
	sticks    []Stick
	problems  map[string]Problem
	listeners map[chan struct{}]struct{}
}

// entry is one title in memory.
type entry struct {
	id string

	// Guarded by Library.mu. What rec and view point to is never changed in
	// place, so that a copy of either may leave the lock.
	rec         Record
	view        Title // what is shown; may lag behind rec by showEvery (behind)
	key         *sortKey
	last        Place     // first place it was ever seen at: a pulled stick's titles keep their shelf
	revision    uint64    // of the last change of view
	listed      bool      // on the page
	unpluggedAt time.Time // zero while plugged
	shownAt     time.Time // when progress was last shown
	behind      bool
	unsaved     bool // Run has to write title.json (watching)
	watchedAt   time.Time
	newer       bool // its title.json is of a newer release: never written
	onDisk      map[string]bool
	attached    map[string]Source
	folders     map[string]*Folder

	io           sync.Mutex // held while title.json is written; taken before Library.mu, never inside it
	saved        [32]byte   // SHA-256 of what title.json holds
	savedDurably bool
}

// removal is a title that left the list.
type removal struct {
	revision uint64
	key      *sortKey
}

const (
	keepUnplugged  = 10 * time.Minute
	showEvery      = 500 * time.Millisecond // progress is shown at most this often per title
	watchEvery     = 30 * time.Minute       // watching is noted at most this often per title: a note costs a card 130 KB (make bench-image)
	maxRemovals    = 20_000                 // the most titles that are listed; one more than all may leave at once
	maxRevisionAge = 20                     // bits of a revision that count; those above say which process it is of
)

func (cfg Config) withDefaults() Config {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.KeepUnplugged <= 0 {
		cfg.KeepUnplugged = keepUnplugged
	}
	if cfg.ReserveBytes == nil {
		cfg.ReserveBytes = defaultReserve
	}
	if cfg.DiskSpace == nil {
		cfg.DiskSpace = diskSpace
	}
	return cfg
}

// served tells whether a rendition has something to show: one from elsewhere
// that is attached, or one on the disk that has at least a segment.
func (e *entry) served(one Rendition) bool {
	if e.attached[one.Name] != nil {
		return true
	}
	return !one.Sound && e.onDisk[one.Name] && (one.Complete || len(one.SegmentBytes) > 0)
}
