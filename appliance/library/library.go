package library

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"
)

// The errors a caller tells apart.
var (
	ErrUnknownTitle  = errors.New("no such title")
	ErrRenditionGone = errors.New("this rendition is gone or was never there")
	ErrNotYet        = errors.New("not made yet") // 503: the title is known, the segment will come
	ErrNoRoom        = errors.New("no room on the box")
)

// Config is what a Library needs. Zero values of the optional fields are filled by Open.
type Config struct {
	Dir           string // the library folder; made when missing
	Log           *slog.Logger
	Now           func() time.Time                                // optional
	Random        io.Reader                                       // optional: crypto/rand
	KeepUnplugged time.Duration                                   // optional: 10 min
	ReserveBytes  func(total int64) int64                         // optional: max(1 GiB, total/10)
	DiskSpace     func(dir string) (total, free int64, err error) // optional: statfs
}

// Library is the list of titles over a folder tree. Safe for concurrent use.
type Library struct{}

// Open reads every title.json, compares sizes, and removes what was half-written.
func Open(cfg Config) (*Library, error) { return &Library{}, nil }

// Run lets unplugged titles go after KeepUnplugged; blocks until ctx ends.
func (l *Library) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// --- for those who show ---

// Query selects a page of titles.
type Query struct {
	Since  uint64 // only what changed after this revision; 0: all
	After  string // id of the last title of the page before
	Limit  int    // 0: 200; at most 200
	Folder string // only this folder and below; "" all
	Search string // words, all must occur; case and accents do not matter
	Sort   string // "" or "folder": natural order of folder and file; "title", "added", "duration"
}

// Page is an answer to a Query.
type Page struct {
	Revision uint64   `json:"revision"`
	Titles   []Title  `json:"titles"`
	Removed  []string `json:"removed"`
	Next     string   `json:"next,omitempty"`  // After of the next page; "" at the end
	Total    int      `json:"total"`           // titles that match
	Reset    bool     `json:"reset,omitempty"` // Since is too old (or from before a restart): load all anew
}

// Titles answers a query.
func (l *Library) Titles(q Query) Page { return Page{} }

// Title returns one title.
func (l *Library) Title(id string) (Title, bool) { return Title{}, false }

// Source finds a rendition: ErrUnknownTitle, ErrRenditionGone, or a Source.
func (l *Library) Source(id, rendition string) (Source, error) { return nil, ErrUnknownTitle }

// Thumbnail opens a title's picture; fs.ErrNotExist while there is none.
func (l *Library) Thumbnail(id string) (io.ReadSeekCloser, error) { return nil, ErrUnknownTitle }

// Watched notes that somebody watches the title now (what is longest unwatched makes room first).
func (l *Library) Watched(id string) {}

// Subscribe returns a channel that gets a value (never blocking, coalesced)
// after titles, sticks or problems changed, and a function that ends it.
func (l *Library) Subscribe() (changes <-chan struct{}, cancel func()) { return nil, func() {} }

// Sticks, Problems and Storage are what GET /api/v1/box shows of them.
func (l *Library) Sticks() []Stick     { return nil }
func (l *Library) Problems() []Problem { return nil }
func (l *Library) Storage() Storage    { return Storage{} }

// --- for intake ---

// Update edits a record under the lock, making it when there is none, and
// writes title.json when a kept field changed and the record is worth keeping
// (probed). durable also syncs it to the disk (finished work).
func (l *Library) Update(id string, durable bool, edit func(*Record)) error { return nil }

// Record returns a copy.
func (l *Library) Record(id string) (Record, bool) { return Record{}, false }

// Records returns copies of all, in the order of their QueueNumber, those without one last.
func (l *Library) Records() []Record { return nil }

// SetSticks and SetProblem replace what is shown; a nil problem clears the code.
func (l *Library) SetSticks(sticks []Stick)           {}
func (l *Library) SetProblem(code string, p *Problem) {}

// SetThumbnail stores the JPEG of a title.
func (l *Library) SetThumbnail(id string, jpeg []byte) error { return nil }

// NewRendition draws a generation and returns the name and the folder to make.
func (l *Library) NewRendition(id, name string) (rendition, dir string, err error) {
	return "", "", nil
}

// Attach serves a rendition from elsewhere (a ready-made folder on a stick, the
// packager to come); nil detaches. The rendition must be in the record too.
func (l *Library) Attach(id, rendition string, s Source) {}

// Finished turns a complete rendition into the one that is played: older ones
// go, title.json is synced, the state becomes ready.
func (l *Library) Finished(id string, r Rendition) error { return nil }

// Drop removes a rendition's files and entry.
func (l *Library) Drop(id, rendition string) error { return nil }

// MakeRoom sees to it that bytes fit beside the reserve for title id: finished
// conversions that are unplugged go first, then (only when wanted: a phone
// waits for id) the longest unwatched that nobody watches. ErrNoRoom when
// that is not enough; nothing is removed then. busy says who must stay.
func (l *Library) MakeRoom(id string, bytes int64, wanted bool, busy func(id string) bool) error {
	return nil
}
