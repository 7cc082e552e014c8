package packager

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"streambox.local/transcode/packager/track"
)

// Playlist is the whole media playlist. Each duration is the exact difference of
// two segments' first pictures, to the microsecond.
func (t *Title) Playlist() []byte {
	longest := 0.0
	for n := range t.Segments() {
		longest = max(longest, t.seconds(n))
	}
	out := make([]byte, 0, 256+40*t.Segments())
	out = append(out, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:"...)
	out = strconv.AppendInt(out, max(1, int64(math.Round(longest))), 10)
	out = append(out, "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"...)
	for n := range t.Segments() {
		out = fmt.Appendf(out, "#EXTINF:%.6f,\n%s\n", t.seconds(n), SegmentName(n))
	}
	return append(out, "#EXT-X-ENDLIST\n"...)
}

func (t *Title) seconds(n int) float64 {
	return float64(t.starts[n+1]-t.starts[n]) / track.TicksPerSecond
}

// SegmentName is the name of segment n in the playlist.
func SegmentName(n int) string { return fmt.Sprintf("seg%05d.ts", n) }

// SegmentNumber is the reverse; false for any other name.
func (t *Title) SegmentNumber(name string) (int, bool) {
	digits, found := strings.CutPrefix(name, "seg")
	if !found {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSuffix(digits, ".ts"))
	if err != nil || n < 0 || n >= t.Segments() || SegmentName(n) != name {
		return 0, false
	}
	return n, true
}
