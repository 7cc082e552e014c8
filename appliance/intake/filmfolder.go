package intake

import (
	"context"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Names that tell what a file is part of.
var (
	// VTS_nn_m.VOB: m = 0 is the menu, 1–9 the film.
	dvdPart = regexp.MustCompile(`(?i)^VTS_(\d\d)_([1-9])\.VOB$`) //nolint:gochecknoglobals // a constant
	// Pieces of a film by their name, whatever has become of their playlist.
	segmentName = regexp.MustCompile(`(?i)^(seg|segment|chunk|fileSequence|index)[-_]?\d{1,8}\.(ts|m4s)$`) //nolint:gochecknoglobals // a constant
)

// isSegmentName tells a segment from a recording: segments are never titles.
func isSegmentName(name string) bool { return segmentName.MatchString(name) }

// takeReady lists a folder of index.m3u8 and segments as one film, and returns
// the entries that are something else: an owner may have put films beside them,
// recordings of a TV that are .ts files too.
func (w *walker) takeReady(name string, entries []fs.DirEntry) []fs.DirEntry {
	playlist := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.Type().IsRegular() && e.Name() == playlistName })
	if playlist < 0 || !slices.ContainsFunc(entries, isTransportStreamFile) {
		return entries
	}
	mine := w.segmentsOf(path.Join(name, playlistName))
	if !slices.ContainsFunc(entries, mine) {
		return entries // a playlist of something else
	}
	e := entry{form: formReady, paths: []string{name}}
	e.folder, e.file, e.title = filmFolder(name, w.label)
	var rest []fs.DirEntry
	for _, d := range entries {
		switch {
		case mine(d), d.Type().IsRegular() && (d.Name() == playlistName || d.Name() == hashesName):
			if !w.measure(&e, path.Join(name, d.Name())) {
				return rest // the stick is failing; the walk will find out
			}
		case d.Type().IsRegular() && d.Name() == thumbnailName:
		default:
			rest = append(rest, d)
		}
	}
	w.list(e)
	return rest
}

// segmentsOf tells the segments of a playlist from other files: it names them,
// or they are named as segments are. The playlist need not be one that we
// understand; one that cannot be read may name any.
func (w *walker) segmentsOf(playlist string) func(fs.DirEntry) bool {
	text, err := readSmall(w.tree, playlist, playlistLimit)
	if err != nil {
		return isTransportStreamFile
	}
	named := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		named[strings.TrimSpace(line)] = true
	}
	return func(e fs.DirEntry) bool {
		return isTransportStreamFile(e) && (named[e.Name()] || isSegmentName(e.Name()))
	}
}

func isTransportStreamFile(e fs.DirEntry) bool {
	return e.Type().IsRegular() && strings.EqualFold(path.Ext(e.Name()), ".ts") && !isHidden(e.Name())
}

// takeDVD lists the largest title set of a DVD's folder and returns what is not
// part of the disc.
func (w *walker) takeDVD(name string, entries []fs.DirEntry) []fs.DirEntry {
	sets := map[string]*entry{}
	for _, d := range entries {
		m := dvdPart.FindStringSubmatch(d.Name())
		if m == nil || !d.Type().IsRegular() {
			continue
		}
		e := sets[m[1]]
		if e == nil {
			e = &entry{form: formDisc}
			sets[m[1]] = e
		}
		full := path.Join(name, d.Name())
		if w.measure(e, full) {
			e.paths = append(e.paths, full) // entries are in natural order: 1 … 9
		}
	}
	best := largest(sets)
	if best == nil {
		return entries
	}
	best.folder, best.file, best.title = filmFolder(name, w.label)
	w.list(*best)
	return slices.DeleteFunc(entries, func(d fs.DirEntry) bool {
		ext := strings.ToUpper(path.Ext(d.Name()))
		return d.Type().IsRegular() && (ext == ".VOB" || ext == ".IFO" || ext == ".BUP")
	})
}

// takeBluRay lists the largest stream of a BDMV folder (Blu-ray, AVCHD); false
// when it has none. Nothing else in such a folder is for people.
func (w *walker) takeBluRay(ctx context.Context, name string) (bool, error) {
	entries, err := w.read(ctx, name)
	if err != nil {
		return true, w.unreadable(name, err)
	}
	if hasIgnoreFile(entries) {
		w.out.counts[kindHidden]++
		return true, nil
	}
	at := slices.IndexFunc(entries, func(e fs.DirEntry) bool { return e.IsDir() && strings.EqualFold(e.Name(), "STREAM") })
	if at < 0 {
		return false, nil
	}
	stream := path.Join(name, entries[at].Name())
	files, err := w.read(ctx, stream)
	if err != nil {
		return true, w.unreadable(stream, err)
	}
	streams := map[string]*entry{}
	for _, d := range files {
		ext := strings.ToLower(path.Ext(d.Name()))
		if !d.Type().IsRegular() || isHidden(d.Name()) || ext != ".m2ts" && ext != ".mts" {
			continue
		}
		full := path.Join(stream, d.Name())
		e := &entry{form: formDisc, paths: []string{full}}
		if w.measure(e, full) {
			streams[d.Name()] = e
		}
	}
	best := largest(streams)
	if best == nil {
		return false, nil
	}
	best.folder, best.file, best.title = filmFolder(stream, w.label)
	w.list(*best)
	return true, nil
}

// measure adds a file's size and time to an entry; false when it cannot be looked at.
func (w *walker) measure(e *entry, full string) bool {
	info, err := w.tree.Lstat(full)
	if err != nil {
		w.out.counts[kindUnreadable]++
		w.out.partial = err
		return false
	}
	e.size += info.Size()
	e.modified = later(e.modified, info.ModTime())
	return true
}

// largest picks the entry with the most bytes; of equals the first by name, so
// that every scan picks the same.
func largest(of map[string]*entry) *entry {
	var best *entry
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if e := of[name]; len(e.paths) > 0 && (best == nil || e.size > best.size) {
			best = e
		}
	}
	return best
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
