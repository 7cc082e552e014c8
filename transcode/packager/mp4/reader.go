package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"streambox.local/transcode/packager/track"
)

// Sample is one sample in the track's own units.
type Sample struct {
	Number   uint32 // from 0
	Offset   int64
	Size     uint32
	DTS, PTS int64
	Duration int64 // to the next one's DTS, as the table says
	Key      bool
}

// Mark is a place in a track: the sample that comes next.
type Mark struct {
	sample uint32
	key    uint32 // next row of stss
	dts    int64
	offset int64 // of the next sample, when it is in the chunk that is begun

	time, timeLeft        uint32 // rows of stts begun, samples left in the last one
	shift, shiftLeft      uint32 // the same of ctts
	run, runEnd, perChunk uint32 // the same of stsc: chunk at which the next row begins, samples of each chunk
	chunk, chunkLeft      uint32 // chunks begun, samples left in the last one
	delta                 uint32
	composition           int32
	fragment              int64  // where the fragment is, or the search for the next one goes on; 0: still in the tables
	fragmentSample        uint32 // samples of it that are behind us
}

// Reader goes through a track. It is for one goroutine.
type Reader struct {
	f    *File
	t    *Track
	m    Mark
	b    boxes
	open fragment

	times, shifts, runs, chunks, sizes, keys window
}

// Sizes of windows: for the whole of the tables, and for a segment's part.
const (
	WholeWindow = 64 << 10
	PartWindow  = 2 << 10
)

// Read starts at a mark; the zero Mark is the first sample. window is how many
// bytes of each table are read at once.
func (f *File) Read(in io.ReaderAt, t *Track, m Mark, windowBytes int) *Reader {
	w := window{in: in, bytes: windowBytes}
	return &Reader{
		f: f, t: t, m: m, b: boxes{in: in, left: mostBoxes},
		times: w, shifts: w, runs: w, chunks: w, sizes: w, keys: w,
	}
}

// Mark is the place of the sample that Next returns next.
func (r *Reader) Mark() Mark { return r.m }

// Next returns the next sample; io.EOF at the end of the track.
func (r *Reader) Next() (Sample, error) {
	if r.m.fragment == 0 {
		s, err := r.fromTables()
		if !errors.Is(err, io.EOF) || !r.f.fragmented {
			return s, err
		}
		r.m.fragment = r.f.fragments
	}
	return r.fromFragments()
}

func (r *Reader) fromTables() (s Sample, err error) {
	t, m := r.t, &r.m
	if m.sample >= t.sizes.count {
		return s, io.EOF
	}
	if m.timeLeft == 0 {
		if err = r.nextTime(); err != nil {
			return s, err
		}
	}
	if m.shiftLeft == 0 && m.shift < t.composition.rows {
		if err = r.nextShift(); err != nil {
			return s, err
		}
	}
	if m.chunkLeft == 0 {
		if err = r.nextChunk(); err != nil {
			return s, err
		}
	}
	if s.Size, err = r.size(); err != nil {
		return s, err
	}
	if s.Key, err = r.key(); err != nil {
		return s, err
	}
	s.Number, s.Offset, s.DTS, s.Duration = m.sample, m.offset, m.dts, int64(m.delta)
	s.PTS = s.DTS
	if m.shiftLeft > 0 {
		s.PTS += int64(m.composition)
		m.shiftLeft--
	}
	m.timeLeft--
	m.chunkLeft--
	m.sample++
	m.dts += int64(m.delta)
	m.offset += int64(s.Size)
	if m.dts > track.MaxTime {
		return s, fmt.Errorf("%w: times beyond all measure", track.ErrDamaged)
	}
	return s, nil
}

func (r *Reader) nextTime() error {
	for r.m.timeLeft == 0 {
		row, err := r.times.row(r.t.timeToSample, r.m.time)
		if err != nil {
			return fmt.Errorf("stts: %w", err)
		}
		r.m.time++
		r.m.timeLeft, r.m.delta = binary.BigEndian.Uint32(row), binary.BigEndian.Uint32(row[4:])
		if r.m.delta > math.MaxInt32 { // negative, by a muxer that corrects itself: ffmpeg takes it for 1
			r.m.delta = 1
		}
	}
	return nil
}

// nextShift reads ctts. When it ends early the rest is not shifted.
func (r *Reader) nextShift() error {
	for r.m.shiftLeft == 0 && r.m.shift < r.t.composition.rows {
		row, err := r.shifts.row(r.t.composition, r.m.shift)
		if err != nil {
			return fmt.Errorf("ctts: %w", err)
		}
		r.m.shift++
		r.m.shiftLeft = binary.BigEndian.Uint32(row)
		r.m.composition = int32(binary.BigEndian.Uint32(row[4:])) //nolint:gosec // signed in version 1, and so used in version 0
	}
	return nil
}

// nextChunk goes to the next chunk that has samples.
func (r *Reader) nextChunk() error {
	m := &r.m
	for m.chunkLeft == 0 {
		for m.run < r.t.sampleToChunk.rows && m.chunk >= m.runEnd {
			row, err := r.runs.row(r.t.sampleToChunk, m.run)
			if err != nil {
				return fmt.Errorf("stsc: %w", err)
			}
			first := binary.BigEndian.Uint32(row)
			m.perChunk = binary.BigEndian.Uint32(row[4:])
			if binary.BigEndian.Uint32(row[8:]) > 1 {
				return fmt.Errorf("%w: samples of a second description", track.ErrUnsupported)
			}
			if m.run == 0 && first != 1 || first == 0 {
				return fmt.Errorf("%w: stsc begins with chunk %d", track.ErrDamaged, first)
			}
			m.run++
			m.runEnd = math.MaxUint32
			if m.run < r.t.sampleToChunk.rows {
				if row, err = r.runs.row(r.t.sampleToChunk, m.run); err != nil {
					return fmt.Errorf("stsc: %w", err)
				}
				next := binary.BigEndian.Uint32(row)
				if next <= first {
					return fmt.Errorf("%w: chunks of stsc go backwards", track.ErrDamaged)
				}
				m.runEnd = next - 1
			}
		}
		if m.run == 0 {
			return fmt.Errorf("%w: no stsc", track.ErrDamaged)
		}
		offset, err := r.chunks.number(r.t.chunkOffsets, m.chunk)
		if err != nil {
			return fmt.Errorf("stco: %w", err)
		}
		if offset > math.MaxInt64/2 {
			return fmt.Errorf("%w: a chunk at byte %d", track.ErrDamaged, offset)
		}
		m.chunk++
		m.chunkLeft, m.offset = m.perChunk, int64(offset)
	}
	return nil
}

func (r *Reader) size() (uint32, error) {
	s := &r.t.sizes
	switch {
	case s.uniform != 0:
		return s.uniform, nil
	case s.nibbles:
		n, err := r.sizes.number(s.table, r.m.sample/2)
		if r.m.sample%2 == 0 {
			n >>= 4
		}
		return uint32(n & 0x0f), err
	}
	n, err := r.sizes.number(s.table, r.m.sample)
	return uint32(n & math.MaxUint32), err
}

func (r *Reader) key() (bool, error) {
	if !r.t.hasSync {
		return true, nil
	}
	for r.m.key < r.t.sync.rows {
		n, err := r.keys.number(r.t.sync, r.m.key)
		if err != nil {
			return false, fmt.Errorf("stss: %w", err)
		}
		if n > uint64(r.m.sample)+1 {
			return false, nil
		}
		r.m.key++
		if n == uint64(r.m.sample)+1 {
			return true, nil
		}
	}
	return false, nil
}
