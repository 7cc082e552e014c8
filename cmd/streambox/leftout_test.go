package main

import (
	"testing"

	"streambox.local/transcode"
)

func TestWhatAFolderDoesNotHaveIsSaid(t *testing.T) {
	sounds := []transcode.Audio{{Language: "de"}, {Language: "en", Default: true}, {}}
	words := []transcode.Subtitle{{Language: "fr", Forced: true}}
	for _, tt := range []struct {
		sentence string
		media    transcode.Media
		track    int
		want     string
	}{
		{"one sound, nothing else", transcode.Media{Audio: sounds[:1]}, 0, ""},
		{"a silent film", transcode.Media{}, -1, ""},
		{"two further languages, of which one is known", transcode.Media{Audio: sounds}, 1, "2 further sound tracks (de)"},
		{"one of everything", transcode.Media{Audio: sounds[:2], Subtitles: words, Chapters: []transcode.Chapter{{}}}, 1, "1 further sound track (de), 1 subtitle track (fr), chapters"},
		{"sound that this machine cannot decode", transcode.Media{Audio: sounds[:1]}, -1, "1 sound track (de)"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			if got := leftOut(tt.media, tt.track); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			m := made{file: "a.mkv", dir: "a", segments: 3, rung: transcode.Convert, left: leftOut(tt.media, tt.track)}
			want := "a.mkv → a (3 segments, converted)"
			if tt.want != "" {
				want += "; not in the folder: " + tt.want + " (the box offers them when it has the film itself)"
			}
			if got := m.String(); got != want {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}
