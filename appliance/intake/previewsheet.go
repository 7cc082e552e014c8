package intake

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"sort"

	"streambox.local/appliance/library"
)

// How small pictures of a film lie in time and on sheets. A sheet is some 200 KB and
// takes 6 MB of a phone's memory; of a film of two hours there are three of them.
const (
	previewSeconds  = 10.0 // between two pictures, at least
	mostPreviews    = 300
	shortestPreview = 2 * previewSeconds // of a film that has any
	sheetColumns    = 10
	sheetRows       = 10
)

// previewPlan decides of which segments' first pictures there are small ones, one for
// each everySeconds from the film's beginning on: that of the segment that begins
// nearest. starts(segments) is the film's length. It is pure.
func previewPlan(segments int, starts func(n int) float64) (everySeconds float64, picks []int) {
	length := starts(segments)
	if length < shortestPreview || math.IsInf(length, 0) || math.IsNaN(length) {
		return 0, nil
	}
	everySeconds = max(previewSeconds, length/mostPreviews)
	count := min(mostPreviews, int(math.Ceil(length/everySeconds)))
	for i := range count {
		at := float64(i) * everySeconds
		n := sort.Search(segments, func(n int) bool { return starts(n) >= at })
		if n == segments || n > 0 && at-starts(n-1) <= starts(n)-at {
			n--
		}
		picks = append(picks, n)
	}
	return everySeconds, picks
}

// paper takes small pictures in their order.
type paper struct {
	grid library.PreviewGrid
	all  []*image.YCbCr
	n    int
}

func newPaper(grid library.PreviewGrid) *paper { return &paper{grid: grid} }

// put copies a picture to the next place.
func (p *paper) put(tile *image.YCbCr) {
	place := p.n % (p.grid.Columns * p.grid.Rows)
	if place == 0 {
		rows := min(p.grid.Rows, (p.grid.Count-p.n+p.grid.Columns-1)/p.grid.Columns)
		p.all = append(p.all, blank(p.grid.Columns*p.grid.Width, rows*p.grid.Height))
	}
	sheet := p.all[len(p.all)-1]
	left, top := place%p.grid.Columns*p.grid.Width, place/p.grid.Columns*p.grid.Height
	for y := range p.grid.Height {
		copy(sheet.Y[sheet.YOffset(left, top+y):], tile.Y[y*tile.YStride:y*tile.YStride+p.grid.Width])
	}
	for y := range p.grid.Height / 2 {
		to := sheet.COffset(left, top+2*y)
		copy(sheet.Cb[to:], tile.Cb[y*tile.CStride:y*tile.CStride+p.grid.Width/2])
		copy(sheet.Cr[to:], tile.Cr[y*tile.CStride:y*tile.CStride+p.grid.Width/2])
	}
	p.n++
}

// blank is a black picture.
func blank(width, height int) *image.YCbCr {
	sheet := image.NewYCbCr(image.Rect(0, 0, width, height), image.YCbCrSubsampleRatio420)
	for _, plane := range [][]byte{sheet.Cb, sheet.Cr} {
		for i := range plane {
			plane[i] = 128
		}
	}
	return sheet
}

// sheetBytes is what a sheet may have; the library keeps no larger one.
const sheetBytes = 1 << 20

// sheets returns the JPEGs. Noise, which compresses badly, gets coarser ones.
func (p *paper) sheets() ([][]byte, error) {
	if p.n != p.grid.Count {
		return nil, fmt.Errorf("%d small pictures of %d", p.n, p.grid.Count)
	}
	out := make([][]byte, 0, len(p.all))
	for _, sheet := range p.all {
		var data bytes.Buffer
		for _, quality := range []int{65, 40, 15} {
			data.Reset()
			if err := jpeg.Encode(&data, sheet, &jpeg.Options{Quality: quality}); err != nil {
				return nil, fmt.Errorf("write a sheet of small pictures: %w", err)
			}
			if data.Len() <= sheetBytes {
				break
			}
		}
		out = append(out, data.Bytes())
	}
	return out, nil
}
