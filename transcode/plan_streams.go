package transcode

import (
	"fmt"
	"math"
	"strings"
)

// videoNeedsWork says why a picture cannot be passed on as it is. The order is
// the order of what a person would name first.
func videoNeedsWork(m Media) (Reason, bool) {
	v := *m.Video
	long, short := max(v.Width, v.Height), min(v.Width, v.Height)
	switch {
	case v.Codec != "h264":
		name := codecName(v.Codec)
		return because(CodeVideoCodec, "the picture is "+name+", which not every phone plays", "codec", name), true
	case isHDR(v):
		return because(CodeHDR, "the picture is HDR, which not every phone shows"), true
	case v.PixelFormat != "yuv420p" && v.PixelFormat != "yuvj420p":
		return because(CodePixelFormat, "the picture is stored as "+v.PixelFormat+", which phones do not play", "pixelFormat", v.PixelFormat), true
	case strings.Contains(v.Profile, "4:4:4") || strings.Contains(v.Profile, "4:2:2") || v.Profile == "Extended":
		return because(CodeVideoProfile, "the picture uses the H.264 profile "+v.Profile+", which phones do not play", "profile", v.Profile), true
	case interlaced(v):
		return because(CodeInterlaced, "the picture is interlaced"), true
	case v.RotationDegrees != 0 || v.Mirrored:
		return because(CodeRotated, "the picture must be turned upright", "degrees", v.RotationDegrees), true
	case long > directLongSide || short > directShortSide:
		return because(CodePictureTooLarge, fmt.Sprintf("the picture is too large for phones (%d × %d)", v.Width, v.Height),
			"width", v.Width, "height", v.Height), true
	case v.FramesPerSecond > directFrameRate:
		return because(CodeTooManyFrames, fmt.Sprintf("it has too many pictures a second for phones (%.0f)", v.FramesPerSecond),
			"framesPerSecond", math.Round(v.FramesPerSecond)), true
	case untimedPictures(m):
		return because(CodeUntimed, "the file does not say when its pictures are to be shown"), true
	case openGOP(v):
		return because(CodeOpenGOP, "the picture cannot be entered in mid-film (open GOP)"), true
	}
	// Pixels that are not square stay: browsers honour the aspect that stands
	// in the H.264 headers, and the remux writes the container's into them.
	return Reason{}, false
}

// interlaced is true only where the file says so: an unknown field order is
// progressive nearly always, and deinterlacing that is a loss.
func interlaced(v Video) bool {
	switch v.FieldOrder {
	case "tt", "bb", "tb", "bt":
		return true
	}
	return false
}

// untimedPictures: AVI and bare streams hold no times of presentation. A
// decoder puts the pictures into order; what copies them cannot.
func untimedPictures(m Media) bool {
	return m.Container == "avi" && m.Video.BFrames || m.Container == "h264"
}

func isHDR(v Video) bool {
	return v.ColorTransfer == "smpte2084" || v.ColorTransfer == "arib-std-b67"
}

// openGOP: the first key frame is nearly always an IDR, so the others tell. One
// IDR among them lets the remux try: it finds out by cutting.
func openGOP(v Video) bool { return v.KeyFramesRead > 1 && v.IDRsRead <= 1 }

// SoundTrack is the position among the sound tracks of the one that is played
// by default; -1: none. It is pure.
func SoundTrack(m Media, machine Machine) int {
	track, ok := chooseAudio(m, machine)
	if !ok {
		return -1
	}
	return track
}

// chooseAudio picks the track that is played, by its position in m.Audio: the
// default one, else the first; one that can be decoded or needs no decoding.
func chooseAudio(m Media, machine Machine) (int, bool) {
	best := -1
	for i, a := range m.Audio {
		if !machine.Decodes(a.Codec) {
			continue
		}
		if a.Default {
			return i, true
		}
		if best < 0 {
			best = i
		}
	}
	return best, best >= 0
}

// audioNeedsWork says why a sound track cannot be passed on as it is.
func audioNeedsWork(a Audio) (Reason, bool) {
	name := codecName(a.Codec)
	var limit int
	switch {
	case a.Codec == "aac" && plainAAC(a.Profile):
		limit = directChannels
	case a.Codec == "mp3":
		limit = directMP3Channel
	default:
		return soundConverted(name), true
	}
	if a.Channels > limit {
		return because(CodeAudioChannels, fmt.Sprintf("the sound has %d channels and is converted; the picture stays as it is", a.Channels),
			"codec", name, "channels", a.Channels), true
	}
	return Reason{}, false
}

func soundConverted(name string) Reason {
	return because(CodeAudioCodec, "the sound is "+name+" and is converted; the picture stays as it is", "codec", name)
}

// plainAAC are the object types that every phone decodes. A profile that the
// container does not name is LC with backward compatible extensions at most.
func plainAAC(profile string) bool {
	switch profile {
	case "", "LC", "HE-AAC", "HE-AACv2":
		return true
	}
	return false
}
