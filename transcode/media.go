package transcode

// ProbeVersion is raised with everything new that Probe finds out: what an older
// one has found is worth another look then. 2: chapters, names of sound tracks.
const ProbeVersion = 2

// Media is what a probe found out about one input. All times are in seconds
// of the input's own clock; StartSeconds may be negative.
type Media struct {
	Version         int        `json:"version,omitempty"` // ProbeVersion of the probe; 0: of before it had one
	Container       string     `json:"container"`         // ffprobe's format_name
	SizeBytes       int64      `json:"sizeBytes"`
	DurationSeconds float64    `json:"durationSeconds"` // 0: the container does not say
	StartSeconds    float64    `json:"startSeconds"`
	BitsPerSecond   int64      `json:"bitsPerSecond"`
	Encrypted       bool       `json:"encrypted,omitempty"`
	Video           *Video     `json:"video,omitempty"` // nil: none; a cover picture is none
	Audio           []Audio    `json:"audio,omitempty"`
	Subtitles       []Subtitle `json:"subtitles,omitempty"`
	Chapters        []Chapter  `json:"chapters,omitempty"` // in the order of time
}

// Video is the picture stream that is played.
type Video struct {
	Index           int     `json:"index"` // stream number inside the input
	Codec           string  `json:"codec"`
	Profile         string  `json:"profile,omitempty"`
	PixelFormat     string  `json:"pixelFormat"`
	BitDepth        int     `json:"bitDepth"`
	Width           int     `json:"width"` // coded size, before rotation and sample aspect
	Height          int     `json:"height"`
	FramesPerSecond float64 `json:"framesPerSecond"` // average
	VariableRate    bool    `json:"variableRate,omitempty"`
	FieldOrder      string  `json:"fieldOrder,omitempty"`      // "progressive", "tt", "bb", "tb", "bt" or unknown: ""
	RotationDegrees int     `json:"rotationDegrees,omitempty"` // clockwise, one of 0, 90, 180, 270
	SampleAspect    [2]int  `json:"sampleAspect"`              // {1,1} square or unknown
	StartSeconds    float64 `json:"startSeconds,omitempty"`    // of its first picture, by the input's clock
	BFrames         bool    `json:"bFrames,omitempty"`         // pictures are stored in another order than shown
	Mirrored        bool    `json:"mirrored,omitempty"`        // the display matrix also flips the picture
	Frames          int64   `json:"frames,omitempty"`          // as the container counts them; 0: unknown, -1: it says there are none
	ColorTransfer   string  `json:"colorTransfer,omitempty"`   // "smpte2084", "arib-std-b67": HDR
	ColorPrimaries  string  `json:"colorPrimaries,omitempty"`
	ColorSpace      string  `json:"colorSpace,omitempty"`
	// Key frames that the probe read from the bytes (H.264 only): how many it
	// looked at and how many of them were real IDRs (NAL type 5).
	KeyFramesRead int `json:"keyFramesRead,omitempty"`
	IDRsRead      int `json:"idrsRead,omitempty"`
}

// Audio is one sound track.
type Audio struct {
	Index         int    `json:"index"`
	Codec         string `json:"codec"`
	Profile       string `json:"profile,omitempty"`
	Channels      int    `json:"channels"`
	SampleRateHz  int    `json:"sampleRateHz"`
	Language      string `json:"language,omitempty"` // BCP 47 where known
	Name          string `json:"name,omitempty"`
	Default       bool   `json:"default,omitempty"`
	BitsPerSecond int64  `json:"bitsPerSecond,omitempty"`
}

// Subtitle is one subtitle stream inside the input.
type Subtitle struct {
	Index    int    `json:"index"`
	Codec    string `json:"codec"`
	Text     bool   `json:"text"` // false: pictures, or a form that is not read; see Unshown
	Language string `json:"language,omitempty"`
	Name     string `json:"name,omitempty"`
	Default  bool   `json:"default,omitempty"`
	Forced   bool   `json:"forced,omitempty"`
	// HearingImpaired: it also tells what is heard.
	HearingImpaired bool `json:"hearingImpaired,omitempty"`
}

// Chapter is a named place in the input.
type Chapter struct {
	StartSeconds float64 `json:"startSeconds"` // by the input's clock
	Title        string  `json:"title,omitempty"`
}
