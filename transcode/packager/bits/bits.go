// Package bits reads what codecs write bit by bit: headers of H.264, HEVC, VP9 and AV1.
package bits

// Reader reads bits, the highest of each byte first. Behind the end all bits are
// 0 and Bad is set.
type Reader struct {
	Data []byte
	At   int // in bits
	Bad  bool
}

// Bit reads one.
func (r *Reader) Bit() uint32 {
	if r.At >= 8*len(r.Data) {
		r.Bad = true
		return 0
	}
	b := r.Data[r.At/8] >> (7 - r.At%8) & 1
	r.At++
	return uint32(b)
}

// Bits reads a number of so many, at most 32.
func (r *Reader) Bits(n int) (v uint32) {
	for range n {
		v = v<<1 | r.Bit()
	}
	return v
}

// Skip passes over so many.
func (r *Reader) Skip(n int) {
	if r.At += n; r.At > 8*len(r.Data) {
		r.At, r.Bad = 8*len(r.Data), true
	}
}

// Golomb reads an unsigned Exp-Golomb code (H.264, 9.1; H.265, 9.2). A signed one is as long.
func (r *Reader) Golomb() uint32 {
	zeros := 0
	for r.Bit() == 0 && !r.Bad {
		if zeros++; zeros > 31 {
			r.Bad = true
		}
	}
	if r.Bad {
		return 0
	}
	return 1<<zeros - 1 + r.Bits(zeros)
}

// Unescape takes the emulation prevention bytes out of a NAL unit (H.264, 7.4.1.1; H.265, 7.3.1.1).
func Unescape(nal []byte) []byte {
	out := make([]byte, 0, len(nal))
	zeros := 0
	for _, b := range nal {
		if zeros >= 2 && b == 3 {
			zeros = 0
			continue
		}
		if zeros++; b != 0 {
			zeros = 0
		}
		out = append(out, b)
	}
	return out
}
