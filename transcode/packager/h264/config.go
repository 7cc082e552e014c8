package h264

import (
	"fmt"

	"streambox.local/transcode/packager/track"
)

// NAL unit types.
const (
	nalSlice       = 1
	nalPartitionC  = 4
	nalIDR         = 5
	nalSEI         = 6
	nalSPS         = 7
	nalPPS         = 8
	nalAUD         = 9
	nalEndSequence = 10
	nalEndStream   = 11
	nalFiller      = 12
)

// Config is an avcC record, ready for use.
type Config struct {
	LengthBytes int      // of the length before each NAL unit: 1, 2, 3 or 4
	SPS, PPS    [][]byte // as they are written
	// Reorder is the most pictures that precede one in decoding order and follow
	// it in showing order.
	Reorder int
}

// ParseConfig reads an avcC record. aspect is the container's word about the
// shape of a pixel; zeros when it has none.
func ParseConfig(record []byte, aspect [2]uint32) (*Config, error) {
	damaged := func(what string) (*Config, error) {
		return nil, fmt.Errorf("%w: H.264 configuration: %s", track.ErrDamaged, what)
	}
	if len(record) < 7 || record[0] != 1 {
		return damaged("no avcC record")
	}
	c := &Config{LengthBytes: int(record[4]&3) + 1}
	rest := record[5:]
	for i, list := range []*[][]byte{&c.SPS, &c.PPS} {
		if len(rest) == 0 {
			return damaged("it is too short")
		}
		count := int(rest[0])
		if i == 0 {
			count &= 0x1f
		}
		rest = rest[1:]
		for range count {
			if len(rest) < 2 {
				return damaged("it is too short")
			}
			n := int(rest[0])<<8 | int(rest[1])
			if n == 0 || n > len(rest)-2 {
				return damaged("a parameter set is longer than the record")
			}
			*list = append(*list, rest[2:2+n:2+n])
			rest = rest[2+n:]
		}
	}
	for i, raw := range c.SPS {
		s, err := parseSPS(raw)
		if err != nil {
			return nil, err
		}
		c.Reorder = max(c.Reorder, s.reorder)
		c.SPS[i] = s.withAspect(raw, aspect)
	}
	return c, nil
}

// FirstSlice tells the kind of the first slice of a sample: whether it is an
// IDR. read gives bytes of the sample from an offset, at least one of them and
// at most as many as p holds.
func FirstSlice(size, lengthBytes int, read func(p []byte, at int) error) (idr bool, err error) {
	var buf [firstLook]byte
	from, have := 0, 0
	const mostUnits = 64 // before the first slice
	at := 0
	for range mostUnits {
		if at+lengthBytes >= size {
			break
		}
		if at < from || at+lengthBytes+1 > from+have {
			from, have = at, min(len(buf), size-at)
			if err := read(buf[:have], from); err != nil {
				return false, err
			}
		}
		head := buf[at-from:]
		n := 0
		for _, b := range head[:lengthBytes] {
			n = n<<8 | int(b)
		}
		if n > 0 {
			switch kind := head[lengthBytes] & 0x1f; {
			case kind == nalIDR:
				return true, nil
			case kind >= nalSlice && kind <= nalPartitionC:
				return false, nil
			}
		}
		if n < 0 || n > size-at { // the first: of four bytes, where a number has 32 bits
			break
		}
		at += lengthBytes + n
	}
	return false, nil
}

// firstLook is enough for delimiter, parameter sets and the usual messages.
const firstLook = 512
