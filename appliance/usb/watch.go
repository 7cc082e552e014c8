package usb

import (
	"context"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"streambox.local/appliance/usb/note"
)

// folder is one watched folder. Only Run's goroutine touches it.
type folder struct {
	dir      string
	id       string
	device   string    // kernel name, of those below
	below    bool      // counts only while it is a mount point
	asking   bool      // a helper looks now
	asked    time.Time // when it began
	seen     sight     // what the last look found
	plugged  uint64    // 0: not there
	reported bool      // that it does not answer has been logged
	badSince time.Time // only errors since then; zero: the last answer was none
	bad      uint64    // what plugged is for one that cannot be read; 0: it is not shown as such
}

// answer is what a helper found.
type answer struct {
	of    *folder
	sight sight
	err   error
}

// watch is the state of a running Folders.
type watch struct {
	f       *Folders
	log     *slog.Logger
	folders []*folder // in the order in which they are shown
	byDir   map[string]*folder
	answers chan answer // of helpers, whenever they have one
	ids     map[string]bool
	plugs   uint64
	info    string               // mountinfo as it was read last, and
	points  []string             // what was mounted below
	notes   map[string]note.Note // by device
	noted   time.Time            // when their folder was changed last
	unfit   map[string]unfit     // those that cannot be read, by device
}

func newWatch(f *Folders) *watch {
	w := &watch{f: f, log: f.Log, byDir: map[string]*folder{}, answers: make(chan answer), ids: map[string]bool{}, unfit: map[string]unfit{}}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	for _, dir := range f.Dirs {
		w.add(dir, "", false)
	}
	return w
}

// add begins to watch dir; a folder named twice is one stick.
func (w *watch) add(dir, device string, below bool) {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if w.byDir[dir] != nil {
		return
	}
	name := device
	if name == "" {
		name = filepath.Base(dir)
	}
	fo := &folder{dir: dir, id: uniqueID(name, w.ids), device: device, below: below}
	w.ids[fo.id] = true
	w.byDir[dir] = fo
	w.folders = append(w.folders, fo)
}

// look looks at every folder that no helper hangs in, and waits for their answers
// for the limit at most: what hangs must not make the others late. Whoever answers
// later is heard by Run.
func (w *watch) look(ctx context.Context, limit time.Duration) {
	w.findBelow()
	waiting := map[*folder]bool{}
	for _, fo := range w.folders {
		if !fo.asking {
			w.ask(ctx, fo)
			waiting[fo] = true
		}
	}
	over := time.NewTimer(limit)
	defer over.Stop()
	for len(waiting) > 0 {
		select {
		case a := <-w.answers:
			w.take(a)
			delete(waiting, a.of)
		case <-over.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// sticks returns what is plugged by all answers until now, then what cannot be read.
func (w *watch) sticks() []Stick {
	var sticks []Stick
	for _, fo := range w.folders {
		w.hanging(fo)
		if fo.plugged != 0 {
			sticks = append(sticks, fo.stick(w.notes[fo.device]))
		} else if s, bad := w.broken(fo); bad {
			sticks = append(sticks, s)
		}
	}
	return append(sticks, w.unread(sticks)...)
}

// findBelow adds what has been mounted below the parent, or where a note says
// that the machine's owner has it, and lets go of what is mounted no more. The
// notes are read second: the helper writes one before it mounts, so whatever is
// seen mounted has its label.
func (w *watch) findBelow() {
	if w.f.Below == "" {
		return
	}
	list := w.f.list
	if list == nil {
		list = w.mountedBelow
	}
	names, err := list(w.f.Below)
	w.readNotes()
	if err != nil {
		w.log.Debug("What is mounted cannot be listed", "error", err)
		return
	}
	mounted := map[string]bool{}
	for _, name := range names {
		dir := filepath.Join(w.f.Below, name)
		mounted[dir] = true
		w.add(dir, name, true)
	}
	for _, device := range slices.Sorted(maps.Keys(w.notes)) {
		if n := w.notes[device]; n.Reason == note.InUse && filepath.IsAbs(n.MountPoint) {
			mounted[n.MountPoint] = true
			w.add(n.MountPoint, device, true)
		}
	}
	w.folders = slices.DeleteFunc(w.folders, func(fo *folder) bool {
		gone := fo.below && !mounted[fo.dir]
		if gone { // a helper that hangs in it ends by itself
			delete(w.byDir, fo.dir)
			delete(w.ids, fo.id)
		}
		return gone
	})
}

// ask starts the helper of a folder. It is heard as long as ctx lasts.
func (w *watch) ask(ctx context.Context, fo *folder) {
	look, before := w.f.look, fo.seen
	if look == nil {
		look = func(dir string, below bool) (sight, error) { return w.f.lookAt(dir, below, before) }
	}
	fo.asking, fo.asked = true, time.Now()
	go func(dir string, below bool) {
		s, err := look(dir, below)
		select {
		case w.answers <- answer{fo, s, err}:
		case <-ctx.Done():
		}
	}(fo.dir, fo.below)
}

// take applies an answer. That of a folder which is watched no more changes nothing.
func (w *watch) take(a answer) {
	fo := a.of
	fo.asking, fo.reported = false, false
	if a.err == nil {
		fo.badSince, fo.bad = time.Time{}, 0
	}
	switch {
	case a.err != nil:
		fo.plugged = 0
		if fo.badSince.IsZero() {
			fo.badSince = time.Now()
		}
	case fo.plugged == 0 || fo.seen.device != a.sight.device || fo.seen.inode != a.sight.inode || fo.seen.mounting != a.sight.mounting:
		w.plugs++
		fo.plugged = w.plugs
	}
	fo.seen = a.sight
}

// hanging lets a stick that does not answer go after hangLimit.
func (w *watch) hanging(fo *folder) {
	if !fo.asking || fo.reported || time.Since(fo.asked) < hangLimit {
		return
	}
	fo.reported, fo.plugged = true, 0
	w.log.Warn("Stick does not answer", "stick", fo.id)
}

// report logs what came and went.
func (w *watch) report(before, now []Stick) {
	had := map[uint64]bool{}
	for _, s := range before {
		had[s.Plugged] = true
	}
	for _, s := range now {
		switch {
		case had[s.Plugged]:
		case s.Reason != "":
			w.log.Info("Stick plugged that is not read", "stick", s.ID, "fileSystem", s.FileSystem, "sizeBytes", s.SizeBytes, "reason", s.Reason)
		default:
			w.log.Info("Stick plugged", "stick", s.ID, "fileSystem", s.FileSystem, "sizeBytes", s.SizeBytes, "readOnly", s.ReadOnly)
		}
		delete(had, s.Plugged)
	}
	for _, s := range before {
		if had[s.Plugged] {
			w.log.Info("Stick pulled", "stick", s.ID)
		}
	}
}

// stick is what is told of a folder; n is the zero Note where there is none.
func (fo *folder) stick(n note.Note) Stick {
	label := n.Label
	if label == "" {
		label = filepath.Base(fo.dir)
	}
	return Stick{
		ID: fo.id, Root: fo.dir, Label: cleanLabel(label),
		FileSystem: fo.seen.fileSystem, SizeBytes: fo.seen.sizeBytes, ReadOnly: fo.seen.readOnly,
		Volume: fo.seen.volume, Plugged: fo.plugged,
	}
}
