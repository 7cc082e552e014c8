package intake

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Names and bounds of a folder that is ready as it stands.
const (
	playlistName      = "index.m3u8"
	hashesName        = "hashes.json"
	thumbnailName     = "thumbnail.jpg"
	playlistLimit     = 8 << 20  // bytes
	hashesLimit       = 16 << 20 // bytes
	thumbnailLimit    = 1 << 20  // bytes
	readySegmentLimit = 50000    // two days of 4 s
	segmentSecondsMax = 120      // of one segment
)

// readySegment is one segment of a ready-made folder, as its playlist says.
type readySegment struct {
	file          string // name in the folder
	seconds       float64
	discontinuity bool // EXT-X-DISCONTINUITY stands before it
}

// errPlaylist is a playlist that is not one of ours or the seed system's.
var errPlaylist = errors.New("playlist is not understood")

// errUnfinished is a playlist without its end: whoever made it has not finished.
var errUnfinished = errors.New("playlist has no end")

// parsePlaylist reads an index.m3u8 of a stranger. Only what a plain VOD media
// playlist needs is let through: segment names are names of .ts files in the
// same folder, never paths or addresses; keys, byte ranges, init sections and
// variants are refused, for what they point at has not been checked.
func parsePlaylist(text []byte) ([]readySegment, error) {
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))))
	lines.Buffer(make([]byte, 4096), 1<<16)
	var segments []readySegment
	next := readySegment{seconds: -1}
	seen := map[string]bool{}
	first, ended := true, false
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if first {
			if line != "#EXTM3U" {
				return nil, fmt.Errorf("%w: no #EXTM3U", errPlaylist)
			}
			first = false
			continue
		}
		switch {
		case line == "":
		case ended:
			return nil, fmt.Errorf("%w: goes on after its end", errPlaylist)
		case strings.HasPrefix(line, "#"):
			var err error
			if ended, err = parseTag(line, &next); err != nil {
				return nil, err
			}
		default:
			if next.seconds < 0 || !plainSegmentName(line) || seen[line] {
				return nil, fmt.Errorf("%w: segment %d", errPlaylist, len(segments))
			}
			if len(segments) == readySegmentLimit {
				return nil, fmt.Errorf("%w: too many segments", errPlaylist)
			}
			seen[line] = true
			next.file = line
			segments = append(segments, next)
			next = readySegment{seconds: -1}
		}
	}
	switch {
	case lines.Err() != nil:
		return nil, fmt.Errorf("%w: %w", errPlaylist, lines.Err())
	case first, len(segments) == 0 && ended:
		return nil, fmt.Errorf("%w: empty", errPlaylist)
	case !ended:
		return segments, errUnfinished
	default:
		return segments, nil
	}
}

// parseTag reads a line that begins with #. Unknown tags and comments are skipped.
func parseTag(line string, next *readySegment) (ended bool, err error) {
	tag, value, _ := strings.Cut(line, ":")
	switch tag {
	case "#EXT-X-ENDLIST":
		return true, nil
	case "#EXT-X-DISCONTINUITY":
		next.discontinuity = true
	case "#EXTINF":
		number, _, _ := strings.Cut(value, ",")
		s, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if err != nil || math.IsNaN(s) || s < 0 || s > segmentSecondsMax {
			return false, fmt.Errorf("%w: duration", errPlaylist)
		}
		next.seconds = s
	case "#EXT-X-KEY":
		if !strings.HasPrefix(value, "METHOD=NONE") {
			return false, fmt.Errorf("%w: encrypted", errPlaylist)
		}
	case "#EXT-X-BYTERANGE", "#EXT-X-MAP", "#EXT-X-STREAM-INF", "#EXT-X-MEDIA", "#EXT-X-I-FRAMES-ONLY", "#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-PART":
		return false, fmt.Errorf("%w: %s", errPlaylist, tag)
	}
	return false, nil
}

// plainSegmentName is true for the name of a .ts file in the same folder.
func plainSegmentName(name string) bool {
	if len(name) > 255 || strings.HasPrefix(name, ".") || strings.ContainsAny(name, `/\:?#%`) {
		return false
	}
	for _, r := range name {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return false
		}
	}
	return len(name) > 3 && strings.EqualFold(name[len(name)-3:], ".ts")
}

// segmentFile is our name for segment n.
func segmentFile(n int) string { return fmt.Sprintf("seg%05d.ts", n) }

// segmentNumber undoes segmentFile; only its exact form is understood.
func segmentNumber(name string, count int) (int, bool) {
	digits, ok := strings.CutPrefix(name, "seg")
	if !ok {
		return 0, false
	}
	digits, ok = strings.CutSuffix(digits, ".ts")
	if !ok {
		return 0, false
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n < 0 || n >= count || segmentFile(n) != name {
		return 0, false
	}
	return n, true
}

// writePlaylist makes our VOD playlist of the segments.
func writePlaylist(segments []readySegment) []byte {
	longest := 1
	for _, s := range segments {
		longest = max(longest, int(math.Round(s.seconds)))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:%d\n#EXT-X-MEDIA-SEQUENCE:0\n", longest)
	b.WriteString("#EXT-X-PLAYLIST-TYPE:VOD\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-START:TIME-OFFSET=0\n")
	for n, s := range segments {
		if s.discontinuity && n > 0 {
			b.WriteString("#EXT-X-DISCONTINUITY\n")
		}
		fmt.Fprintf(&b, "#EXTINF:%s,\n%s\n", strconv.FormatFloat(s.seconds, 'f', 6, 64), segmentFile(n))
	}
	b.WriteString("#EXT-X-ENDLIST\n")
	return b.Bytes()
}
