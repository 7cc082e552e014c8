package clips

import (
	"fmt"
	"strings"
)

// The grid of blocks that every frame of a patterned clip shows.
const (
	PatternColumns = 4
	PatternRows    = 3
	PatternPeriod  = 64 // seconds, after which the pattern repeats

	bitsOfSecond = 6
	spread       = 37 // odd, so s → 37·s mod 64 is one to one
)

// Pattern tells which blocks are lit during a second, row by row from the
// upper left. The blocks fill the upper 9/10 of the picture.
func Pattern(second int) [PatternColumns * PatternRows]bool {
	var lit [PatternColumns * PatternRows]bool
	s := second % PatternPeriod
	for bit := range bitsOfSecond {
		lit[bit] = s>>bit&1 == 1
		lit[bitsOfSecond+bit] = s*spread%PatternPeriod>>bit&1 == 1
	}
	return lit
}

// blockColours are far apart in light and in hue, so that exchanged colour
// planes, wrong ranges and lost colour are seen.
var blockColours = [PatternColumns * PatternRows]string{
	"white", "0xE03020", "0x20C040", "0x3060F0",
	"0xE0D020", "0xD040D0", "0x30C0D0", "white",
	"0x20C040", "white", "0xE03020", "0xE0D020",
}

// picture is a lavfi source that shows Pattern at every second. The blocks
// are boxes drawn over ffmpeg's moving test picture, lit by expressions in t.
func picture(width, height int, rate string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "testsrc2=size=%dx%d:rate=%s", width, height, rate)
	blocksHigh := height * 9 / 10
	fmt.Fprintf(&b, ",drawbox=x=0:y=0:w=%d:h=%d:color=0x101010:t=fill", width, blocksHigh)
	for i, colour := range blockColours {
		left, top := i%PatternColumns*width/PatternColumns, i/PatternColumns*blocksHigh/PatternRows
		right, bottom := (i%PatternColumns+1)*width/PatternColumns, (i/PatternColumns+1)*blocksHigh/PatternRows
		// One millisecond is added because frame times are rounded to the container's clock.
		value, bit := "mod(floor(t+0.001),64)", i
		if i >= bitsOfSecond {
			value, bit = fmt.Sprintf("mod(floor(t+0.001)*%d,64)", spread), i-bitsOfSecond
		}
		fmt.Fprintf(&b, ",drawbox=x=%d:y=%d:w=%d:h=%d:color=%s:t=fill:enable='mod(floor(%s/%d),2)'",
			left, top, right-left, bottom-top, colour, value, 1<<bit)
	}
	return b.String()
}

// tone is a lavfi source: a quiet sine with a beep at every second.
const tone = "sine=frequency=330:beep_factor=4:sample_rate=48000,volume=0.5"
