package hevc

import (
	"fmt"
	mathbits "math/bits"
	"strconv"
	"strings"

	"streambox.local/transcode/packager/bits"
	"streambox.local/transcode/packager/track"
)

// NAL unit types (H.265, table 7-1).
const (
	lastVCL   = 31
	firstIRAP = 16
	lastIRAP  = 21
	nalVPS    = 32
	nalSPS    = 33
	nalPPS    = 34
)

// Config is what an hvcC record says.
type Config struct {
	LengthBytes int // of the length before each NAL unit: 1, 2 or 4
	// Entry is the name of the sample entry: hvc1 where all parameter sets stand in
	// the record, which is what Apple plays; else hev1.
	Entry string
	// Codec is the stream's name in the codecs parameter (ISO/IEC 14496-15, E.3).
	Codec string
	// Reorder is the most pictures that precede one in decoding order and follow it in showing order.
	Reorder int
}

// ParseConfig reads an hvcC record.
func ParseConfig(record []byte) (Config, error) {
	const fixed = 23
	if len(record) < fixed || record[0] > 1 { // 0: written before the standard was out
		return Config{}, fmt.Errorf("%w: no hvcC record", track.ErrDamaged)
	}
	c := Config{LengthBytes: int(record[21]&3) + 1, Entry: "hev1"}
	var sets [3]bool
	rest := record[fixed:]
	for range record[22] {
		if len(rest) < 3 {
			return Config{}, fmt.Errorf("%w: an hvcC record is too short", track.ErrDamaged)
		}
		kind, count := rest[0]&0x3f, int(rest[1])<<8|int(rest[2])
		rest = rest[3:]
		for range count {
			if len(rest) < 2 {
				return Config{}, fmt.Errorf("%w: an hvcC record is too short", track.ErrDamaged)
			}
			n := int(rest[0])<<8 | int(rest[1])
			if n > len(rest)-2 {
				return Config{}, fmt.Errorf("%w: a parameter set is longer than the record", track.ErrDamaged)
			}
			if kind >= nalVPS && kind <= nalPPS {
				sets[kind-nalVPS] = true
			}
			if kind == nalSPS {
				c.Reorder = max(c.Reorder, reorder(rest[2:2+n]))
			}
			rest = rest[2+n:]
		}
	}
	if sets == [3]bool{true, true, true} {
		c.Entry = "hvc1"
	}
	c.Codec = c.Entry + "." + name(record)
	return c, nil
}

// name is the part of the codecs parameter behind the sample entry.
func name(record []byte) string {
	var b strings.Builder
	if space := record[1] >> 6; space > 0 {
		b.WriteByte('A' + space - 1)
	}
	compatible := uint32(record[2])<<24 | uint32(record[3])<<16 | uint32(record[4])<<8 | uint32(record[5])
	b.WriteString(strconv.Itoa(int(record[1] & 0x1f)))
	fmt.Fprintf(&b, ".%X.%c%d", mathbits.Reverse32(compatible), "LH"[record[1]>>5&1], record[12])
	constraints := record[6:12]
	for len(constraints) > 0 && constraints[len(constraints)-1] == 0 {
		constraints = constraints[:len(constraints)-1]
	}
	for _, one := range constraints {
		fmt.Fprintf(&b, ".%X", one)
	}
	return b.String()
}

// usualReorder is taken where a sequence parameter set does not tell.
const usualReorder = 4

// reorder reads sps_max_num_reorder_pics of an SPS (7.3.2.2).
func reorder(nal []byte) int {
	const most = 512 // bytes: what is read stands at the beginning
	if len(nal) < 3 {
		return usualReorder
	}
	r := bits.Reader{Data: bits.Unescape(nal[2:min(len(nal), most)])}
	r.Skip(4) // sps_video_parameter_set_id
	layers := int(r.Bits(3))
	r.Skip(1)      // temporal nesting
	r.Skip(88 + 8) // profile and level
	var profiles, levels [8]bool
	for i := range layers {
		profiles[i], levels[i] = r.Bit() == 1, r.Bit() == 1
	}
	if layers > 0 {
		r.Skip(2 * (8 - layers))
	}
	for i := range layers {
		if profiles[i] {
			r.Skip(88)
		}
		if levels[i] {
			r.Skip(8)
		}
	}
	r.Golomb()                             // id
	if chroma := r.Golomb(); chroma == 3 { // 4:4:4
		r.Skip(1)
	}
	r.Golomb() // width
	r.Golomb() // height
	if r.Bit() == 1 {
		for range 4 {
			r.Golomb()
		}
	}
	r.Golomb() // bits of luma
	r.Golomb() // and chroma
	r.Golomb() // of a picture's number
	all := r.Bit() == 1
	most1 := 0
	for i := range layers + 1 {
		if !all && i > 0 {
			break
		}
		r.Golomb()
		most1 = max(most1, int(min(r.Golomb(), 16)))
		r.Golomb()
	}
	if r.Bad {
		return usualReorder
	}
	return most1
}

// Begins tells whether decoding may begin with a sample: whether its first slice
// is that of an IRAP picture. read gives bytes of the sample from an offset.
func (c Config) Begins(size int, read func(p []byte, at int) error) (bool, error) {
	var buf [firstLook]byte
	from, have := 0, 0
	const mostUnits = 64 // before the first slice
	at := 0
	for range mostUnits {
		if at+c.LengthBytes >= size {
			break
		}
		if at < from || at+c.LengthBytes+1 > from+have {
			from, have = at, min(len(buf), size-at)
			if err := read(buf[:have], from); err != nil {
				return false, err
			}
		}
		head := buf[at-from:]
		n := 0
		for _, b := range head[:c.LengthBytes] {
			n = n<<8 | int(b)
		}
		if n > 0 {
			if kind := head[c.LengthBytes] >> 1 & 0x3f; kind <= lastVCL {
				return kind >= firstIRAP && kind <= lastIRAP, nil
			}
		}
		if n < 0 || n > size-at { // the first: of four bytes, where a number has 32 bits
			break
		}
		at += c.LengthBytes + n
	}
	return false, nil
}

// firstLook is enough for delimiter, parameter sets and the usual messages.
const firstLook = 1024
