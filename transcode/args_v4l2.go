package transcode

import (
	"fmt"
	"strconv"
	"strings"
)

// The limits of the chip. Its driver never hears a level from ffmpeg, so it takes
// 4.0 (H.264 table A-1), refuses to start beyond it, and cuts sides off without a word.
const (
	v4l2LongSide    = 1920
	v4l2ShortSide   = 32
	v4l2Blocks      = 8192   // macroblocks of a picture
	v4l2BlockRate   = 245760 // and a second: 1080p30
	v4l2MostKbit    = 20_000
	v4l2LeastKbit   = 500 // much less makes it hang
	v4l2RoundWidth  = 128 // 64 for each plane: what ffmpeg aligns rows to at most, and the driver too
	v4l2RoundHeight = 16  // older drivers expect whole macroblocks between the planes
)

// fit makes a picture one that comes through: where rows are handed over as they
// are, they must be of round length. A picture that grows beyond the limits so (an
// upright 1080p) is made a little smaller.
func (w V4L2Ways) fit(p picture) picture {
	if !w.RowsAsTheyAre {
		return p
	}
	p.pad()
	if blocks(p.paddedWidth, p.paddedHeight) > v4l2Blocks || p.paddedWidth > v4l2LongSide {
		narrower := p.paddedWidth - v4l2RoundWidth
		p.width, p.height = narrower, even(float64(p.height)*float64(narrower)/float64(p.width))
		p.pad()
	}
	return p
}

// pad rounds up.
func (p *picture) pad() {
	up := func(n, by int) int { return (n + by - 1) / by * by }
	p.paddedWidth, p.paddedHeight = up(p.width, v4l2RoundWidth), up(p.height, v4l2RoundHeight)
}

// holds tells whether a picture is within the chip's limits.
func (V4L2Ways) holds(p picture) bool {
	w, h := max(p.width, p.paddedWidth), max(p.height, p.paddedHeight)
	return min(w, h) >= v4l2ShortSide && max(w, h) <= v4l2LongSide && blocks(w, h) <= v4l2Blocks &&
		blocks(w, h)*p.rate.n <= v4l2BlockRate*p.rate.d
}

func blocks(width, height int) int { return ((width + 15) / 16) * ((height + 15) / 16) }

// v4l2m2m are the arguments for the chip.
func v4l2m2m(p picture) []argument {
	kbit := min(max(BitRateLimit(p.width*p.height), v4l2LeastKbit), v4l2MostKbit)
	list := []argument{{
		v4l2Encoder(kbit, p.gop),
		"the chip: it knows a bit rate and no quality, and counts pictures from one IDR to the next by itself " +
			"(one that is forced may come a picture late, and none has B-frames); few buffers, for boards of 512 MB",
	}}
	var crop []string
	if right := p.paddedWidth - p.width; right > 0 {
		crop = append(crop, fmt.Sprintf("crop_right=%d", right))
	}
	if bottom := p.paddedHeight - p.height; bottom > 0 {
		crop = append(crop, fmt.Sprintf("crop_bottom=%d", bottom))
	}
	if len(crop) == 0 {
		return list
	}
	return append(list, argument{
		words("-bsf:v", "h264_metadata="+strings.Join(crop, ":")),
		"the headers cut off what was added: this ffmpeg hands rows over as they are, and the driver expects them to be of round length",
	})
}

func v4l2Encoder(kbit, gop int) []string {
	return words("-c:v", string(V4L2), "-num_output_buffers", "6", "-num_capture_buffers", "8",
		"-b:v", strconv.Itoa(kbit)+"k", "-g", strconv.Itoa(gop), "-bf", "0")
}
