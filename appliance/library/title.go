package library

// State is where a title stands, as the contract of the API names it.
type State string

// The states of a title.
const (
	Checking   State = "checking"   // found, not yet probed (or its hashes are being checked)
	Copying    State = "copying"    // somebody is still writing the file
	Ready      State = "ready"      // finished
	Queued     State = "queued"     // waits for its conversion
	Converting State = "converting" // playable from its first segment on
	Blocked    State = "blocked"    // could go on, but for the reason given (no room …)
	Unplayable State = "unplayable" // never, for the reason given
	Unplugged  State = "unplugged"  // every stick that held it is gone
)

// How is the rung of the ladder a title is on.
type How string

// The rungs.
const (
	Direct  How = "direct"
	Audio   How = "audio"
	Convert How = "convert"
	None    How = "none"
)

// Reason explains a state: a code for machines, an English sentence without
// paths, and the values in it for translation.
type Reason struct {
	Code       string         `json:"code"`
	Text       string         `json:"text"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

// Place is where a title's file lies.
type Place struct {
	Stick  string `json:"stick"`  // id of a Stick
	Folder string `json:"folder"` // slash-separated, "" = top of the stick
	File   string `json:"file"`   // name inside the folder; a folder's name for a film that is a folder
}

// AudioTrack is one choice of sound. Of a title the one that is played by default
// comes first, the others in the order of the film.
type AudioTrack struct {
	N        int    `json:"n"`                  // its position among the sound tracks of the film
	Language string `json:"language"`           // BCP 47; "" where nobody knows
	Name     string `json:"name"`               // what the film calls it: text, in any language
	Default  bool   `json:"default"`            // the title's playlist has it; before the title is looked at: the film says so
	Channels int    `json:"channels,omitempty"` // as it is played
	// Playlist is that of an alternate rendition, sound alone; "" of the default
	// track, and of one that cannot be had (now). Filled when it is shown.
	Playlist string `json:"playlist,omitempty"`
	// Reason is why it cannot be had or, beside a Playlist, why not yet.
	Reason *Reason `json:"reason,omitempty"`
}

// SubtitleTrack is one choice of subtitles; Reason is set where it cannot be shown.
type SubtitleTrack struct {
	N        int     `json:"n"`
	Language string  `json:"language"`
	Name     string  `json:"name"`
	Kind     string  `json:"kind"` // full | forced | sdh
	Default  bool    `json:"default"`
	URL      string  `json:"url,omitempty"`
	Reason   *Reason `json:"reason,omitempty"`
}

// Chapter is a named place in a film.
type Chapter struct {
	StartSeconds float64 `json:"startSeconds"` // from the film's beginning
	Title        string  `json:"title"`        // "": it has none
}

// Title is one film as the API shows it (GET /api/v1/titles).
type Title struct {
	ID              string  `json:"id"` // 16 characters of base32, lower case
	Title           string  `json:"title"`
	Sources         []Place `json:"sources"`
	State           State   `json:"state"`
	Playable        bool    `json:"playable"` // at least one segment can be had now
	How             How     `json:"how,omitempty"`
	Reason          *Reason `json:"reason,omitempty"`
	Progress        float64 `json:"progress"`    // 0…1 while converting
	SecondsLeft     float64 `json:"secondsLeft"` // 0: unknown
	DurationSeconds float64 `json:"durationSeconds"`
	Width           int     `json:"width"` // as shown: after rotation
	Height          int     `json:"height"`
	Viewers         int     `json:"viewers"` // filled by web
	Playlist        string  `json:"playlist,omitempty"`
	Master          string  `json:"master,omitempty"`
	// Codecs is what playing Playlist takes (RFC 6381); "": H.264 and AAC or MP3, which
	// every phone plays. Otherwise Renditions tells what there is, that of Playlist first.
	Codecs     string           `json:"codecs,omitempty"`
	Renditions []TitleRendition `json:"renditions,omitempty"`
	Thumbnail  string           `json:"thumbnail,omitempty"`
	Audio      []AudioTrack     `json:"audio"`
	Subtitles  []SubtitleTrack  `json:"subtitles"`
	Chapters   []Chapter        `json:"chapters"`
	Previews   *TitlePreviews   `json:"previews,omitempty"` // small pictures of all its length, when they were made
}

// StickState is how far a stick has come.
type StickState string

// The states of a stick.
const (
	StickScanning   StickState = "scanning"
	StickReady      StickState = "ready"
	StickEmpty      StickState = "empty" // readable, no film on it
	StickUnreadable StickState = "unreadable"
	StickIgnored    StickState = "ignored"
)

// Stick is one plugged volume as GET /api/v1/box shows it.
type Stick struct {
	ID           string         `json:"id"` // kernel name or folder name; [a-zA-Z0-9_.-]+
	Label        string         `json:"label"`
	FileSystem   string         `json:"fileSystem"`
	SizeBytes    int64          `json:"sizeBytes"`
	State        StickState     `json:"state"`
	Reason       *Reason        `json:"reason,omitempty"`
	Titles       int            `json:"titles"`
	IgnoredFiles map[string]int `json:"ignoredFiles"` // kind → count: audio, picture, document, subtitle, shortClip, other, hidden, overLimit …
}

// Storage is how full the box is.
type Storage struct {
	TotalBytes   int64 `json:"totalBytes"`
	FreeBytes    int64 `json:"freeBytes"`
	LibraryBytes int64 `json:"libraryBytes"`
	ReserveBytes int64 `json:"reserveBytes"` // kept free (the quota)
}

// Problem is something a person should know; same shape as a Reason.
type Problem = Reason
