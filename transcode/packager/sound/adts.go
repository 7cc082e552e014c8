package sound

import "fmt"

// Numbers of the stored format.
const (
	// FrameTicks is how long a frame lasts on the clock of 90 kHz.
	FrameTicks = SamplesPerFrame * 90_000 / RateHz
	// SamplesPerFrame is that of AAC-LC.
	SamplesPerFrame = 1024
	// RateHz is the sampling rate.
	RateHz = 48_000
	// Channels is their number.
	Channels = 2
	// PrimingFrames come before the film begins: a decoder needs them to begin with.
	PrimingFrames = 1
	// HeaderBytes is the size of the header before each frame.
	HeaderBytes = 7
)

// Config is the AudioSpecificConfig of the frames: AAC-LC, 48 kHz, two channels
// (ISO/IEC 14496-3, 1.6.2.1).
func Config() []byte { return []byte{0x11, 0x90} }

// frameSize reads a header and returns the frame's size with it. Every frame
// must be of the one kind that is stored (ISO/IEC 14496-3, 1.A.2).
func frameSize(head []byte) (int, error) {
	const (
		profileLC = 1
		rate48000 = 3
	)
	size := int(head[3]&3)<<11 | int(head[4])<<3 | int(head[5])>>5
	switch {
	case head[0] != 0xff || head[1]&0xf6 != 0xf0:
		return 0, fmt.Errorf("%w: no header where a frame should begin", ErrDamaged)
	case head[1]&1 == 0 || head[6]&3 != 0:
		return 0, fmt.Errorf("%w: a checksum, or several frames in one", ErrDamaged)
	case head[2]>>6 != profileLC || head[2]>>2&0x0f != rate48000 || head[2]&1<<2|head[3]>>6 != Channels:
		return 0, fmt.Errorf("%w: neither AAC-LC nor 48 kHz nor two channels", ErrDamaged)
	case size <= HeaderBytes:
		return 0, fmt.Errorf("%w: a frame of %d bytes", ErrDamaged, size)
	}
	return size, nil
}
