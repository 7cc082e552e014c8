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
	version := 3
	if t.fragmented() {
		version = 7
	}
	out = fmt.Appendf(out, "#EXTM3U\n#EXT-X-VERSION:%d\n#EXT-X-TARGETDURATION:", version)
	out = strconv.AppendInt(out, max(1, int64(math.Round(t.LongestSeconds()))), 10)
	out = append(out, "\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"...)
	if !t.coding.leading {
		out = append(out, "#EXT-X-INDEPENDENT-SEGMENTS\n"...)
	}
	if t.fragmented() {
		out = append(out, "#EXT-X-MAP:URI=\""+InitName+"\"\n"...)
	}
	if t.lead > 0 {
		out = fmt.Appendf(out, "#EXT-X-START:TIME-OFFSET=%.6f,PRECISE=YES\n", t.LeadSeconds())
	}
	for n := range t.Segments() {
		out = fmt.Appendf(out, "#EXTINF:%.6f,\n%s\n", t.seconds(n), t.SegmentName(n))
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

// InitName is the name of what stands before each segment of fragmented MP4.
const InitName = "init.mp4"

// SegmentName is the name of segment n in the playlist.
func (t *Title) SegmentName(n int) string {
	if t.fragmented() {
		return fmt.Sprintf("seg%05d.m4s", n)
	}
	return SegmentName(n)
}

// SegmentName is the name of segment n of a transport stream.
func SegmentName(n int) string { return fmt.Sprintf("seg%05d.ts", n) }

// SegmentNumber is the reverse; false for any other name.
func (t *Title) SegmentNumber(name string) (int, bool) {
	digits, found := strings.CutPrefix(name, "seg")
	if !found {
		return 0, false
	}
	digits, _, _ = strings.Cut(digits, ".")
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n >= t.Segments() || t.SegmentName(n) != name {
		return 0, false
	}
	return n, true
}
