package fmp4

import (
	"encoding/binary"
	"errors"
)

// Sample is a picture or a frame of sound, in its track's units.
type Sample struct {
	Length uint32 // until the next one is decoded
	Shift  int32  // from its decoding to its showing
	Key    bool   // decoding may begin here
	Prefix []byte // stands before Data
	Data   []byte
}

// Run is what a segment has of one track.
type Run struct {
	Begin   uint64 // when its first sample is decoded
	Samples []Sample
}

// Flags of samples (ISO/IEC 14496-12, 8.8.3.1).
const (
	flagsKey   = 2 << 24             // depends on no other
	flagsOther = 1<<24 | 0x0001_0000 // depends on others, no sync sample
)

// ErrTooLarge is a fragment beyond what 32-bit sizes can say.
var ErrTooLarge = errors.New("a fragment of more than 2 GB")

// Append adds a fragment to dst: runs[i] is that of track i+1. A track without
// samples is left out.
func Append(dst []byte, number int, runs []Run) ([]byte, error) {
	b := &boxes{data: dst}
	at := len(dst)
	b.begin("moof")
	b.full("mfhd", 0, 0)
	b.u32(uint32(number + 1)) //nolint:gosec // the packager bounds segments
	b.end()
	places := make([]int, len(runs)) // of the runs' data offsets
	total := uint64(0)
	for i, r := range runs {
		if len(r.Samples) > 0 {
			places[i] = b.run(uint32(i+1), r)
		}
		for _, s := range r.Samples {
			total += uint64(len(s.Prefix) + len(s.Data))
		}
	}
	b.end()
	const header, most = 8, 1 << 31
	if total+uint64(len(b.data)-at)+header > most { //nolint:gosec // not negative
		return nil, ErrTooLarge
	}
	offset := len(b.data) - at + header
	b.u32(uint32(total + header))
	b.text("mdat")
	for i, r := range runs {
		if places[i] > 0 {
			binary.BigEndian.PutUint32(b.data[places[i]:], uint32(offset)) //nolint:gosec // bounded above
		}
		for _, s := range r.Samples {
			b.bytes(s.Prefix)
			b.bytes(s.Data)
			offset += len(s.Prefix) + len(s.Data)
		}
	}
	return b.data, nil
}

// run adds a traf box and returns where the offset of its data is to be written.
func (b *boxes) run(id uint32, r Run) (place int) {
	b.begin("traf")
	const defaultBaseIsMoof = 0x020000
	b.full("tfhd", 0, defaultBaseIsMoof)
	b.u32(id)
	b.end()
	b.full("tfdt", 1, 0)
	b.u64(r.Begin)
	b.end()
	shifted := false
	for _, s := range r.Samples {
		shifted = shifted || s.Shift != 0
	}
	const dataOffset, lengths, sizes, flags, shifts = 0x001, 0x100, 0x200, 0x400, 0x800
	has := uint32(dataOffset | lengths | sizes | flags)
	if shifted {
		has |= shifts
	}
	b.full("trun", 1, has)
	b.u32(uint32(len(r.Samples))) //nolint:gosec // of one segment
	place = len(b.data)
	b.u32(0)
	for _, s := range r.Samples {
		b.u32(s.Length)
		b.u32(uint32(len(s.Prefix) + len(s.Data))) //nolint:gosec // of one segment
		if s.Key {
			b.u32(flagsKey)
		} else {
			b.u32(flagsOther)
		}
		if shifted {
			b.u32(uint32(s.Shift)) //nolint:gosec // two's complement, as version 1 has it
		}
	}
	b.end()
	b.end()
	return place
}

// Size is what Append adds at most, so that dst can be made large enough at once.
func Size(runs []Run) int {
	const fragment, track, row = 64, 96, 16
	total := fragment
	for _, r := range runs {
		total += track + row*len(r.Samples)
		for _, s := range r.Samples {
			total += len(s.Prefix) + len(s.Data)
		}
	}
	return total
}
