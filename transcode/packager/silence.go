package packager

import "streambox.local/transcode/packager/track"

// A browser plays on only where it has both picture and sound, and decides by
// the first segment whether there is sound at all. So where the sound track has
// a hole (it begins late, ends early, was paused), the segment gets silent
// frames. Only AAC and Opus have a frame of silence that is right for every stream.
const (
	// shortestHole that is filled: players bridge shorter ones.
	shortestHole = track.TicksPerSecond / 4
	// shortestUnsureHole is for Matroska, where a segment's first or last sound may
	// be in its neighbour, by its place in the file.
	shortestUnsureHole = track.TicksPerSecond * 5 / 2
)

// withSilence puts silent frames into the holes of a segment's sound.
func (t *Title) withSilence(n int, snds []track.Sample, data [][]byte) (filled []track.Sample, filledData [][]byte) {
	if t.silence == nil {
		return snds, data
	}
	frame, hole := t.silenceTicks, t.hole
	if len(snds) == 0 {
		hole = shortestHole
	}
	at, last := t.starts[n], 0 // up to where there is sound; samples copied
	fill := func(to int64) {
		if to-at < hole {
			return
		}
		for ; at+frame <= to; at += frame {
			filled = append(filled, track.Sample{PTS: at, DTS: at, Silent: true})
			filledData = append(filledData, t.silence)
		}
	}
	for i, s := range snds {
		if s.PTS-at >= hole {
			filled, filledData = append(filled, snds[last:i]...), append(filledData, data[last:i]...)
			last = i
			fill(s.PTS)
		}
		at = max(at, s.PTS+frame)
	}
	filled, filledData = append(filled, snds[last:]...), append(filledData, data[last:]...)
	fill(t.starts[n+1])
	return filled, filledData
}
