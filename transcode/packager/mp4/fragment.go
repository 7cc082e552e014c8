package mp4

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"streambox.local/transcode/packager/track"
)

// fragment is a moof box that is being read: its bytes, and where its runs are.
type fragment struct {
	at   int64 // of the moof; 0: none is open
	next int64 // of the box behind it
	data []byte
	runs []run
	run  int // that is being read

	sample uint32 // samples read of the fragment
	dts    int64
	timed  bool // dts is the fragment's own
}

// run is a trun box.
type run struct {
	rows     []byte
	flags    uint32
	count    uint32
	offset   int64 // of its first sample
	defaults fragmentDefaults
	first    uint32 // flags of its first sample, if it has its own
	done     uint32
}

// Flags of tfhd and trun.
const (
	baseDataOffset  = 0x000001
	sampleDescIndex = 0x000002
	defaultDuration = 0x000008
	defaultSize     = 0x000010
	defaultFlags    = 0x000020
	durationIsEmpty = 0x010000
	runDataOffset   = 0x000001
	runFirstFlags   = 0x000004
	runDurations    = 0x000100
	runSizes        = 0x000200
	runFlags        = 0x000400
	runCompositions = 0x000800
	sampleIsNoSync  = 0x00010000
	mostRunsOfAMoof = 4096
	mostRowsWithout = 1 << 16 // samples of a run without rows: all alike
	mostInARowEmpty = 4096    // fragments without this track
)

func (r *Reader) fromFragments() (Sample, error) {
	m := &r.m
	for empty := 0; ; {
		if r.open.at == 0 || r.open.at != m.fragment {
			if err := r.openFragment(); err != nil {
				return Sample{}, err
			}
		}
		if s, ok, err := r.fromRuns(); ok || err != nil {
			return s, err
		}
		if r.open.sample == 0 {
			if empty++; empty > mostInARowEmpty {
				return Sample{}, io.EOF
			}
		}
		m.fragment, m.fragmentSample = r.open.next, 0
		r.open.at = 0
	}
}

// openFragment finds the next moof and goes to the place of the mark in it. A
// file that is cut off ends with its last whole fragment.
func (r *Reader) openFragment() error {
	for at := r.m.fragment; r.f.size-at >= boxHeader; {
		one, err := r.b.next(at, r.f.size)
		if errors.Is(err, errTooLong) {
			return io.EOF
		}
		if err != nil {
			return err
		}
		if one.kind != "moof" {
			at = one.end
			continue
		}
		if one.end-one.body > mostFragment {
			return fmt.Errorf("%w: a fragment's header of %d bytes", track.ErrUnsupported, one.end-one.body)
		}
		skip := r.m.fragmentSample
		r.m.fragment = one.at
		buf := r.open.data
		if n := int(one.end - one.body); cap(buf) < n {
			buf = make([]byte, n)
		} else {
			buf = buf[:n]
		}
		if err := track.ReadFull(r.b.in, buf, one.body); err != nil {
			return err
		}
		r.open = fragment{at: one.at, next: one.end, data: buf, runs: r.open.runs[:0], dts: r.m.dts}
		if err := r.parseFragment(one); err != nil {
			return err
		}
		if skip > 0 {
			r.open.dts = 0 // computed from the fragment's beginning
			return r.skip(skip)
		}
		return nil
	}
	return io.EOF
}

// skip goes on from a mark within a fragment.
func (r *Reader) skip(samples uint32) error {
	dts, number := r.m.dts, r.m.sample
	for range samples {
		if _, ok, err := r.fromRuns(); !ok || err != nil {
			return errors.Join(err, fmt.Errorf("%w: a fragment has changed", track.ErrDamaged))
		}
	}
	r.m.dts, r.open.dts, r.m.sample, r.m.fragmentSample = dts, dts, number, samples
	return nil
}

// parseFragment finds the runs of the track.
func (r *Reader) parseFragment(moof box) error {
	o := &r.open
	return each(o.data, func(kind string, traf []byte) error {
		if kind != "traf" {
			return nil
		}
		base, defaults, ours := moof.at, fragmentDefaults{}, false
		nextOffset := int64(-1)
		return each(traf, func(kind string, body []byte) error {
			switch {
			case kind == "tfhd":
				var err error
				base, defaults, ours, err = r.fragmentHeader(body, moof.at)
				return err
			case kind == "tfdt" && ours:
				return o.decodeTime(body)
			case kind == "trun" && ours:
				one, err := parseRun(body, base, nextOffset, defaults)
				if err != nil {
					return err
				}
				if len(o.runs) >= mostRunsOfAMoof {
					return fmt.Errorf("%w: too many runs in a fragment", track.ErrDamaged)
				}
				o.runs = append(o.runs, one)
				nextOffset = one.offset + one.bytes()
			}
			return nil
		})
	})
}

func (r *Reader) fragmentHeader(body []byte, moof int64) (base int64, d fragmentDefaults, ours bool, err error) {
	if len(body) < 8 {
		return 0, d, false, fmt.Errorf("%w: tfhd", track.ErrDamaged)
	}
	flags, id := binary.BigEndian.Uint32(body)&0xffffff, binary.BigEndian.Uint32(body[4:])
	if id != r.t.ID {
		return 0, d, false, nil
	}
	d = r.f.defaults[id]
	f := fields{data: body[8:]}
	base = moof
	if flags&baseDataOffset != 0 {
		base = int64(uint64(f.word())<<32 | uint64(f.word())) //nolint:gosec // checked below
		if base < 0 || base > r.f.size {
			return 0, d, false, fmt.Errorf("%w: a fragment's data at %d", track.ErrDamaged, base)
		}
	}
	if flags&sampleDescIndex != 0 && f.word() > 1 {
		return 0, d, false, fmt.Errorf("%w: samples of a second description", track.ErrUnsupported)
	}
	f.given(flags&defaultDuration, &d.duration)
	f.given(flags&defaultSize, &d.size)
	f.given(flags&defaultFlags, &d.flags)
	if f.bad {
		return 0, d, false, fmt.Errorf("%w: tfhd", track.ErrDamaged)
	}
	return base, d, flags&durationIsEmpty == 0, nil
}

func (o *fragment) decodeTime(body []byte) error {
	f := fields{data: body}
	version := f.word() >> 24
	t := uint64(f.word())
	if version == 1 {
		t = t<<32 | uint64(f.word())
	}
	if f.bad || t > track.MaxTime {
		return fmt.Errorf("%w: tfdt", track.ErrDamaged)
	}
	if !o.timed {
		o.dts, o.timed = int64(t), true
	}
	return nil
}

func parseRun(body []byte, base, follows int64, d fragmentDefaults) (run, error) {
	f := fields{data: body}
	one := run{flags: f.word() & 0xffffff, defaults: d, offset: base}
	one.count = f.word()
	if follows >= 0 {
		one.offset = follows
	}
	if one.flags&runDataOffset != 0 {
		one.offset = base + int64(int32(f.word())) //nolint:gosec // signed by the standard
	}
	one.first = d.flags
	f.given(one.flags&runFirstFlags, &one.first)
	one.rows = f.data
	width := one.width()
	if f.bad || one.offset < 0 || width > 0 && int64(one.count)*int64(width) > int64(len(one.rows)) || width == 0 && one.count > mostRowsWithout {
		return run{}, fmt.Errorf("%w: a run of %d samples in %d bytes", track.ErrDamaged, one.count, len(body))
	}
	return one, nil
}

func (one *run) width() (n int) {
	for _, flag := range []uint32{runDurations, runSizes, runFlags, runCompositions} {
		if one.flags&flag != 0 {
			n += 4
		}
	}
	return n
}

// bytes is how much data its samples have.
func (one *run) bytes() (total int64) {
	if one.flags&runSizes == 0 {
		return int64(one.count) * int64(one.defaults.size)
	}
	at, width := 0, one.width()
	if one.flags&runDurations != 0 {
		at = 4
	}
	for i := range int(one.count) {
		total += int64(binary.BigEndian.Uint32(one.rows[i*width+at:]))
	}
	return total
}

// fromRuns returns the next sample of the open fragment.
func (r *Reader) fromRuns() (Sample, bool, error) {
	o, m := &r.open, &r.m
	for o.run < len(o.runs) && o.runs[o.run].done >= o.runs[o.run].count {
		o.run++
	}
	if o.run >= len(o.runs) {
		return Sample{}, false, nil
	}
	one := &o.runs[o.run]
	d, composition := one.defaults, uint32(0)
	if one.done == 0 {
		d.flags = one.first
	}
	f := fields{data: one.rows}
	f.given(one.flags&runDurations, &d.duration)
	f.given(one.flags&runSizes, &d.size)
	if one.flags&runFlags != 0 {
		own := f.word()
		if one.done > 0 || one.flags&runFirstFlags == 0 {
			d.flags = own
		}
	}
	f.given(one.flags&runCompositions, &composition)
	one.rows = f.data
	s := Sample{
		Number: m.sample, Offset: one.offset, Size: d.size, DTS: o.dts, Duration: int64(d.duration),
		PTS: o.dts + int64(int32(composition)), // signed in version 1, and so used in version 0
		Key: d.flags&sampleIsNoSync == 0,
	}
	one.done++
	one.offset += int64(d.size)
	o.dts += int64(d.duration)
	o.sample++
	m.sample++
	m.fragmentSample++
	m.dts = o.dts
	if m.dts > track.MaxTime || m.sample > mostSamples {
		return Sample{}, false, fmt.Errorf("%w: more or later samples than a film has", track.ErrDamaged)
	}
	return s, true, nil
}

// each calls take for the boxes in data.
func each(data []byte, take func(kind string, body []byte) error) error {
	for len(data) >= boxHeader {
		size := int64(binary.BigEndian.Uint32(data))
		if size == 0 {
			size = int64(len(data))
		}
		if size < boxHeader || size > int64(len(data)) {
			return fmt.Errorf("%w: box %q of %d bytes in a fragment", track.ErrDamaged, data[4:8], size)
		}
		if err := take(string(data[4:8]), data[boxHeader:size]); err != nil {
			return err
		}
		data = data[size:]
	}
	return nil
}

// fields reads words; behind the end they are 0 and bad is set.
type fields struct {
	data []byte
	bad  bool
}

func (f *fields) word() uint32 {
	if len(f.data) < 4 {
		f.data, f.bad = nil, true
		return 0
	}
	v := binary.BigEndian.Uint32(f.data)
	f.data = f.data[4:]
	return v
}

// given reads a word if the flag says that it is there.
func (f *fields) given(flag uint32, to *uint32) {
	if flag != 0 {
		*to = f.word()
	}
}
