package transcode

// Rung is a step of the ladder (ARCHITECTURE.md, decision 2): how much work a
// title needs before phones can play it.
type Rung string

// The rungs, cheapest first.
const (
	Direct    Rung = "direct"  // video and audio as they are
	AudioOnly Rung = "audio"   // video as it is, sound converted
	Convert   Rung = "convert" // everything converted
	None      Rung = "none"    // unplayable, with a reason
)

// Reason says why, for machines (Code), in English (Text, no paths, no final
// stop needed) and with the values of the sentence for translation.
type Reason struct {
	Code       string         `json:"code"`
	Text       string         `json:"text"`
	Parameters map[string]any `json:"parameters,omitempty"`
}

// Machine is what the planner must know of the machine it plans for.
type Machine struct {
	CPUs      int  `json:"cpus"`
	H264      bool `json:"h264"`      // an H.264 encoder that works (libx264 now; hardware is to come)
	ToneMap   bool `json:"toneMap"`   // zscale and tonemap filters: HDR to SDR
	MaxHeight int  `json:"maxHeight"` // of what this machine encodes, 0: 1080
}

// Plan is the decision for one input.
type Plan struct {
	Rung   Rung   `json:"rung"`
	Reason Reason `json:"reason"`
}

// Decide picks the rung. It is pure.
func Decide(m Media, machine Machine) Plan { return Plan{} }
