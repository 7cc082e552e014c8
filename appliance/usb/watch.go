package usb

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"
)

// folder is one watched folder. Only Run's goroutine touches it.
type folder struct {
	dir      string
	id       string
	below    bool        // counts only while it is a mount point
	answer   chan answer // of the helper that looks now; nil: none does
	asked    time.Time   // when it began
	seen     sight       // what the last look found
	plugged  uint64      // 0: not there
	reported bool        // that it does not answer has been logged
}

// answer is what a helper found.
type answer struct {
	sight sight
	err   error
}

// watch is the state of a running Folders.
type watch struct {
	f       *Folders
	log     *slog.Logger
	folders []*folder // in the order in which they are shown
	byDir   map[string]*folder
	ids     map[string]bool
	plugs   uint64
	names   chan []string
}

func newWatch(f *Folders) *watch {
	w := &watch{f: f, log: f.Log, byDir: map[string]*folder{}, ids: map[string]bool{}}
	if w.log == nil {
		w.log = slog.New(slog.DiscardHandler)
	}
	for _, dir := range f.Dirs {
		w.add(dir, false)
	}
	return w
}

// add begins to watch dir; a folder named twice is one stick.
func (w *watch) add(dir string, below bool) {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	if w.byDir[dir] != nil {
		return
	}
	fo := &folder{dir: dir, id: uniqueID(filepath.Base(dir), w.ids), below: below}
	w.ids[fo.id] = true
	w.byDir[dir] = fo
	w.folders = append(w.folders, fo)
}

// poll looks at every folder once and returns what is plugged.
func (w *watch) poll(ctx context.Context) []Stick {
	limit := time.NewTimer(lookLimit)
	defer limit.Stop()
	w.findBelow(ctx, limit.C)
	for _, fo := range w.folders {
		if fo.answer == nil {
			w.ask(fo)
		}
	}
	late := false
	var sticks []Stick
	for _, fo := range w.folders {
		late = w.wait(ctx, fo, limit.C, late)
		if fo.plugged != 0 {
			sticks = append(sticks, fo.stick())
		}
	}
	return sticks
}

// findBelow adds the sub-folders of the parent. Its listing runs in a helper as
// well: one is enough, and its answer may come at a later look.
func (w *watch) findBelow(ctx context.Context, limit <-chan time.Time) {
	if w.f.Below == "" {
		return
	}
	if w.names == nil {
		w.names = make(chan []string, 1)
		list := w.f.list
		if list == nil {
			list = subFolders
		}
		go func(dir string, out chan<- []string) {
			names, err := list(dir)
			if err != nil {
				names = nil // the parent is missing until the first stick was mounted
			}
			out <- names
		}(w.f.Below, w.names)
	}
	select {
	case names := <-w.names:
		w.names = nil
		for _, name := range names {
			w.add(filepath.Join(w.f.Below, name), true)
		}
	case <-limit:
	case <-ctx.Done():
	}
}

// ask starts the helper of a folder.
func (w *watch) ask(fo *folder) {
	look := w.f.look
	if look == nil {
		look = lookAt
	}
	fo.answer, fo.asked = make(chan answer, 1), time.Now()
	go func(dir string, below bool, out chan<- answer) {
		s, err := look(dir, below)
		out <- answer{s, err}
	}(fo.dir, fo.below, fo.answer)
}

// wait takes the helper's answer, waiting for it unless this look's time is up
// already; it returns whether it is now.
func (w *watch) wait(ctx context.Context, fo *folder, limit <-chan time.Time, late bool) bool {
	if late {
		select {
		case a := <-fo.answer:
			w.take(fo, a)
		default:
			w.hanging(fo)
		}
		return true
	}
	select {
	case a := <-fo.answer:
		w.take(fo, a)
		return false
	case <-limit:
		w.hanging(fo)
		return true
	case <-ctx.Done():
		return true
	}
}

// take applies an answer.
func (w *watch) take(fo *folder, a answer) {
	fo.answer, fo.reported = nil, false
	switch {
	case a.err != nil:
		fo.plugged = 0
	case fo.plugged == 0 || fo.seen.device != a.sight.device || fo.seen.inode != a.sight.inode:
		w.plugs++
		fo.plugged = w.plugs
	}
	fo.seen = a.sight
}

// hanging lets a stick that does not answer go after hangLimit.
func (w *watch) hanging(fo *folder) {
	if time.Since(fo.asked) < hangLimit || fo.reported {
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
		if !had[s.Plugged] {
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

// stick is what is told of a folder.
func (fo *folder) stick() Stick {
	return Stick{
		ID: fo.id, Root: fo.dir, Label: cleanLabel(filepath.Base(fo.dir)),
		FileSystem: fo.seen.fileSystem, SizeBytes: fo.seen.sizeBytes, ReadOnly: fo.seen.readOnly,
		Volume: fo.seen.volume, Plugged: fo.plugged,
	}
}
