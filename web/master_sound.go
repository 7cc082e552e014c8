package web

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
)

// soundGroup is the one group of sound that a multivariant playlist has.
const soundGroup = "sound"

// soundMedia is EXT-X-MEDIA for a title's sound tracks, "" where there is nothing
// to choose. The first is in the rendition with the picture and has no URI
// (RFC 8216, 4.3.4.2.1): whatever language somebody hears, the picture is the same
// rendition for all, which phones share. The others are renditions of sound
// alone, cut at the same places.
func soundMedia(t library.Title) string {
	var b strings.Builder
	taken := map[string]bool{}
	alternates := 0
	for _, a := range t.Audio {
		rendition := path.Base(path.Dir(a.Playlist))
		if !a.Default && !library.ValidRendition(rendition) {
			continue
		}
		fmt.Fprintf(&b, "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=%s,NAME=%s", quoted(soundGroup), quoted(soundName(a, taken)))
		if a.Language != "" {
			b.WriteString(",LANGUAGE=" + quoted(a.Language))
		}
		if a.Default {
			b.WriteString(",DEFAULT=YES,AUTOSELECT=YES")
		} else {
			b.WriteString(",DEFAULT=NO,AUTOSELECT=YES")
		}
		if a.Channels > 0 {
			b.WriteString(",CHANNELS=" + quoted(strconv.Itoa(a.Channels)))
		}
		if !a.Default {
			alternates++
			b.WriteString(",URI=" + quoted(rendition+"/index.m3u8"))
		}
		b.WriteString("\n")
	}
	if alternates == 0 {
		return ""
	}
	return b.String()
}

// soundName is what native players call a track: as the film does, else by the
// code of its language, which some of them know to translate. No two tracks of a
// group may have the same (4.3.4.1.1).
func soundName(a library.AudioTrack, taken map[string]bool) string {
	number := strconv.Itoa(a.N + 1)
	name := strings.TrimSpace(plain(a.Name, mostNameRunes))
	switch {
	case name != "":
	case a.Language != "":
		name = a.Language
	default:
		name = "Sound " + number
	}
	for taken[name] {
		name += " (" + number + ")"
	}
	taken[name] = true
	return name
}

// quoted is a quoted-string of a playlist (4.2), which has no escapes: what it
// cannot hold is not there.
func quoted(text string) string { return `"` + plain(text, 2*mostNameRunes) + `"` }

// mostNameRunes keeps a playlist's lines readable for players that bound them.
const mostNameRunes = 120

func plain(text string, most int) string {
	n := 0
	return strings.Map(func(r rune) rune {
		n++
		switch {
		case n > most:
			return -1
		case r == '"':
			return '\''
		case r < ' ', r >= 0x7f && r < 0xa0, r == '\u2028', r == '\u2029', r == '\ufffd':
			return ' '
		}
		return r
	}, text)
}
