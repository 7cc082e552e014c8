package mp4

import (
	"encoding/binary"
	"fmt"

	"streambox.local/transcode/packager/track"
)

// descriptions reads stsd: the first entry's codec, and what it needs.
func (t *Track) descriptions(b *boxes, stsd box) error {
	data, err := b.full(stsd, 8)
	if err != nil {
		return err
	}
	if binary.BigEndian.Uint32(data[4:]) == 0 {
		return nil
	}
	entry, err := b.next(stsd.body+8, stsd.end)
	if err != nil {
		return err
	}
	switch entry.kind {
	case "avc1", "avc3":
		return t.picture(b, entry, track.H264)
	case "hvc1", "hev1":
		return t.picture(b, entry, track.HEVC)
	case "vp09":
		return t.picture(b, entry, track.VP9)
	case "av01":
		return t.picture(b, entry, track.AV1)
	case "Opus":
		t.Info.Codec = track.Opus
		return t.audio(b, entry)
	case "mp4a", ".mp3", "ms\x00U":
		if entry.kind != "mp4a" {
			t.Info.Codec = track.MP3
		}
		return t.audio(b, entry)
	case "encv", "enca", "drms", "drmi":
		t.Err = fmt.Errorf("%w: it is encrypted", track.ErrUnsupported)
	}
	return nil
}

// picture reads a VisualSampleEntry.
func (t *Track) picture(b *boxes, entry box, codec track.Codec) error {
	const visual = 78 // bytes of it before its boxes
	t.Info.Codec = codec
	if data, err := b.read(entry, visual); err != nil {
		return err
	} else if len(data) == visual {
		t.Info.Width, t.Info.Height = uint32(binary.BigEndian.Uint16(data[24:])), uint32(binary.BigEndian.Uint16(data[26:]))
	}
	return b.children(entry.body+visual, entry.end, func(one box) error { return t.visual(b, one) })
}

// privateColours is the profile of Dolby Vision whose pictures mean other colours
// to who does not know it.
const privateColours = 5

func (t *Track) visual(b *boxes, one box) (err error) {
	var data []byte
	switch one.kind {
	case "avcC", "hvcC", "vpcC", "av1C":
		t.Info.Config, err = b.config(one)
	case "colr":
		if data, err = b.read(one, 11); err == nil && len(data) >= 10 && (string(data[:4]) == "nclx" || string(data[:4]) == "nclc") {
			t.Info.Colour = data
		}
	case "dvcC", "dvvC":
		if data, err = b.full(one, 3); err == nil && data[2]>>1 == privateColours {
			t.Err = fmt.Errorf("%w: colours that only Dolby Vision knows", track.ErrUnsupported)
		}
	case "pasp":
		if data, err = b.full(one, 8); err == nil {
			t.Info.Aspect = [2]uint32{binary.BigEndian.Uint32(data), binary.BigEndian.Uint32(data[4:])}
		}
	}
	return err
}

func (b *boxes) config(one box) ([]byte, error) {
	if one.end-one.body > mostConfig {
		return nil, fmt.Errorf("%w: box %q of %d bytes", track.ErrDamaged, one.kind, one.end-one.body)
	}
	return b.read(one, mostConfig)
}

// audio reads an AudioSampleEntry. QuickTime's versions 1 and 2 are longer, and
// may hold the esds in a wave box.
func (t *Track) audio(b *boxes, entry box) error {
	const base = 28
	data, err := b.full(entry, base)
	if err != nil {
		return err
	}
	t.Info.Channels, t.Info.Rate = uint32(binary.BigEndian.Uint16(data[16:])), binary.BigEndian.Uint32(data[24:])>>16
	at := entry.body + base
	switch binary.BigEndian.Uint16(data[8:]) {
	case 1:
		at += 16
	case 2:
		at += 36
	}
	if at > entry.end {
		return nil // a description that is not as it should be is that of another codec
	}
	inside := func(one box) (err error) {
		switch one.kind {
		case "esds":
			err = t.esds(b, one)
		case "dOps":
			t.Info.Config, err = b.config(one)
		}
		return err
	}
	return b.children(at, entry.end, func(one box) error {
		if one.kind == "wave" {
			return b.children(one.body, one.end, inside)
		}
		return inside(one)
	})
}

// Tags of descriptors (ISO/IEC 14496-1).
const (
	tagES       = 3
	tagDecoder  = 4
	tagSpecific = 5
)

// esds reads the ES descriptor: object type and AudioSpecificConfig.
func (t *Track) esds(b *boxes, one box) error {
	data, err := b.config(one)
	if err != nil || len(data) < 4 {
		return err
	}
	es := descriptor(data[4:], tagES)
	if len(es) < 3 {
		return nil
	}
	flags, es := es[2], es[3:]
	skip := 0
	if flags&0x80 != 0 {
		skip += 2
	}
	if flags&0x40 != 0 && len(es) > skip {
		skip += 1 + int(es[skip])
	}
	if flags&0x20 != 0 {
		skip += 2
	}
	decoder := descriptor(es[min(skip, len(es)):], tagDecoder)
	if len(decoder) < 13 {
		return nil
	}
	switch decoder[0] {
	case 0x40, 0x66, 0x67, 0x68: // AAC of MPEG-4 and MPEG-2
		t.Info.Codec = track.AAC
		t.Info.Config = descriptor(decoder[13:], tagSpecific)
	case 0x69, 0x6b:
		t.Info.Codec = track.MP3
	}
	return nil
}

// descriptor returns the body of the first descriptor, if it has this tag.
func descriptor(data []byte, tag byte) []byte {
	if len(data) == 0 || data[0] != tag {
		return nil
	}
	data = data[1:]
	n := 0
	for i := 0; i < 4 && len(data) > 0; i++ {
		b := data[0]
		data = data[1:]
		n = n<<7 | int(b&0x7f)
		if b&0x80 == 0 {
			break
		}
	}
	return data[:min(n, len(data))]
}
