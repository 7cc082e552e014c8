package packager

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"streambox.local/transcode/packager/track"
)

// Playlist is the media playlist, the whole of it, also while the sound is still
// being converted: what is asked for then is made next. Each duration is the
// exact difference of two segments' first pictures, to the microsecond. A film that is cut out of
// a longer one begins with pictures that are only there to be decoded; HLS cannot
// hide them, but tell players to begin behind them.
func (t *Title) Playlist() []byte {
	out := make([]byte, 0, 256+40*t.Segments())
	out = append(out, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:"...)
	out = strconv.AppendInt(out, max(1, int64(math.Round(t.LongestSeconds()))), 10)
	out = append(out, "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n"...)
	if t.lead > 0 {
		out = fmt.Appendf(out, "#EXT-X-START:TIME-OFFSET=%.6f,PRECISE=YES\n", t.LeadSeconds())
	}
	for n := range t.Segments() {
		out = fmt.Appendf(out, "#EXTINF:%.6f,\n%s\n", t.seconds(n), SegmentName(n))
	}
	return append(out, "#EXT-X-ENDLIST\n"...)
}

// LongestSeconds is the length of the longest segment; rounded it is the
// playlist's TARGETDURATION.
func (t *Title) LongestSeconds() (longest float64) {
	for n := range t.Segments() {
		longest = max(longest, t.seconds(n))
	}
	return longest
}

// LeadSeconds is how much of the first segment is only there to be decoded.
func (t *Title) LeadSeconds() float64 { return float64(t.lead) / track.TicksPerSecond }

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
