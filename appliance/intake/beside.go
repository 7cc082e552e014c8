package intake

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

// beside is a file of subtitles that belongs to a film.
type beside struct {
	path     string
	size     int64
	modified time.Time
	subtitleLabel
}

// Bounds of what a walk takes for subtitles.
const (
	besideLimit = 64 // of one film
	besideFiles = 2000
)

// besideKinds are the extensions that are looked at. Of the last two, which are
// pictures, it is only said that they are there.
func besideKind(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".srt", ".vtt", ".ass", ".ssa", ".idx", ".sup":
		return true
	}
	return false
}

// ofPictures: subtitles that are drawn.
func ofPictures(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".idx" || ext == ".sup"
}

// besideFolder are the folders in which people keep a film's subtitles.
func besideFolder(name string) bool {
	switch strings.ToLower(name) {
	case "sub", "subs", "subtitle", "subtitles":
		return true
	}
	return false
}

// takeWords finds the subtitles of the films that a folder gave (those from first
// on): <film>[.<language>][.forced|.sdh].srt beside them, in Subs, Subs/<film> and
// <film>. In Subs of a folder with one film all belong to it.
func (w *walker) takeWords(ctx context.Context, folder string, entries []fs.DirEntry, first int) error {
	films := w.out.entries[first:]
	if len(films) == 0 {
		return nil
	}
	stems := make(map[string]*entry, len(films)) // what subtitles of the film begin with, lower case
	for i := range films {
		if e := &films[i]; e.form == formFile {
			stems[strings.ToLower(stemOf(e.file))] = e
		}
	}
	for _, d := range entries {
		if d.Type().IsRegular() && besideKind(d.Name()) && !ignoredFile(d.Name()) {
			if e, rest := longestStem(stems, stemOf(d.Name())); e != nil {
				w.addBeside(e, path.Join(folder, d.Name()), rest)
			}
		}
	}
	for _, d := range entries {
		if !d.IsDir() || ignoredFolder(d.Name()) {
			continue
		}
		owner := stems[strings.ToLower(d.Name())]
		if !besideFolder(d.Name()) && owner == nil {
			continue
		}
		if owner == nil && len(films) == 1 {
			owner = &films[0]
		}
		if err := w.takeWordsIn(ctx, path.Join(folder, d.Name()), owner, stems); err != nil {
			return err
		}
	}
	return nil
}

// takeWordsIn looks into a folder of subtitles, and into those inside that are
// called like a film. owner has all that is called like no film; nil: nobody.
func (w *walker) takeWordsIn(ctx context.Context, folder string, owner *entry, stems map[string]*entry) error {
	entries, err := w.read(ctx, folder)
	if err != nil {
		return w.unreadable(folder, err)
	}
	if hasIgnoreFile(entries) {
		return nil
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return naturalCompare(a.Name(), b.Name()) })
	if len(entries) > besideFiles {
		entries = entries[:besideFiles]
	}
	for _, d := range entries {
		full := path.Join(folder, d.Name())
		if d.IsDir() {
			inside := stems[strings.ToLower(d.Name())]
			if inside != nil && besideFolder(path.Base(folder)) {
				if err := w.takeWordsIn(ctx, full, inside, nil); err != nil {
					return err
				}
			}
			continue
		}
		if !d.Type().IsRegular() || !besideKind(d.Name()) || ignoredFile(d.Name()) {
			continue
		}
		stem := stemOf(d.Name())
		e, rest := longestStem(stems, stem)
		if e == nil {
			e, rest = owner, stem
		}
		if e != nil {
			w.addBeside(e, full, rest)
		}
	}
	return nil
}

// addBeside gives a film a file of subtitles; rest is what its name says beside the film's.
func (w *walker) addBeside(e *entry, full, rest string) {
	if len(e.beside) >= besideLimit || slices.ContainsFunc(e.beside, func(b beside) bool { return b.path == full }) {
		return
	}
	info, err := w.tree.Lstat(full)
	if err != nil || !info.Mode().IsRegular() {
		return // the walk will find out
	}
	w.used[full] = true
	if path.Dir(full) == path.Dir(path.Join(e.folder, e.file)) && w.out.counts[kindSubtitle] > 0 {
		w.out.counts[kindSubtitle]-- // the walk has been there
	}
	e.beside = append(e.beside, beside{path: full, size: info.Size(), modified: info.ModTime(), subtitleLabel: labelOf(rest)})
}

// longestStem finds the film whose name a file's begins with: "Alien.2.en" is of
// "Alien.2", not of "Alien". rest begins behind it.
func longestStem(stems map[string]*entry, stem string) (e *entry, rest string) {
	lower := strings.ToLower(stem)
	if len(lower) != len(stem) { // letters that change their length: no cutting by the lower form
		stem = lower
	}
	for at := len(lower); at > 0; at = strings.LastIndexAny(lower[:at], ". _-([") {
		if found := stems[lower[:at]]; found != nil {
			return found, stem[at:]
		}
	}
	return nil, ""
}

func stemOf(name string) string { return strings.TrimSuffix(name, path.Ext(name)) }

// sameBeside is true when nothing about an entry's subtitles has changed.
func sameBeside(a, b []beside) bool {
	return slices.EqualFunc(a, b, func(a, b beside) bool {
		return a.path == b.path && a.size == b.size && a.modified.Equal(b.modified)
	})
}
