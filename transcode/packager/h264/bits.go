package h264

// bitReader reads the bits of an RBSP. Behind the end all bits are 0 and bad is set.
type bitReader struct {
	data []byte
	at   int // in bits
	bad  bool
}

func (r *bitReader) bit() uint32 {
	if r.at >= 8*len(r.data) {
		r.bad = true
		return 0
	}
	b := r.data[r.at/8] >> (7 - r.at%8) & 1
	r.at++
	return uint32(b)
}

func (r *bitReader) bits(n int) (v uint32) {
	for range n {
		v = v<<1 | r.bit()
	}
	return v
}

// ue reads an unsigned Exp-Golomb code (H.264, 9.1).
func (r *bitReader) ue() uint32 {
	zeros := 0
	for r.bit() == 0 && !r.bad {
		if zeros++; zeros > 31 {
			r.bad = true
		}
	}
	if r.bad {
		return 0
	}
	return 1<<zeros - 1 + r.bits(zeros)
}

// se reads a signed one; only its length matters here.
func (r *bitReader) se() { r.ue() }

// bitWriter gathers bits.
type bitWriter struct {
	data []byte
	n    int
}

func (w *bitWriter) bits(v uint32, n int) {
	for n--; n >= 0; n-- {
		if w.n%8 == 0 {
			w.data = append(w.data, 0)
		}
		if v>>n&1 == 1 {
			w.data[w.n/8] |= 0x80 >> (w.n % 8)
		}
		w.n++
	}
}

// unescape takes the emulation prevention bytes out (H.264, 7.4.1.1).
func unescape(nal []byte) []byte {
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

// escape puts them in.
func escape(rbsp []byte) []byte {
	out := make([]byte, 0, len(rbsp)+len(rbsp)/64+4)
	zeros := 0
	for _, b := range rbsp {
		if zeros >= 2 && b <= 3 {
			out, zeros = append(out, 3), 0
		}
		if zeros++; b != 0 {
			zeros = 0
		}
		out = append(out, b)
	}
	return out
}
