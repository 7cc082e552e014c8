package packager

import (
	"fmt"

	"streambox.local/transcode/packager/av1"
	"streambox.local/transcode/packager/fmp4"
	"streambox.local/transcode/packager/opus"
	"streambox.local/transcode/packager/track"
)

// fragment makes segment n of what was read for it, as fragmented MP4. Its clock
// is that of MPEG-TS segments: the film begins at firstTicks.
func (t *Title) fragment(n int, pics []track.Sample, picData [][]byte, snds []track.Sample, sndData [][]byte, memory *Scratch) ([]byte, error) {
	runs := make([]fmp4.Run, 0, 2)
	pictures, err := t.pictureRun(pics, picData)
	if err != nil {
		return nil, err
	}
	runs = append(runs, pictures)
	if len(t.modern.tracks) > 1 {
		runs = append(runs, t.soundRun(snds, sndData))
	}
	size := fmp4.Size(runs)
	if size > MaxBytes+MaxBytes/16 {
		return nil, fmt.Errorf("%w: it has %d bytes", ErrNotSegmentable, size)
	}
	if cap(memory.made) < size {
		memory.made = make([]byte, 0, size)
	}
	memory.made, err = fmp4.Append(memory.made[:0], n, runs)
	return memory.made, err
}

// origin is when the clock of segments is 0, on the film's timeline.
func (t *Title) origin() int64 { return t.starts[0] - firstTicks }

// pictureRun are a segment's pictures, in decoding order.
func (t *Title) pictureRun(pics []track.Sample, data [][]byte) (fmp4.Run, error) {
	var run fmp4.Run
	if len(pics) == 0 {
		return run, nil
	}
	prefix := t.prefixes[0]
	run.Samples = make([]fmp4.Sample, len(pics))
	at := make([]int64, len(pics))
	for i, s := range pics {
		sample := data[i]
		if t.modern.tracks[0].Entry == "av01" && len(prefix) == 0 {
			sample = av1.WithoutDelimiters(sample)
		}
		key := s.Key
		if key || i == 0 {
			var err error
			if key, err = t.begins(prefix, sample); err != nil {
				return run, err
			}
		}
		if i == 0 && !key {
			return run, fmt.Errorf("%w: at byte %d", ErrKeyFlags, s.Offset)
		}
		at[i] = min(s.DTS, s.PTS) - t.origin()
		if i > 0 {
			at[i] = max(at[i], at[i-1])
		}
		run.Samples[i] = fmp4.Sample{Shift: int32(s.PTS - t.origin() - at[i]), Key: key, Prefix: prefix, Data: sample} //nolint:gosec // within a segment
	}
	if at[0] < 0 {
		return run, fmt.Errorf("%w: a picture is decoded more than %d s before the film", ErrUnsupported, firstTicks/track.TicksPerSecond)
	}
	run.Begin = uint64(at[0]) //nolint:gosec // not negative
	last := pics[len(pics)-1].Length
	if n := len(at); last <= 0 && n > 1 {
		last = at[n-1] - at[n-2]
	}
	if last <= 0 {
		last = track.TicksPerSecond / 25 // a single picture whose length nobody tells
	}
	lengths(run.Samples, at, min(last, maxTicks))
	return run, nil
}

// begins asks the codec about a sample in memory.
func (t *Title) begins(prefix, sample []byte) (bool, error) {
	return t.coding.begins(len(prefix)+len(sample), func(p []byte, at int) error {
		n := 0
		if at < len(prefix) {
			n = copy(p, prefix[at:])
		}
		copy(p[n:], sample[min(len(sample), max(0, at+n-len(prefix))):])
		return nil
	})
}

// rounding is how far a frame of sound may be from where the one before it ends,
// before that counts: Matroska has milliseconds. 1/500 s.
const rounding = 500

// soundRun are a segment's frames of sound, each where the one before it ends,
// but for holes.
func (t *Title) soundRun(snds []track.Sample, data [][]byte) (run fmp4.Run) {
	if len(snds) == 0 {
		return run
	}
	scale := int64(t.modern.tracks[1].Timescale)
	run.Samples = make([]fmp4.Sample, len(snds))
	at := make([]int64, len(snds))
	length := int64(0)
	for i, s := range snds {
		at[i] = max(0, ((s.PTS-t.origin())*scale+track.TicksPerSecond/2)/track.TicksPerSecond)
		if i > 0 {
			if expected := at[i-1] + length; at[i] < expected+scale/rounding {
				at[i] = expected
			}
		}
		if known := t.soundLength(s, data[i], scale); known > 0 {
			length = known
		} else if i+1 < len(snds) {
			length = max(0, (snds[i+1].PTS-s.PTS)*scale/track.TicksPerSecond)
		}
		run.Samples[i] = fmp4.Sample{Key: true, Data: data[i]}
		if !s.Silent {
			run.Samples[i].Prefix = t.prefixes[1]
		}
	}
	run.Begin = uint64(at[0]) //nolint:gosec // not negative
	lengths(run.Samples, at, max(1, length))
	return run
}

// soundLength is how long a frame of sound lasts in its track's units; 0: it does not say.
func (t *Title) soundLength(s track.Sample, data []byte, scale int64) int64 {
	switch {
	case t.sound == track.AAC:
		return (t.silenceTicks*scale + track.TicksPerSecond/2) / track.TicksPerSecond
	case t.sound == track.Opus && (s.Silent || len(t.prefixes[1]) == 0):
		return opus.Samples(data)
	}
	return 0
}

// lengths makes the lengths of samples of their times.
func lengths(samples []fmp4.Sample, at []int64, last int64) {
	for i := range samples {
		length := last
		if i+1 < len(at) {
			length = at[i+1] - at[i]
		}
		samples[i].Length = uint32(length & 0xffff_ffff)
	}
}
