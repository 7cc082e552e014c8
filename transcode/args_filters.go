package transcode

import (
	"fmt"
	"math"
	"strconv"
)

// filterChain in the order that costs least: pictures that are not shown are
// dropped before they are scaled, and light is computed on the small picture.
// ffmpeg itself turns the picture upright before the first of them.
func filterChain(m Media, p picture, machine Machine) (filters, reasons []string) {
	v := *m.Video
	add := func(reason string, filter ...string) {
		filters, reasons = append(filters, filter...), append(reasons, reason)
	}
	if interlaced(v) {
		add("comb lines are removed, but only from pictures flagged so", "bwdif=mode=send_frame:deint=interlaced")
	}
	mine, why := p.part.pictures(p.rate)
	add(why, mine...)
	add("fits 1080p, even sides, square pixels", fmt.Sprintf("scale=w=%d:h=%d:flags=bicubic", p.width, p.height))
	if isHDR(v) && machine.ToneMap {
		add("HDR is brought into the range of ordinary screens, after scaling: it costs by the pixel", toneMap(v)...)
	}
	add("pixels are square now", "setsar=1")
	add("8 bits, 4:2:0", "format=yuv420p")
	if p.paddedWidth > p.width || p.paddedHeight > p.height {
		add("to a size that comes through the encoder", fmt.Sprintf("pad=w=%d:h=%d:x=0:y=0", p.paddedWidth, p.paddedHeight))
	}
	return filters, reasons
}

// toneMap names what it starts from: where a file leaves one of the three
// unsaid, zscale finds no way.
func toneMap(v Video) []string {
	return []string{
		"zscale=tin=" + v.ColorTransfer + ":min=2020_ncl:pin=2020:rin=limited:t=linear:npl=100",
		"format=gbrpf32le",
		"zscale=p=709",
		"tonemap=tonemap=hable:desat=0",
		"zscale=t=709:m=709:r=limited",
	}
}

// rate is a number of pictures a second, as a fraction: 30000/1001.
type rate struct{ n, d int }

func (r rate) String() string {
	if r.d == 1 {
		return strconv.Itoa(r.n)
	}
	return fmt.Sprintf("%d/%d", r.n, r.d)
}

// picturesIn is how many pictures take at least so many seconds.
func (r rate) picturesIn(seconds float64) int {
	const rounding = 1e-9
	return max(1, int(math.Ceil(seconds*float64(r.n)/float64(r.d)-rounding)))
}

const (
	highestRate  = 30
	lowestRate   = 10 // slide shows: or a seek would land seconds away
	unknownRate  = 25
	variableRate = 30 // the finest rhythm there is; what moves stays smooth
	absurdRate   = 1000
	sloppiness   = 1.005
)

// outputRate is the source's where that is constant and at most 30; 60 and 50
// are halved, faster ones divided until they fit.
func outputRate(v Video) rate {
	fps := v.FramesPerSecond
	switch {
	case v.VariableRate, fps > absurdRate:
		return rate{variableRate, 1}
	case fps <= 0 || math.IsNaN(fps) || math.IsInf(fps, 0):
		return rate{unknownRate, 1}
	case fps < lowestRate:
		return rate{lowestRate, 1}
	}
	if fps > highestRate*sloppiness {
		fps /= math.Ceil(fps / (highestRate * sloppiness))
	}
	return exactRate(fps)
}

// exactRate turns a measured number into the fraction that was meant.
func exactRate(fps float64) rate {
	whole := math.Round(fps)
	if ntsc := whole * 1000 / 1001; math.Abs(fps-ntsc) < math.Abs(fps-whole) && math.Abs(fps-ntsc) < ntsc*0.0004 {
		return rate{int(whole) * 1000, 1001}
	}
	if math.Abs(fps-whole) < whole*0.0006 {
		return rate{int(whole), 1}
	}
	const unit = 100
	return rate{int(math.Round(fps * unit)), unit}
}
