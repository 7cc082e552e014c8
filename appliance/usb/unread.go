package usb

import (
	"maps"
	"os"
	"slices"
	"time"

	"streambox.local/appliance/usb/note"
)

// unfit is a stick that cannot be read, as it was told last.
type unfit struct {
	note    note.Note
	plugged uint64
}

// readNotes takes what the mount helper says now. A folder that cannot be read
// leaves what is known.
func (w *watch) readNotes() {
	if w.f.Notes == "" || w.f.Below == "" {
		return
	}
	// A note comes by a rename and goes by a removal: both change the folder's time.
	// One that is young may be the time of two changes.
	const young = 2 * time.Second
	info, err := os.Stat(w.f.Notes)
	if err == nil && info.ModTime().Equal(w.noted) && time.Since(info.ModTime()) > young {
		return
	}
	w.noted = time.Time{}
	if err == nil {
		w.noted = info.ModTime()
	}
	list, err := note.ReadAll(w.f.Notes)
	if err != nil {
		w.log.Debug("The sticks' notes cannot be read", "error", err)
		return
	}
	w.notes = make(map[string]note.Note, len(list))
	for _, n := range list {
		w.notes[n.Device] = n
	}
}

// unread are the sticks that notes speak of and that are not read: all but
// those among mounted. One that its owner has mounted, and that can be read
// there, is.
func (w *watch) unread(mounted []Stick) []Stick {
	now := map[string]unfit{}
	var sticks []Stick
	for _, device := range slices.Sorted(maps.Keys(w.notes)) {
		n := w.notes[device]
		if n.State == note.Mounted || slices.ContainsFunc(mounted, func(s Stick) bool { return s.ID == device }) {
			continue
		}
		u, known := w.unfit[device]
		if !known || u.note != n {
			w.plugs++
			u = unfit{note: n, plugged: w.plugs}
		}
		now[device] = u
		label := n.Label
		if label == "" {
			label = device
		}
		sticks = append(sticks, Stick{
			ID: device, Label: cleanLabel(label), FileSystem: n.FileSystem, SizeBytes: n.SizeBytes,
			Plugged: u.plugged, Reason: n.Reason, Ignored: n.State == note.Ignored,
		})
	}
	w.unfit = now
	return sticks
}

// errorLimit is how long a mounted stick may give nothing but errors until that is
// told: one that is being pulled does so too, for a moment.
const errorLimit = 3 * time.Second

// broken is a stick that is mounted and gives errors, or no answer at all.
func (w *watch) broken(fo *folder) (Stick, bool) {
	n := w.notes[fo.device]
	if !fo.below || n.Reason == note.InUse {
		return Stick{}, false // its note says it
	}
	reason := note.Damaged
	switch {
	case fo.reported:
		reason = note.Silent
	case fo.badSince.IsZero() || time.Since(fo.badSince) < errorLimit:
		return Stick{}, false
	}
	if fo.bad == 0 {
		w.plugs++
		fo.bad = w.plugs
	}
	s := fo.stick(n)
	return Stick{ID: s.ID, Label: s.Label, FileSystem: n.FileSystem, SizeBytes: n.SizeBytes, Plugged: fo.bad, Reason: reason}, true
}
