package library

import (
	"math"
	"slices"
)

// made is what a record does not know: which of its renditions can be served.
type made func(Rendition) bool

// playable picks the rendition to play: the first that has something to show.
func playable(r *Record, served made) (Rendition, bool) {
	for _, one := range r.Renditions {
		if one.Alternate == 0 && served(one) {
			return one, true
		}
	}
	return Rendition{}, false
}

// withAlternates fills in where the further sound tracks are, as far as they can be had.
func withAlternates(tracks []AudioTrack, r *Record, served made, base string) []AudioTrack {
	out := slices.Clone(tracks)
	for i := range out {
		for _, one := range r.Renditions {
			if one.Alternate == out[i].N+1 && served(one) {
				out[i].Playlist = base + one.Name + "/" + playlistFile
			}
		}
	}
	return out
}

// viewOf derives what the API shows. It is the only place where a Title is made.
func viewOf(r *Record, served made) Title {
	t := Title{
		ID: r.ID, Title: r.Name, State: r.State, How: r.How, Reason: r.Reason,
		Progress: r.Progress, SecondsLeft: r.SecondsLeft, DurationSeconds: r.DurationSeconds,
		Width: r.Width, Height: r.Height,
		Sources: orEmpty(r.Sources), Audio: orEmpty(r.Audio), Subtitles: withFiles(r.ID, r.Subtitles, r.SubtitleFiles),
		Chapters: orEmpty(r.Chapters),
	}
	base := "/stream/" + r.ID + "/"
	t.Previews = r.Previews.shown(base)
	if one, ok := playable(r, served); ok {
		t.Playable = true
		t.Playlist = base + one.Name + "/" + playlistFile
		t.Master = base + "master.m3u8"
		t.Audio = withAlternates(t.Audio, r, served, base)
		t.withRenditions(r, one, served, base)
	}
	if r.ThumbnailDigest != "" {
		t.Thumbnail = base + thumbnailFile + "?v=" + r.ThumbnailDigest
	}
	return t
}

// orEmpty keeps null out of the JSON: scripts iterate over these.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// finite returns v inside 0…high, and 0 for what is not a number
// (JSON has no NaN: one of them would spoil the whole list).
func finite(v, high float64) float64 {
	if math.IsNaN(v) || v < 0 {
		return 0
	}
	return min(v, high)
}
