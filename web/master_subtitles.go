package web

import (
	"context"
	"io"
	"path"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
)

// subtitleGroup is what the renditions of subtitles are called together.
const subtitleGroup = "subtitles"

// subtitleMedia are the EXT-X-MEDIA lines of a title's subtitles; "" where there
// are none. None is on by itself but the forced ones: players ask their owners.
// at is as in ?at= of subtitles.
func subtitleMedia(t library.Title, at int64) string {
	var b strings.Builder
	names := map[string]bool{}
	for _, s := range t.Subtitles {
		if s.URL == "" {
			continue
		}
		b.WriteString(`#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="` + subtitleGroup + `",NAME=` + quoted(freeName(names, s)))
		if s.Language != "" {
			b.WriteString(",LANGUAGE=" + quoted(s.Language))
		}
		b.WriteString(",DEFAULT=NO,AUTOSELECT=YES")
		switch s.Kind {
		case "forced":
			b.WriteString(",FORCED=YES")
		case "sdh":
			b.WriteString(`,CHARACTERISTICS="public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound"`)
		}
		uri := subtitleGroup + "/" + strings.TrimSuffix(path.Base(s.URL), ".vtt") + ".m3u8"
		if at >= 0 {
			uri += "?at=" + strconv.FormatInt(at, 10)
		}
		b.WriteString(",URI=" + quoted(uri) + "\n")
	}
	return b.String()
}

// freeName is a track's name; no two in a group may have the same.
func freeName(taken map[string]bool, s library.SubtitleTrack) string {
	name := strings.TrimSpace(plain(s.Name, mostNameRunes))
	if name == "" {
		name = s.Language
	}
	if name == "" {
		name = "Subtitles"
	}
	if s.Kind == "forced" || s.Kind == "sdh" {
		name += " (" + s.Kind + ")"
	}
	free := name
	for n := 2; taken[free]; n++ {
		free = name + " " + strconv.Itoa(n)
	}
	taken[free] = true
	return free
}

// filmBegins is the MPEG-TS time of a rendition's first picture; -1: not known.
// A rendition made on request knows it; of others the first segment's beginning is read.
func filmBegins(ctx context.Context, src library.Source, entries []playlistEntry) int64 {
	if timed, ok := src.(library.Timed); ok {
		return timed.FirstTicks()
	}
	if len(entries) == 0 {
		return -1
	}
	segment, err := src.Segment(ctx, entries[0].name)
	if err != nil {
		return -1
	}
	defer func() { _ = segment.Close() }() // was only read
	head, err := io.ReadAll(io.LimitReader(segment, firstTimeBytes))
	if err != nil {
		return -1
	}
	return firstPicture(head)
}

const (
	firstTimeBytes = 256 << 10 // the first picture begins long before
	tsPacket       = 188
)

// firstPicture finds the presentation time of the first picture of MPEG-TS; -1: there is none.
func firstPicture(data []byte) int64 {
	for ; len(data) >= tsPacket; data = data[tsPacket:] {
		p := data[:tsPacket]
		if p[0] != 0x47 {
			return -1
		}
		if p[1]&0x40 == 0 || p[3]&0x10 == 0 { // no beginning of a unit, no payload
			continue
		}
		at := 4
		if p[3]&0x20 != 0 {
			at += 1 + int(p[4])
		}
		if at+14 > tsPacket {
			continue
		}
		pes := p[at:]
		video := pes[0] == 0 && pes[1] == 0 && pes[2] == 1 && pes[3]&0xf0 == 0xe0
		if !video || pes[7]&0x80 == 0 { // of a picture, with a time
			continue
		}
		return int64(pes[9]&0x0e)<<29 | int64(pes[10])<<22 | int64(pes[11]&0xfe)<<14 | int64(pes[12])<<7 | int64(pes[13])>>1
	}
	return -1
}
