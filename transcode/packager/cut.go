package packager

import (
	"fmt"

	"streambox.local/transcode/packager/track"
)

// cutter is the rule where segments begin: at the first IDR, then at the first
// one that is shown TargetSeconds after a segment's start, give or take a frame.
// The tolerance is explained in transcode/segmenter: an encoder told to force an
// IDR every 4 s is now and then a frame early.
type cutter struct {
	starts []int64
	bytes  int64 // of the segment that is growing
}

const (
	maxTolerance = track.TicksPerSecond / 10 // bounds "one frame" where frames are rare
	maxTicks     = MaxSeconds * track.TicksPerSecond
	// mostSegments bounds what a title costs: 36 hours of 4 s.
	mostSegments = 32 << 10
)

// wanted tells whether a picture shown at pts may begin a segment, if it is an IDR.
func (c *cutter) wanted(pts, frame int64) bool {
	if len(c.starts) == 0 {
		return true
	}
	from := c.starts[len(c.starts)-1]
	return pts > from && pts-from >= TargetSeconds*track.TicksPerSecond-min(frame, maxTolerance)
}

// cut begins a segment.
func (c *cutter) cut(pts int64) error {
	if len(c.starts) >= mostSegments {
		return fmt.Errorf("%w: a film of more than %d segments", ErrUnsupported, mostSegments)
	}
	c.starts = append(c.starts, pts)
	c.bytes = 0
	return nil
}

// add counts a picture that belongs to the growing segment.
func (c *cutter) add(pts int64, size uint32) error {
	n := len(c.starts) - 1
	if pts-c.starts[n] > maxTicks {
		return fmt.Errorf("%w: segment %d lasts more than %d s", ErrNotSegmentable, n, MaxSeconds)
	}
	if c.bytes += packed(size); c.bytes > MaxBytes {
		return fmt.Errorf("%w: segment %d has more than %d bytes", ErrNotSegmentable, n, MaxBytes)
	}
	return nil
}

// packed is about what a sample takes in MPEG-TS: packets of 188 bytes hold 184;
// headers, clock and delimiter take some thirty.
func packed(size uint32) int64 { return (int64(size) + 30 + 183) / 184 * 188 }
