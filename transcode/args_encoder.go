package transcode

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// picture is what is to be encoded.
type picture struct {
	width, height int
	rate          rate
	gop           int // pictures from one IDR to the next
	part          piece
	// padded is what the encoder is given, with black beyond width and height
	// which the stream's headers cut off again; 0, 0: width and height.
	paddedWidth, paddedHeight int
}

// pictureFor is what a film becomes by an encoder. Pieces of one film by one
// encoder are all alike.
func pictureFor(m Media, machine Machine, encoder Encoder) picture {
	p := picture{rate: outputRate(*m.Video)}
	p.width, p.height = outputSize(*m.Video, machine.shortSide(encoder))
	if encoder == V4L2 {
		p = machine.V4L2.fit(p)
	}
	return p
}

// shortSide is the longest that the shorter side of a picture gets.
func (m Machine) shortSide(encoder Encoder) int {
	limit := defaultHeight
	if !encoder.Hardware() {
		_, limit = m.software()
	}
	if m.MaxHeight > 0 {
		limit = min(limit, m.MaxHeight)
	}
	return limit
}

// encodePicture converts the picture to what every phone plays.
func encodePicture(m Media, machine Machine, encoder Encoder, segmentSeconds float64, part piece) []argument {
	p := pictureFor(m, machine, encoder)
	p.part = part
	p.gop = p.rate.picturesIn(segmentSeconds)
	filters, reasons := filterChain(m, p, machine)
	list := []argument{
		{words("-vf", strings.Join(filters, ",")), strings.Join(reasons, "; ")},
		{words("-fps_mode", "passthrough"), "the filter made the rate constant already"},
	}
	if encoder == V4L2 {
		return append(list, v4l2m2m(p)...)
	}
	return append(list, libx264(p, machine)...)
}

func libx264(p picture, machine Machine) []argument {
	kbit := BitRateLimit(p.width * p.height)
	preset, _ := machine.software()
	return []argument{
		{words("-c:v", string(X264)), "software: works everywhere"},
		{words("-preset", preset), "a film should be converted faster than it is watched"},
		{words("-profile:v", "high", "-pix_fmt", "yuv420p"), "what every phone's decoder has"},
		{words("-crf", "23"), "as many bits as the picture needs"},
		{words("-maxrate", fmt.Sprintf("%dk", kbit), "-bufsize", fmt.Sprintf("%dk", 2*kbit)), "but never more than a room full of phones can fetch"},
		{
			words("-g", strconv.Itoa(p.gop), "-force_key_frames", fmt.Sprintf("expr:eq(mod(n,%d),0)", p.gop)),
			"a key frame exactly where a segment ends, counted in pictures: counted in seconds, one would now and then come a picture too early to be cut at",
		},
		{words("-forced-idr", "1", "-flags", "+cgop"), "each of them an IDR: nothing refers across a cut"},
	}
}

// BitRateLimit is the most a conversion's picture takes, in kbit/s, by the number
// of its pixels: what 1080p, 720p and less
// need at their worst. A segment of 4 s stays far below 16 MB.
func BitRateLimit(pixels int) int {
	switch {
	case pixels > 1_500_000:
		return 5000
	case pixels > 600_000:
		return 3000
	}
	return 1500
}

const (
	defaultHeight = 1080
	minimumSide   = 16 // less than a macroblock is refused by some decoders
)

// outputSize is the size shown (turned upright, square pixels), made to fit into
// shortSide by 16:9 of its orientation, with even sides as 4:2:0 needs. It never enlarges
// but what is smaller than a macroblock.
func outputSize(v Video, shortSide int) (width, height int) {
	w, h := displaySize(v)
	short := float64(shortSide)
	long := short * 16 / 9
	if w < h {
		long, short = short, long
	}
	scale := min(1, long/w, short/h)
	return even(w * scale), even(h * scale)
}

// displaySize is the size in square pixels after turning.
func displaySize(v Video) (width, height float64) {
	w, h := float64(v.Width), float64(v.Height)
	// Pixels are stretched to the larger of the two sides: nothing is lost.
	// Aspects beyond 8:1 are damage.
	if a, b := v.SampleAspect[0], v.SampleAspect[1]; a > 0 && b > 0 && a < 8*b && b < 8*a {
		if a > b {
			w = w * float64(a) / float64(b)
		} else {
			h = h * float64(b) / float64(a)
		}
	}
	if v.RotationDegrees%180 != 0 {
		w, h = h, w
	}
	return w, h
}

func even(side float64) int {
	return max(minimumSide, int(math.Round(side/2))*2)
}
