package packager

import (
	"context"
	"fmt"
	"io"
	"slices"

	"streambox.local/transcode/packager/aac"
	"streambox.local/transcode/packager/track"
	"streambox.local/transcode/packager/ts"
)

// mostParts bounds the memory for pieces of pictures: 1-byte NAL units would
// need more of it than the segment has bytes.
const mostParts = 256 << 10

// Segment makes segment n (from 0) of a file opened again: the same bytes every
// time. Besides what it returns it needs memory for the segment's samples. Errors:
// ErrKeyFlags, ErrNotSegmentable and ErrDamaged, what ctx or the device says.
func (t *Title) Segment(ctx context.Context, in io.ReaderAt, n int) ([]byte, error) {
	return t.SegmentInto(ctx, in, n, &Scratch{})
}

// Scratch is memory for making one segment after the other without asking for
// it each time; the zero value is ready. After an error, a read that was left
// behind may still write into it: then it is not to be used again.
type Scratch struct{ read, made []byte }

// SegmentInto is Segment with memory that is used again: what it returns is
// overwritten by the next call with the same Scratch.
func (t *Title) SegmentInto(ctx context.Context, in io.ReaderAt, n int, memory *Scratch) ([]byte, error) {
	if n < 0 || n >= t.Segments() {
		return nil, fmt.Errorf("segment %d of %d: %w", n, t.Segments(), io.EOF)
	}
	data, err := t.segment(ctx, &reader{ctx: ctx, in: in}, n, memory)
	if err != nil {
		return nil, fmt.Errorf("make segment %d: %w", n, err)
	}
	return data, nil
}

func (t *Title) segment(ctx context.Context, in io.ReaderAt, n int, memory *Scratch) ([]byte, error) {
	var snds []track.Sample
	var sounds [][]byte
	if t.choice.Converted {
		var err error
		if snds, sounds, err = t.convertedSound(n); err != nil {
			return nil, err
		}
	}
	var pics, own []track.Sample
	if t.needsFile() {
		var err error
		// Also of sound alone: the picture around it is asked for in the same moment.
		if in, err = ahead(in, t.film, n); err != nil {
			return nil, err
		}
		if pics, own, err = t.film.samples(ctx, in, n, !t.choice.SoundOnly, t.sound != track.Other && !t.choice.Converted); err != nil {
			return nil, err
		}
	}
	if t.choice.SoundOnly {
		own = t.within(own)
	}
	pieces, err := load(in, pics, own, &memory.read)
	if err != nil {
		return nil, err
	}
	if !t.choice.Converted {
		snds, sounds = t.withSilence(n, own, pieces[len(pics):])
	}
	if t.fragmented() {
		return t.fragment(n, pics, pieces[:len(pics)], snds, sounds, memory)
	}
	m := muxing{t: t, origin: t.starts[0] - t.FirstTicks()}
	m.units = make([]ts.Unit, 0, len(pics)+len(snds))
	m.headers = make([]byte, 0, aac.HeaderBytes*len(snds))
	if err := m.all(pics, pieces[:len(pics)], snds, sounds); err != nil {
		return nil, err
	}
	size := ts.Size(len(t.streams), m.units)
	if size > MaxBytes+MaxBytes/16 {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrNotSegmentable, size)
	}
	if cap(memory.made) < size {
		memory.made = make([]byte, 0, size)
	}
	memory.made = ts.Append(memory.made[:0], n, t.streams, m.units)
	return memory.made, nil
}

// muxing gathers the access units of a segment.
type muxing struct {
	t       *Title
	origin  int64
	units   []ts.Unit
	parts   [][]byte
	total   int
	headers []byte // ADTS
}

// all puts pictures and sound into the order of decoding; of equal times the
// picture goes first. So does the first one where only a frame or so of sound is
// before it (priming): a receiver needs the clock, which the picture brings, to
// make sense of any time.
func (m *muxing) all(pics []track.Sample, picData [][]byte, snds []track.Sample, sndData [][]byte) error {
	for len(pics) > 0 || len(snds) > 0 {
		ahead := int64(0)
		if m.total == 0 {
			ahead = maxTolerance
		}
		if len(snds) == 0 || len(pics) > 0 && pics[0].DTS <= snds[0].DTS+ahead {
			if err := m.addPicture(pics[0], picData[0], m.total == 0); err != nil {
				return err
			}
			pics, picData = pics[1:], picData[1:]
			continue
		}
		if err := m.addSound(snds[0], sndData[0]); err != nil {
			return err
		}
		snds, sndData = snds[1:], sndData[1:]
	}
	return nil
}

func (m *muxing) addPicture(s track.Sample, data []byte, first bool) error {
	if len(m.t.prefixes[0]) > 0 {
		data = append(slices.Clip(m.t.prefixes[0]), data...)
	}
	if cap(m.parts)-len(m.parts) < 16 {
		m.parts = make([][]byte, 0, 1024)
	}
	u, err := m.t.picture.AppendUnit(m.parts, data)
	if err != nil {
		return fmt.Errorf("the picture at byte %d: %w", s.Offset, err)
	}
	if first && !u.IDR {
		return fmt.Errorf("%w: at byte %d", ErrKeyFlags, s.Offset)
	}
	if cap(u.Parts) > 0 && len(m.parts)+len(u.Parts) <= cap(m.parts) {
		m.parts = m.parts[:len(m.parts)+len(u.Parts)]
	}
	if m.total += len(u.Parts); m.total > mostParts {
		return fmt.Errorf("%w: more than %d parts", ErrNotSegmentable, mostParts/2)
	}
	m.units = append(m.units, ts.Unit{
		Stream: 0, PTS: s.PTS - m.origin, DTS: min(s.DTS, s.PTS) - m.origin,
		Key: u.IDR, Parts: u.Parts, Size: u.Size,
	})
	return nil
}

func (m *muxing) addSound(s track.Sample, data []byte) error {
	const most = 16 << 10 // bytes of a frame: ADTS allows 8 KiB, MP3 has up to 3
	if len(data) > most || len(data) < 2 {
		return fmt.Errorf("%w: a frame of sound of %d bytes", ErrDamaged, len(data))
	}
	parts := make([][]byte, 0, 3)
	prefix := m.t.prefixes[1]
	if s.Silent { // it is whole
		prefix = nil
	}
	size := len(data) + len(prefix)
	if m.t.sound == track.AAC {
		head, err := m.t.adts.Header(size)
		if err != nil {
			return err
		}
		at := len(m.headers)
		m.headers = append(m.headers, head[:]...)
		parts = append(parts, m.headers[at:])
		size += len(head)
	}
	if len(prefix) > 0 {
		parts = append(parts, prefix)
	}
	m.units = append(m.units, ts.Unit{
		Stream: len(m.t.streams) - 1, PTS: s.PTS - m.origin, DTS: s.PTS - m.origin, Key: true,
		Parts: append(parts, data), Size: size,
	})
	return nil
}

// mp3 asks the first frame which MPEG it is: the stream's type depends on it.
func (t *Title) mp3(in io.ReaderAt, at int64) error {
	var head [2]byte
	prefix := copy(head[:], t.prefixes[1])
	if err := track.ReadFull(in, head[prefix:], at); err != nil {
		return err
	}
	if head[0] != 0xff || head[1]&0xe0 != 0xe0 {
		return fmt.Errorf("%w: sound called MP3 that is none", ErrUnsupported)
	}
	if head[1]&0x18 != 0x18 {
		t.streams[len(t.streams)-1].Type = ts.TypeMPEG2Audio
		t.modern.mp3OfLowRate()
	}
	return nil
}
