package library

// TitleRendition is one encoding of a title that has several: the film as it is,
// for devices that play its codecs, and the converted one for all others.
type TitleRendition struct {
	Playlist string `json:"playlist,omitempty"` // "": not a segment of it can be had by now
	// Codecs is the codecs parameter of RFC 6381; "": H.264 and AAC or MP3, which every phone plays.
	Codecs      string  `json:"codecs"`
	State       State   `json:"state"` // ready | queued | converting | blocked | unplayable
	Reason      *Reason `json:"reason,omitempty"`
	Progress    float64 `json:"progress"`
	SecondsLeft float64 `json:"secondsLeft"`
}

// withRenditions tells of a title whose first rendition not every phone plays what
// the others get. Its state is that of the first one, while the record's is about
// the conversion (ForOthers).
func (t *Title) withRenditions(r *Record, first Rendition, served made, base string) {
	if first.Codecs == "" {
		return
	}
	t.Codecs = first.Codecs
	t.Renditions = []TitleRendition{{Playlist: t.Playlist, Codecs: first.Codecs, State: Ready}}
	other := TitleRendition{State: Ready}
	for _, one := range r.Renditions {
		if one.Codecs == "" && one.Alternate == 0 && (one.Complete || r.ForOthers) && served(one) { // nobody goes on with what is unfinished otherwise
			other.Playlist = base + one.Name + "/" + playlistFile
			break
		}
	}
	if r.ForOthers {
		other.State, other.Reason, other.Progress, other.SecondsLeft = r.State, r.Reason, r.Progress, r.SecondsLeft
		t.State, t.Reason, t.Progress, t.SecondsLeft = Ready, nil, 0, 0
		t.How = Direct
	}
	if other.Playlist == "" && !r.ForOthers && r.NotForOthers != nil {
		other.State, other.Reason = Unplayable, r.NotForOthers
	}
	if other.Playlist != "" || other.State != Ready {
		t.Renditions = append(t.Renditions, other)
	}
}

// sameRenditions compares all but how far a conversion has come.
func sameRenditions(a, b []TitleRendition) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		one, two := a[i], b[i]
		if one.Playlist != two.Playlist || one.Codecs != two.Codecs || one.State != two.State {
			return false
		}
	}
	return true
}

// beside tells whether a rendition is left in place when another is finished: what
// is served from a stick as it is, the sound that belongs to it, and what was
// converted for others are not older than each other.
func beside(rec *Record, finished, one Rendition, attached bool) bool {
	if rec.Codecs == "" {
		return false
	}
	return one.Codecs != "" && attached || one.Sound != finished.Sound
}
