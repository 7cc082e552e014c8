package intake

import (
	"path"
	"strings"
	"time"

	"streambox.local/appliance/library"
)

// form is how a film lies on a stick.
type form int

const (
	formFile  form = iota // one video file
	formDisc              // VIDEO_TS, BDMV: a folder that is one film; its parts are joined
	formReady             // a folder of index.m3u8 and segments: served as it stands
)

// entry is one film as a walk found it.
type entry struct {
	form     form
	folder   string   // of the place, as it is on the stick; "" = top
	file     string   // of the place
	title    string   // what the name says
	paths    []string // what is read, relative to the stick's top; formReady: the folder alone
	size     int64    // of all parts together
	modified time.Time
	beside   []beside // subtitles that belong to it
}

// key names the entry on its stick.
func (e *entry) key() string { return path.Join(e.folder, e.file) }

// memoryPath names what is remembered of the entry's content. A film of several
// files is remembered under its first one, apart from that file alone.
func (e *entry) memoryPath() string {
	switch e.form {
	case formDisc:
		return "disc:" + strings.Join(e.paths[:1], "")
	case formReady:
		return "ready:" + e.paths[0]
	default:
		return e.paths[0]
	}
}

// same is true when nothing about the entry's files has changed.
func (e *entry) same(o *entry) bool {
	return e.form == o.form && e.size == o.size && e.modified.Equal(o.modified) && e.paths[0] == o.paths[0] && len(e.paths) == len(o.paths)
}

// place is how the API tells where the entry lies.
func (e *entry) place(stick string) library.Place {
	return library.Place{Stick: stick, Folder: cleanText(e.folder, placeRunes), File: cleanText(e.file, placeRunes)}
}

// filmFolder gives a film that is a folder its place and title: the folder above
// those with the names of the format ("Heat/VIDEO_TS" is Heat). At the top of a
// stick there is none, and the stick's label has to do.
func filmFolder(name, label string) (folder, file, title string) {
	p := name
	top := p
	for p != "" && p != "." && formatFolder(path.Base(p)) {
		top, p = p, parentOf(p)
	}
	if p == "" || p == "." {
		if top == "" {
			return "", "index.m3u8", titleOf(label)
		}
		return "", top, titleOf(label)
	}
	return parentOf(p), path.Base(p), titleOf(path.Base(p))
}

// formatFolder is a folder name that a disc format prescribes.
func formatFolder(name string) bool {
	switch strings.ToUpper(name) {
	case "VIDEO_TS", "BDMV", "STREAM", "AVCHD", "PRIVATE":
		return true
	}
	return false
}

// parentOf is path.Dir with "" for the top.
func parentOf(name string) string {
	if d := path.Dir(name); d != "." {
		return d
	}
	return ""
}
