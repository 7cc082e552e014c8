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

// Plan is the decision for one input.
type Plan struct {
	Rung   Rung   `json:"rung"`
	Reason Reason `json:"reason"`
}

// The limits of what is passed on as it is. 1088 is 1080 rounded up to whole
// macroblocks; a portrait picture of the same size is as easy to decode.
const (
	directLongSide   = 1920
	directShortSide  = 1088
	directFrameRate  = 60.5 // 60 fps as sloppy containers average it
	directChannels   = 6
	directMP3Channel = 2
)

// Decide picks the rung. It is pure.
func Decide(m Media, machine Machine) Plan {
	if reason, bad := unplayable(m, machine); bad {
		return Plan{Rung: None, Reason: reason}
	}
	if reason, no := videoNeedsWork(m); no {
		return convert(reason, machine)
	}
	track, ok := chooseAudio(m, machine)
	switch {
	case len(m.Audio) == 0:
		return Plan{Rung: Direct, Reason: because(CodeAsIs, "plays as it is, without sound")}
	case !ok:
		name := codecName(m.Audio[0].Codec)
		return Plan{Rung: Direct, Reason: because(CodeNoSound, "plays without sound: this machine cannot decode "+name, "codec", name)}
	}
	if reason, no := audioNeedsWork(m.Audio[track]); no {
		return Plan{Rung: AudioOnly, Reason: reason}
	}
	return Plan{Rung: Direct, Reason: because(CodeAsIs, "plays as it is")}
}

// Reclassify is the plan after a Do that ended with ErrNotSegmentable.
func Reclassify(machine Machine) Plan {
	return convert(because(CodeNotSegmentable, "the picture cannot be cut into pieces as it is"), machine)
}

func convert(reason Reason, machine Machine) Plan {
	if !machine.H264 {
		return Plan{Rung: None, Reason: because(CodeNoEncoder,
			reason.Text+", and the ffmpeg of this machine has no H.264 encoder (libx264)", "why", reason.Code)}
	}
	return Plan{Rung: Convert, Reason: reason}
}

// unplayable are the files that no conversion can help.
func unplayable(m Media, machine Machine) (Reason, bool) {
	switch v := m.Video; {
	case m.Encrypted:
		return because(CodeEncrypted, "copy-protected: it can only be played with the key of whoever sold it"), true
	case v == nil && len(m.Audio) > 0:
		return because(CodeAudioOnly, "sound only, no picture"), true
	case v == nil:
		return because(CodeNoVideo, "there is no video in this file"), true
	case v.Frames < 0:
		return because(CodeNoFrames, "there is not a single picture in this file"), true
	case !machine.Decodes(v.Codec):
		name := codecName(v.Codec)
		return because(CodeNoDecoder, "this machine cannot decode its picture ("+name+")", "codec", name), true
	case v.Width <= 0 || v.Height <= 0:
		return because(CodeNoFrames, "its picture has no size: the file is damaged"), true
	}
	return Reason{}, false
}
