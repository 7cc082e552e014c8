package library

import (
	"encoding/json"
	"maps"
	"slices"
)

// Schema is the version of title.json that this release writes. It reads this
// one and the one before; a newer one is left alone.
const (
	Schema       = 1
	oldestSchema = max(1, Schema-1)
)

// Record is all that is known of a title. The fields with a JSON name are kept
// in library/<id>/title.json; the others live as long as the process.
type Record struct {
	Schema          int             `json:"schema"`
	ID              string          `json:"id"`
	Name            string          `json:"title"`
	How             How             `json:"how,omitempty"`
	Reason          *Reason         `json:"reason,omitempty"`
	DurationSeconds float64         `json:"durationSeconds,omitempty"`
	Width           int             `json:"width,omitempty"`
	Height          int             `json:"height,omitempty"`
	Audio           []AudioTrack    `json:"audio,omitempty"`
	Subtitles       []SubtitleTrack `json:"subtitles,omitempty"`
	SubtitleFiles   []SubtitleFile  `json:"subtitleFiles,omitempty"` // what was made of the tracks; set by SetSubtitles
	Chapters        []Chapter       `json:"chapters,omitempty"`
	Previews        *Previews       `json:"previews,omitempty"`      // set by SetPreviews; nil: none
	Renditions      []Rendition     `json:"renditions,omitempty"`    // the one to play first; only complete ones on the box's disk are kept
	BeginsSeconds   *float64        `json:"beginsSeconds,omitempty"` // when the film begins by its container's clock, as it is packaged; nil: not known
	QueueNumber     uint64          `json:"queueNumber,omitempty"`   // order of arrival; 0: not in the queue
	WatchedNumber   uint64          `json:"watchedNumber,omitempty"` // stored counter of the last watching; 0: never. Set by Watched.
	AddedNumber     uint64          `json:"addedNumber,omitempty"`   // counts the titles this library has met; set by the library
	ThumbnailDigest string          `json:"thumbnail,omitempty"`     // start of the picture's SHA-256, hexadecimal; set by SetThumbnail
	Media           json.RawMessage `json:"media,omitempty"`         // the probe's result; opaque here
	Failed          []string        `json:"failed,omitempty"`        // rungs that failed with this content
	Edition         int             `json:"edition,omitempty"`       // counts how often segments made on request turned out to be others than before
	Salt            string          `json:"salt,omitempty"`          // drawn when the title is met, another one after it was removed; set by the library. "": met by an earlier release
	Packaged        string          `json:"packaged,omitempty"`      // the rendition that can be made on request from a stick; "": none, or not known

	// Codecs is what playing Packaged takes, as in Title; "": what every phone plays.
	Codecs string `json:"codecs,omitempty"`

	// Unconvertible says why a title with Codecs was found not to be convertible for the
	// others; nil: it is, or nobody has tried.
	Unconvertible *Reason `json:"unconvertible,omitempty"`

	// ForOthers: State, Reason and progress are about the conversion for devices that
	// do not play the first rendition, which is served meanwhile.
	ForOthers bool `json:"-"`
	// NotForOthers says why those devices get nothing.
	NotForOthers *Reason `json:"-"`

	Sources     []Place `json:"-"`
	State       State   `json:"-"`
	Progress    float64 `json:"-"`
	SecondsLeft float64 `json:"-"`

	unknown map[string]json.RawMessage // fields of a later release; written back as they were
}

// Rendition is one encoding of a title.
type Rendition struct {
	Name            string  `json:"name"` // "<name>-<generation>", folder and part of the URL
	Complete        bool    `json:"complete"`
	SegmentBytes    []int64 `json:"segmentBytes,omitempty"` // compared with the files at start
	TotalBytes      int64   `json:"totalBytes,omitempty"`
	DurationSeconds float64 `json:"durationSeconds,omitempty"`
	// Sound: it is converted sound alone, which a rendition from a stick is joined
	// with; it cannot be played. TotalBytes is what its files take.
	Sound bool `json:"sound,omitempty"`
	// SoundOf says what of the film it was made of; opaque here. "": by an earlier release.
	SoundOf string `json:"soundOf,omitempty"`
	// Alternate is 1 and N of the AudioTrack that it is for: a rendition of sound
	// alone, or converted sound for one. 0: it belongs to the title's own playlist.
	Alternate int `json:"alternate,omitempty"`
	// By says how an unfinished conversion is made, for whoever goes on with it;
	// opaque here. "": it is finished, or of no use until it is.
	By string `json:"by,omitempty"`
	// Codecs is what playing it takes, as in Title; "": what every phone plays.
	Codecs string `json:"codecs,omitempty"`

	unknown map[string]json.RawMessage
}

// Bytes is what the rendition takes on the disk.
func (r Rendition) Bytes() int64 {
	if r.TotalBytes > 0 {
		return r.TotalBytes
	}
	var sum int64
	for _, n := range r.SegmentBytes {
		sum += n
	}
	return sum
}

// onlyAlternates is true when there is nothing left that a title is played from.
func (r *Record) onlyAlternates() bool {
	return !slices.ContainsFunc(r.Renditions, func(one Rendition) bool { return one.Alternate == 0 })
}

// rendition returns the index of a rendition, -1 when there is none of that name.
func (r *Record) rendition(name string) int {
	return slices.IndexFunc(r.Renditions, func(one Rendition) bool { return one.Name == name })
}

// probed tells whether enough is known of the title to be worth a file.
func (r *Record) probed() bool { return r.How != "" || len(r.Media) > 0 || len(r.Renditions) > 0 }

// clone copies everything that somebody could change.
func (r *Record) clone() Record {
	c := *r
	c.Reason, c.NotForOthers, c.Unconvertible = r.Reason.clone(), r.NotForOthers.clone(), r.Unconvertible.clone()
	c.Audio = slices.Clone(r.Audio)
	for i := range c.Audio {
		c.Audio[i].Reason = c.Audio[i].Reason.clone()
	}
	c.Subtitles = slices.Clone(r.Subtitles)
	for i := range c.Subtitles {
		c.Subtitles[i].Reason = c.Subtitles[i].Reason.clone()
	}
	c.SubtitleFiles = slices.Clone(r.SubtitleFiles)
	for i := range c.SubtitleFiles {
		c.SubtitleFiles[i].Reason = c.SubtitleFiles[i].Reason.clone()
	}
	c.Chapters = slices.Clone(r.Chapters)
	c.Previews = r.Previews.clone()
	if r.BeginsSeconds != nil {
		begins := *r.BeginsSeconds
		c.BeginsSeconds = &begins
	}
	c.Renditions = slices.Clone(r.Renditions)
	for i := range c.Renditions {
		c.Renditions[i].SegmentBytes = slices.Clone(c.Renditions[i].SegmentBytes)
	}
	c.Media = slices.Clone(r.Media)
	c.Failed = slices.Clone(r.Failed)
	c.Sources = slices.Clone(r.Sources)
	return c
}

func (r *Reason) clone() *Reason {
	if r == nil {
		return nil
	}
	c := *r
	c.Parameters = maps.Clone(r.Parameters)
	return &c
}
