package mkv

import (
	"encoding/binary"
	"fmt"

	"streambox.local/transcode/packager/track"
)

// modern sets the codecs that only some devices play. Their configurations are
// those of MP4, but for that of Opus.
func (t *Track) modern(codec string) {
	switch codec {
	case "V_MPEGH/ISO/HEVC":
		t.Info.Codec = track.HEVC
	case "V_AV1":
		t.Info.Codec = track.AV1
	case "V_VP9":
		t.Info.Codec, t.Info.Config = track.VP9, nil // what may stand there is not vpcC
	case "A_OPUS":
		t.Info.Codec = track.Opus
		var err error
		if t.Info.Config, err = opusBox(t.Info.Config); err != nil && t.Err == nil {
			t.Err = err
		}
	}
}

// opusBox makes the body of a dOps box (Encapsulation of Opus in ISO base media,
// 4.3.2) of what Matroska holds, an OpusHead (RFC 7845, 5.1): the same fields in
// another byte order.
func opusBox(head []byte) ([]byte, error) {
	const plain = 19
	if len(head) < plain || string(head[:8]) != "OpusHead" || head[8]>>4 != 0 {
		return nil, fmt.Errorf("%w: Opus without its header", track.ErrDamaged)
	}
	box := []byte{0, head[9]}
	box = binary.BigEndian.AppendUint16(box, binary.LittleEndian.Uint16(head[10:]))
	box = binary.BigEndian.AppendUint32(box, binary.LittleEndian.Uint32(head[12:]))
	box = binary.BigEndian.AppendUint16(box, binary.LittleEndian.Uint16(head[16:]))
	return append(box, head[18:]...), nil
}

func (t *Track) audio(e *elements, audio element) error {
	return e.children(audio, func(one element) (err error) {
		switch one.id {
		case idSamplingRate:
			t.rate, err = e.float(one)
			if t.rate >= 1000 && t.rate <= 200_000 {
				t.Info.Rate = uint32(t.rate)
			}
		case idChannels:
			var n uint64
			n, err = e.number(one)
			t.Info.Channels = uint32(min(n, 255))
		}
		return err
	})
}

// colour makes the body of a colr box of what Matroska says of colours: both use
// the numbers of ISO/IEC 23091-2.
func (t *Track) colour(e *elements, colour element) error {
	const unspecified, full = 2, 2
	primaries, transfer, matrix, span := uint64(unspecified), uint64(unspecified), uint64(unspecified), uint64(0)
	err := e.children(colour, func(one element) (err error) {
		switch one.id {
		case idPrimaries:
			primaries, err = e.number(one)
		case idTransfer:
			transfer, err = e.number(one)
		case idMatrix:
			matrix, err = e.number(one)
		case idRange:
			span, err = e.number(one)
		}
		return err
	})
	if err != nil || primaries == unspecified && transfer == unspecified && matrix == unspecified || max(primaries, transfer, matrix) > 255 {
		return err
	}
	body := append([]byte("nclx"), 0, byte(primaries), 0, byte(transfer), 0, byte(matrix), 0)
	if span == full {
		body[10] = 0x80
	}
	t.Info.Colour = body
	return nil
}
