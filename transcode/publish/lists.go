package publish

import (
	"encoding/hex"
	"fmt"
	"math"
	"strconv"
)

// lists are the lines of playlist and hashes.json, made once per segment. A
// copy of it stays as it is while the original goes on: it only appends.
type lists struct {
	playlistLines []byte
	hashLines     []byte
	most          float64 // seconds of the longest segment
	manifest      Manifest
}

func (l *lists) count() int { return len(l.manifest.SegmentBytes) }

func (l *lists) add(e entry) {
	name := segmentName(l.count())
	if e.anew {
		l.playlistLines = append(l.playlistLines, "#EXT-X-DISCONTINUITY\n"...)
	}
	l.playlistLines = fmt.Appendf(l.playlistLines, "#EXTINF:%.6f,\n%s\n", e.seconds, name)
	if l.count() > 0 {
		l.hashLines = append(l.hashLines, ",\n"...)
	}
	// Names and digests hold nothing that JSON would have to escape.
	l.hashLines = fmt.Appendf(l.hashLines, `{"name":"%s","sha256":"%s","bytes":%d,"seconds":%.6f`, name, hex.EncodeToString(e.digest[:]), e.bytes, e.seconds)
	if e.anew {
		l.hashLines = append(l.hashLines, `,"discontinuity":true`...)
	}
	l.hashLines = append(l.hashLines, '}')
	l.most = max(l.most, e.seconds)
	l.manifest.SegmentBytes = append(l.manifest.SegmentBytes, e.bytes)
	l.manifest.TotalBytes += e.bytes
	l.manifest.DurationSeconds += e.seconds
}

func (l *lists) hashes() []byte {
	out := append([]byte(`{"schema":1,"segments":[`+"\n"), l.hashLines...)
	return append(out, "\n]}\n"...)
}

// playlist renders index.m3u8. Version 3 is for the fractions in EXTINF; the
// other tags ask for no more. Its end changes nothing but to add ENDLIST: a
// client may hold the playlist from before, and RFC 8216 (6.2.1) lets neither
// type nor TARGETDURATION change. Should a segment be longer than most, against
// what was promised, the tag follows it all the same: a player that meets a
// longer segment than announced may stop, one that meets a changed tag does not.
// lead is that of Begin.
func (l *lists) playlist(most, lead float64, whole bool) []byte {
	target := math.Round(max(most, l.most))
	out := []byte("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:" + strconv.Itoa(max(int(target), 1)) +
		"\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:EVENT" +
		"\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-START:TIME-OFFSET=")
	if lead > 0 {
		out = fmt.Appendf(out, "%.6f,PRECISE=YES\n", lead)
	} else {
		out = append(out, "0\n"...)
	}
	out = append(out, l.playlistLines...)
	if whole {
		out = append(out, "#EXT-X-ENDLIST\n"...)
	}
	return out
}
