// Package track holds what containers say of their tracks, in words that MP4
// and Matroska share.
package track

import "errors"

var (
	// ErrDamaged is an index that contradicts itself or the file.
	ErrDamaged = errors.New("the file's index is damaged")
	// ErrUnsupported is a container, or a use of one, that is not packaged: it must be converted.
	ErrUnsupported = errors.New("not supported by the packager")
)

// Codec is what a track's samples are.
type Codec uint8

// The codecs that are packaged; all others are Other.
const (
	Other Codec = iota
	H264
	AAC
	MP3
	HEVC
	VP9
	AV1
	Opus
)

// Kind is what a track is for.
type Kind uint8

// Kinds of tracks.
const (
	NoKind Kind = iota // subtitles, chapters, data
	Picture
	Sound
)

// Info describes a track.
type Info struct {
	Kind  Kind
	Codec Codec
	// Config is the codec's: an AVCDecoderConfigurationRecord (avcC) for H264,
	// an AudioSpecificConfig for AAC, nothing for MP3; what stands in the boxes hvcC,
	// av1C and vpcC (with version and flags; nothing where Matroska has none), and in
	// dOps for Opus.
	Config []byte
	// Width and Height are those of the stored picture; 0: not said.
	Width, Height uint32
	// Colour is the body of a colr box, nil: not said.
	Colour []byte
	// Rate in Hz and Channels are those of the sound; 0: not said.
	Rate, Channels uint32
	// Aspect is the shape of a pixel, width to height; zeros: not said.
	Aspect [2]uint32
	// Prefix was taken off each sample by the container and belongs before it.
	Prefix []byte
}

// TicksPerSecond is the clock of MPEG-TS, in which all times are.
const TicksPerSecond = 90_000

// Sample is one access unit: a picture or a frame of sound.
type Sample struct {
	Offset int64 // in the file
	Size   int   // bytes there
	PTS    int64 // ticks at which it is shown, on the film's timeline
	DTS    int64 // ticks at which it is decoded
	Length int64 // ticks until the next one is decoded; 0: not said
	Key    bool  // the container calls it a key frame
	Silent bool  // it is not in the file: silence where the sound has a hole
}

// Scale converts a time to ticks, rounding to the nearest; perSecond is not 0
// and the time is bounded by MaxTime.
func Scale(time int64, perSecond uint32) int64 {
	n, d := 2*time*TicksPerSecond+int64(perSecond), 2*int64(perSecond)
	q := n / d
	if n%d < 0 {
		q--
	}
	return q
}

// MaxTime bounds times in a container's own units, so that no sum or product
// of some of them overflows: 2^45 is nine years at 90 kHz.
const MaxTime = 1 << 45
