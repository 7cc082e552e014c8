package main

import (
	"fmt"
	"strings"

	"streambox.local/transcode"
)

// leftOut says what of a film its folder does not have: a folder is one picture
// with one sound. track is the sound that it has, by its position; -1: none.
func leftOut(m transcode.Media, track int) string {
	var sounds, subtitles []string
	for i, s := range m.Audio {
		if i != track {
			sounds = append(sounds, s.Language)
		}
	}
	for _, s := range m.Subtitles {
		subtitles = append(subtitles, s.Language)
	}
	further := "further sound"
	if track < 0 {
		further = "sound"
	}
	return list(
		tracks(further+" track", further+" tracks", sounds),
		tracks("subtitle track", "subtitle tracks", subtitles),
		when(len(m.Chapters) > 0, "chapters"),
	)
}

// tracks counts them, with the languages that are known.
func tracks(one, many string, languages []string) string {
	if len(languages) == 0 {
		return ""
	}
	text := fmt.Sprintf("%d %s", len(languages), many)
	if len(languages) == 1 {
		text = "1 " + one
	}
	var known []string
	for _, l := range languages {
		if l != "" {
			known = append(known, l)
		}
	}
	if len(known) == 0 {
		return text
	}
	return text + " (" + strings.Join(known, " ") + ")"
}
