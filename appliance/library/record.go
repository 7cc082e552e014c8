package library

import "encoding/json"

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
	Renditions      []Rendition     `json:"renditions,omitempty"`    // the one to play first
	QueueNumber     uint64          `json:"queueNumber,omitempty"`   // order of arrival; 0: not in the queue
	WatchedNumber   uint64          `json:"watchedNumber,omitempty"` // stored counter of the last watching; 0: never
	Media           json.RawMessage `json:"media,omitempty"`         // the probe's result; opaque here
	Failed          []string        `json:"failed,omitempty"`        // rungs that failed with this content

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
}
