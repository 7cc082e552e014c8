package h264

import (
	"fmt"

	"streambox.local/transcode/packager/bits"
	"streambox.local/transcode/packager/track"
)

// Unit is an access unit as it is written into MPEG-TS: its parts in a row.
type Unit struct {
	Parts [][]byte // belong to the sample, the Config or this package: only to be read
	Size  int      // bytes of all parts
	IDR   bool
}

// Bounds of one sample: real pictures have up to some hundred slices.
const mostUnits = 4096

var (
	startCode = []byte{0, 0, 0, 1}
	// delimiter says nothing about the kinds of slices that follow (primary_pic_type 7).
	delimiter = []byte{0, 0, 0, 1, nalAUD, 0xf0}
)

// AppendUnit converts a sample. parts is memory to use for Unit.Parts.
func (c *Config) AppendUnit(parts [][]byte, sample []byte) (u Unit, err error) {
	first := len(parts)
	parts = append(parts, delimiter)
	headers := len(parts) // where parameter sets go
	var sps, pps, slice bool
	for range mostUnits {
		nal, rest, broken := c.next(sample)
		if broken != nil {
			return Unit{}, broken
		}
		sample = rest
		if nal == nil {
			break
		}
		if len(nal) == 0 {
			continue
		}
		switch kind := nal[0] & 0x1f; kind {
		case nalAUD, nalFiller, nalEndSequence, nalEndStream:
			continue
		case nalSEI:
			if nal = withoutRecoveryPoint(nal); nal == nil {
				continue
			}
		case nalSPS:
			sps = true
		case nalPPS:
			pps = true
		default:
			if kind >= nalSlice && kind <= nalIDR && !slice {
				slice, u.IDR = true, kind == nalIDR
			}
		}
		parts = append(parts, startCode, nal)
	}
	switch {
	case len(sample) > 0:
		return Unit{}, fmt.Errorf("%w: a picture has more than %d NAL units", track.ErrDamaged, mostUnits)
	case !slice:
		return Unit{}, fmt.Errorf("%w: a sample has no picture", track.ErrDamaged)
	case u.IDR:
		if parts, err = c.withHeaders(parts, headers, sps, pps); err != nil {
			return Unit{}, err
		}
	}
	u.Parts = parts[first:]
	for _, p := range u.Parts {
		u.Size += len(p)
	}
	return u, nil
}

// withHeaders puts SPS and PPS before an IDR that lacks them.
func (c *Config) withHeaders(parts [][]byte, at int, sps, pps bool) ([][]byte, error) {
	if !sps && len(c.SPS) == 0 || !pps && len(c.PPS) == 0 {
		return nil, fmt.Errorf("%w: no SPS or no PPS before an IDR", track.ErrDamaged)
	}
	var headers [][]byte
	if !sps {
		for _, one := range c.SPS {
			headers = append(headers, startCode, one)
		}
	}
	if !pps {
		for _, one := range c.PPS {
			headers = append(headers, startCode, one)
		}
		if sps { // behind the one that they refer to
			for ; at+1 < len(parts) && parts[at+1][0]&0x1f != nalSPS; at += 2 {
			}
			at = min(at+2, len(parts))
		}
	}
	if len(headers) == 0 {
		return parts, nil
	}
	tail := append([][]byte(nil), parts[at:]...)
	return append(append(parts[:at], headers...), tail...), nil
}

// next takes a NAL unit off; nil at the end.
func (c *Config) next(sample []byte) (nal, rest []byte, err error) {
	if len(sample) == 0 {
		return nil, nil, nil
	}
	if len(sample) < c.LengthBytes {
		return nil, nil, fmt.Errorf("%w: %d bytes behind the last NAL unit", track.ErrDamaged, len(sample))
	}
	var n uint64
	for _, b := range sample[:c.LengthBytes] {
		n = n<<8 | uint64(b)
	}
	sample = sample[c.LengthBytes:]
	if n > uint64(len(sample)) {
		return nil, nil, fmt.Errorf("%w: a NAL unit is longer than its picture", track.ErrDamaged)
	}
	return sample[:n:n], sample[n:], nil
}

const recoveryPoint = 6 // payloadType, table of D.1

// withoutRecoveryPoint returns the SEI unit without such messages; nil: nothing is left.
func withoutRecoveryPoint(nal []byte) []byte {
	const most = 64 << 10 // longer ones are somebody's data
	if len(nal) > most || !mayHaveRecoveryPoint(nal) {
		return nal
	}
	rbsp := bits.Unescape(nal)
	kept := rbsp[:1:1]
	rest := rbsp[1:]
	found := false
	for len(rest) > 2 || len(rest) == 2 && rest[0] != 0x80 {
		kind, n := seiNumber(rest)
		size, m := seiNumber(rest[n:])
		whole := n + m + size
		if m == 0 || whole > len(rest) {
			return nal // not to be understood
		}
		if kind == recoveryPoint {
			found = true
		} else {
			kept = append(kept, rest[:whole]...)
		}
		rest = rest[whole:]
	}
	switch {
	case !found:
		return nal
	case len(kept) == 1:
		return nil
	}
	return escape(append(kept, 0x80))
}

// mayHaveRecoveryPoint looks at the first message, and further only when there
// may be another: x264's description of itself is long and has no other behind it.
func mayHaveRecoveryPoint(nal []byte) bool {
	if len(nal) < 3 {
		return false
	}
	kind, n := seiNumber(nal[1:])
	if kind == recoveryPoint {
		return true
	}
	size, _ := seiNumber(nal[1+n:])
	return 1+n+size < len(nal)
}

// seiNumber reads a number of the form 0xff … 0xff, last byte; n is 0 when it is cut off.
func seiNumber(data []byte) (value, n int) {
	for n < len(data) {
		b := data[n]
		value += int(b)
		n++
		if b != 0xff {
			return value, n
		}
	}
	return value, 0
}
