package fmp4

// Track is a track of a rendition. Those of one rendition have numbers from 1 on,
// in their order.
type Track struct {
	// Timescale is its clock: units per second.
	Timescale uint32
	// Entry is the name of its sample entry, such as "hvc1" or "mp4a"; ConfigBox and
	// Config are the box with the decoder's configuration in it.
	Entry, ConfigBox string
	Config           []byte

	// Picture: it is one, of so many pixels; Aspect is the shape of a pixel, width to
	// height, zeros: not said; Colour the body of a colr box, nil: not said.
	Picture       bool
	Width, Height uint16
	Aspect        [2]uint32
	Colour        []byte

	// Rate in Hz and Channels are those of sound.
	Rate     uint32
	Channels uint16
}

// Init is the init segment of a rendition with these tracks.
func Init(tracks []Track) []byte {
	b := &boxes{}
	b.begin("ftyp")
	b.text("iso6")
	b.u32(0)
	b.text("iso6cmfcmp41")
	b.end()
	b.begin("moov")
	b.full("mvhd", 0, 0)
	b.zeros(8)
	b.u32(1000)
	b.u32(0) // it lasts as long as its fragments
	b.u32(1 << 16)
	b.u16(1 << 8)
	b.zeros(10)
	b.matrix()
	b.zeros(24)
	b.u32(uint32(len(tracks) + 1)) //nolint:gosec // one or two
	b.end()
	for i, t := range tracks {
		b.track(uint32(i+1), t)
	}
	b.begin("mvex")
	for i := range tracks {
		b.full("trex", 0, 0)
		b.u32(uint32(i + 1))
		b.u32(1)    // its only sample entry
		b.zeros(12) // each fragment tells the rest
		b.end()
	}
	b.end()
	b.end()
	return b.data
}

func (b *boxes) track(id uint32, t Track) {
	b.begin("trak")
	const enabledInMovie = 3
	b.full("tkhd", 0, enabledInMovie)
	b.zeros(8)
	b.u32(id)
	b.zeros(4 + 4 + 8 + 2 + 2) // no length; layer and group 0
	volume := uint16(1 << 8)
	if t.Picture {
		volume = 0
	}
	b.u16(volume)
	b.u16(0)
	b.matrix()
	b.u32(shownWidth(t) << 16)
	b.u32(uint32(t.Height) << 16)
	b.end()
	b.begin("mdia")
	b.full("mdhd", 0, 0)
	b.zeros(8)
	b.u32(t.Timescale)
	b.u32(0)
	const undetermined = ('u'-0x60)<<10 | ('n'-0x60)<<5 | ('d' - 0x60)
	b.u16(undetermined)
	b.u16(0)
	b.end()
	b.full("hdlr", 0, 0)
	b.u32(0)
	if t.Picture {
		b.text("vide")
	} else {
		b.text("soun")
	}
	b.zeros(12 + 1) // no name
	b.end()
	b.begin("minf")
	if t.Picture {
		b.full("vmhd", 0, 1)
		b.zeros(8)
	} else {
		b.full("smhd", 0, 0)
		b.zeros(4)
	}
	b.end()
	b.begin("dinf")
	b.full("dref", 0, 0)
	b.u32(1)
	b.full("url ", 0, 1) // in this file
	b.end()
	b.end()
	b.end()
	b.begin("stbl")
	b.full("stsd", 0, 0)
	b.u32(1)
	b.entry(t)
	b.end()
	for _, empty := range []string{"stts", "stsc", "stsz", "stco"} {
		b.full(empty, 0, 0)
		if empty == "stsz" {
			b.u32(0)
		}
		b.u32(0)
		b.end()
	}
	b.end()
	b.end()
	b.end()
	b.end()
}

// shownWidth is that of the picture with square pixels; 0 of sound.
func shownWidth(t Track) uint32 {
	if t.Aspect[0] == 0 || t.Aspect[1] == 0 {
		return uint32(t.Width)
	}
	return uint32(min(uint64(t.Width)*uint64(t.Aspect[0])/uint64(t.Aspect[1]), 1<<16-1))
}

func (b *boxes) entry(t Track) {
	b.begin(t.Entry)
	b.zeros(6)
	b.u16(1) // the data's only place
	if t.Picture {
		b.zeros(16)
		b.u16(t.Width)
		b.u16(t.Height)
		const dpi72 = 72 << 16
		b.u32(dpi72)
		b.u32(dpi72)
		b.u32(0)
		b.u16(1)    // a frame per sample
		b.zeros(32) // no name of a compressor
		b.u16(24)
		b.u16(1<<16 - 1)
	} else {
		b.zeros(8)
		b.u16(t.Channels)
		b.u16(16)
		b.u32(0)
		b.u32(min(t.Rate, 1<<16-1) << 16)
	}
	b.raw(t.ConfigBox, t.Config)
	if t.Picture && t.Colour != nil {
		b.raw("colr", t.Colour)
	}
	if t.Picture && t.Aspect[0] > 0 && t.Aspect[1] > 0 && t.Aspect[0] != t.Aspect[1] {
		b.begin("pasp")
		b.u32(t.Aspect[0])
		b.u32(t.Aspect[1])
		b.end()
	}
	b.end()
}

// Object types of an esds box (ISO/IEC 14496-1, table 5).
const (
	ObjectAAC       = 0x40
	ObjectMP3       = 0x6b
	ObjectMP3OfLow  = 0x69 // of MPEG-2: rates below 32 kHz
	descriptorES    = 3
	descriptorTypes = 4
	descriptorOwn   = 5
	descriptorSL    = 6
)

// ESDS makes the body of an esds box. own is the AudioSpecificConfig of AAC, nil for MP3.
func ESDS(object byte, own []byte) []byte {
	const audio = 5<<2 | 1
	types := append([]byte{object, audio}, make([]byte, 3+4+4)...)
	if len(own) > 0 {
		types = append(types, descriptor(descriptorOwn, own)...)
	}
	es := append([]byte{0, 0, 0}, descriptor(descriptorTypes, types)...)
	es = append(es, descriptor(descriptorSL, []byte{2})...)
	return append(make([]byte, 4), descriptor(descriptorES, es)...)
}

func descriptor(tag byte, body []byte) []byte {
	n := len(body)
	return append([]byte{tag, 0x80 | byte(n>>21&0x7f), 0x80 | byte(n>>14&0x7f), 0x80 | byte(n>>7&0x7f), byte(n & 0x7f)}, body...)
}
