package mp4

import (
	"encoding/binary"
	"fmt"

	"streambox.local/transcode/packager/track"
)

// Track is one track's part of the index.
type Track struct {
	ID        uint32
	Info      track.Info
	Timescale uint32 // units of its times per second
	// Err says why the track cannot be packaged; nil: it can.
	Err error

	edits []edit
	// From and Until bound what is shown, in the track's own units: it begins
	// with the first and ends before the second (track.MaxTime: no end).
	From, Until int64
	// delay, in ticks, is what an empty edit puts before it.
	delay int64

	timeToSample, composition, sampleToChunk, chunkOffsets, sync table
	sizes                                                        sizeTable
	hasSync, longOffsets                                         bool
}

// table is where rows of equal width lie in the file.
type table struct {
	at    int64
	rows  uint32
	width uint32 // bytes
}

// sizeTable is stsz or stz2.
type sizeTable struct {
	table          // rows of 1, 2 or 4 bytes; none when all are equal
	count   uint32 // samples
	uniform uint32 // 0: each has its own
	nibbles bool   // two samples to a byte
}

func (t *Track) parse(b *boxes, trak box) error {
	return b.children(trak.body, trak.end, func(one box) error {
		switch one.kind {
		case "tkhd":
			data, err := b.full(one, 24)
			if err != nil {
				return err
			}
			at := 12
			if data[0] == 1 {
				at = 20
			}
			t.ID = binary.BigEndian.Uint32(data[at:])
		case "edts":
			return b.children(one.body, one.end, func(one box) error { return t.editList(b, one) })
		case "mdia":
			return b.children(one.body, one.end, func(one box) error { return t.media(b, one) })
		}
		return nil
	})
}

func (t *Track) media(b *boxes, one box) error {
	switch one.kind {
	case "mdhd":
		data, err := b.full(one, 20)
		if err != nil {
			return err
		}
		at := 12
		if data[0] == 1 {
			if data, err = b.full(one, 32); err != nil {
				return err
			}
			at = 20
		}
		if t.Timescale = binary.BigEndian.Uint32(data[at:]); t.Timescale == 0 {
			return fmt.Errorf("%w: a track without a timescale", track.ErrDamaged)
		}
	case "hdlr":
		data, err := b.full(one, 12)
		if err != nil {
			return err
		}
		switch string(data[8:]) {
		case "vide":
			t.Info.Kind = track.Picture
		case "soun":
			t.Info.Kind = track.Sound
		}
	case "minf":
		return b.children(one.body, one.end, func(one box) error {
			if one.kind == "stbl" {
				return b.children(one.body, one.end, func(one box) error { return t.sampleTable(b, one) })
			}
			return nil
		})
	}
	return nil
}

func (t *Track) sampleTable(b *boxes, one box) error {
	var to *table
	width := uint32(4)
	switch one.kind {
	case "stsd":
		return t.descriptions(b, one)
	case "stsz", "stz2":
		return t.sampleSizes(b, one)
	case "stts":
		to, width = &t.timeToSample, 8
	case "ctts":
		to, width = &t.composition, 8
	case "stsc":
		to, width = &t.sampleToChunk, 12
	case "stss":
		to, t.hasSync = &t.sync, true
	case "stco":
		to = &t.chunkOffsets
	case "co64":
		to, width, t.longOffsets = &t.chunkOffsets, 8, true
	default:
		return nil
	}
	data, err := b.full(one, 8)
	if err != nil {
		return err
	}
	*to = table{at: one.body + 8, rows: binary.BigEndian.Uint32(data[4:]), width: width}
	return to.check(one)
}

// check compares a table with its box.
func (t table) check(one box) error {
	if int64(t.rows)*int64(t.width) > one.end-t.at || t.rows > mostTableRows {
		return fmt.Errorf("%w: box %q claims %d rows", track.ErrDamaged, one.kind, t.rows)
	}
	return nil
}

func (t *Track) sampleSizes(b *boxes, one box) error {
	data, err := b.full(one, 12)
	if err != nil {
		return err
	}
	s := sizeTable{count: binary.BigEndian.Uint32(data[8:])}
	if s.count > mostSamples {
		return fmt.Errorf("%w: %d samples", track.ErrDamaged, s.count)
	}
	s.at = one.body + 12
	switch field := binary.BigEndian.Uint32(data[4:]); {
	case one.kind == "stsz" && field != 0:
		s.uniform = field
	case one.kind == "stsz":
		s.table.rows, s.width = s.count, 4
	case field == 16 || field == 8:
		s.table.rows, s.width = s.count, field/8
	case field == 4:
		s.table.rows, s.width, s.nibbles = (s.count+1)/2, 1, true
	default:
		return fmt.Errorf("%w: sample sizes of %d bits", track.ErrDamaged, field)
	}
	t.sizes = s
	return s.check(one)
}
