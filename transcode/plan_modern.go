package transcode

import (
	"slices"
	"strings"
)

// The limits of what is offered as it is to devices that play modern codecs. What
// a device can is the device's answer; these keep out what no phone shows.
const (
	modernLongSide  = 8192
	modernFrameRate = 120.5
	modernOpus      = 6 // channels
)

// Modern is the plan for devices that play HEVC, VP9 or AV1: such a picture as it
// is, whatever its size and colours, the sound as it is or converted. False: there
// is none; what Decide says holds for all. For those that do not play it, Decide
// holds in any case. It needs no decoder or encoder of the machine. It is pure.
func Modern(m Media, machine Machine) (Plan, bool) {
	v := m.Video
	switch {
	case v == nil, m.Encrypted, v.Frames < 0, v.Width <= 0, v.Height <= 0,
		v.Codec != "hevc" && v.Codec != "vp9" && v.Codec != "av1",
		!strings.HasPrefix(m.Container, "mov") && !strings.HasPrefix(m.Container, "matroska"),
		!slices.Contains([]string{"yuv420p", "yuvj420p", "yuv420p10le"}, v.PixelFormat),
		interlaced(*v), v.RotationDegrees != 0, v.Mirrored,
		max(v.Width, v.Height) > modernLongSide, v.FramesPerSecond > modernFrameRate:
		return Plan{}, false
	}
	name := codecName(v.Codec)
	plan := Plan{Rung: Direct, Reason: because(CodeModern, "plays as it is where the device plays "+name+"; for others it is converted when they ask for it", "codec", name)}
	track, ok := chooseAudio(m, machine)
	switch {
	case len(m.Audio) == 0:
	case !ok:
		sound := codecName(m.Audio[0].Codec)
		plan.Reason = because(CodeNoSound, "plays without sound: this machine cannot decode "+sound, "codec", sound)
	case m.Audio[track].Codec == "opus" && m.Audio[track].Channels <= modernOpus:
	case m.Audio[track].Codec == "mp3": // Chromium does not take it from MP4
		plan = Plan{Rung: AudioOnly, Reason: soundConverted("MP3")}
	default:
		if reason, no := audioNeedsWork(m.Audio[track]); no {
			plan = Plan{Rung: AudioOnly, Reason: reason}
		}
	}
	return plan, true
}
