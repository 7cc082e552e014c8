package packager

import (
	"fmt"
	"io"
	"slices"

	"streambox.local/transcode/packager/track"
)

const (
	// nearby samples are read at once with what lies between them: a read more
	// costs a stick more than 32 KiB.
	nearby = 32 << 10
	// mostLoaded bounds samples and gaps of one segment.
	mostLoaded = MaxBytes + MaxBytes/4
)

// extent is a stretch of the file that is read at once.
type extent struct{ from, to int64 }

// load reads all samples with as few reads as is sensible. The pieces are those
// of pics, then those of snds; what was read lies in scratch, which grows where it must.
func load(in io.ReaderAt, pics, snds []track.Sample, scratch *[]byte) ([][]byte, error) {
	memory, _ := in.(*preloaded)
	if memory == nil {
		memory = &preloaded{}
	}
	order := make([]extent, 0, len(pics)+len(snds))
	for _, list := range [2][]track.Sample{pics, snds} {
		for _, s := range list {
			if s.Size <= 0 || memory.piece(s.Offset, s.Size) != nil {
				continue
			}
			order = append(order, extent{s.Offset, s.Offset + int64(s.Size)})
		}
	}
	slices.SortFunc(order, func(a, b extent) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	merged := order[:0] // never ahead of what is read
	var total int64
	for _, e := range order {
		if n := len(merged); n > 0 && e.from-merged[n-1].to <= nearby {
			total += max(0, e.to-merged[n-1].to)
			merged[n-1].to = max(merged[n-1].to, e.to)
		} else {
			total += e.to - e.from
			merged = append(merged, e)
		}
		if total > mostLoaded {
			return nil, fmt.Errorf("%w: samples of more than %d bytes", ErrNotSegmentable, mostLoaded)
		}
	}
	if int64(cap(*scratch)) < total {
		*scratch = make([]byte, total)
	}
	buf := (*scratch)[:total]
	starts := make([]int64, len(merged)) // in buf
	var at int64
	for i, e := range merged {
		starts[i] = at
		if err := track.ReadFull(in, buf[at:at+e.to-e.from], e.from); err != nil {
			return nil, err
		}
		at += e.to - e.from
	}
	pieces := make([][]byte, 0, len(pics)+len(snds))
	for _, list := range [2][]track.Sample{pics, snds} {
		for _, s := range list {
			if s.Size <= 0 { // lies in no extent
				pieces = append(pieces, nil)
				continue
			}
			if data := memory.piece(s.Offset, s.Size); data != nil {
				pieces = append(pieces, data)
				continue
			}
			i, _ := slices.BinarySearchFunc(merged, s.Offset, func(e extent, offset int64) int {
				switch {
				case e.to <= offset:
					return -1
				case e.from > offset:
					return 1
				}
				return 0
			})
			from := starts[i] + s.Offset - merged[i].from
			pieces = append(pieces, buf[from:from+int64(s.Size):from+int64(s.Size)])
		}
	}
	return pieces, nil
}
