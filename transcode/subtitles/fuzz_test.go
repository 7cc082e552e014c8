package subtitles

import (
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

var onlyOurTags = regexp.MustCompile(`^([^<>&]|</?[biu]>|&amp;|&lt;|&gt;)*$`)

// wellFormed holds cues against what a browser and a later reader rely on.
func wellFormed(t *testing.T, cues []Cue) {
	t.Helper()
	last := time.Duration(0)
	for _, c := range cues {
		if c.End <= c.Start || c.Start < last && last > 0 {
			t.Fatalf("out of order: %v to %v after %v", c.Start, c.End, last)
		}
		last = c.Start
		if !utf8.ValidString(c.Text) || !onlyOurTags.MatchString(c.Text) {
			t.Fatalf("markup of a stranger: %q", c.Text)
		}
		for line := range strings.SplitSeq(c.Text, "\n") {
			if strings.TrimSpace(line) == "" || strings.ContainsAny(line, "\r\x00") {
				t.Fatalf("a line that ends the cue: %q", c.Text)
			}
			for _, tag := range "biu" {
				if strings.Count(line, "<"+string(tag)+">") != strings.Count(line, "</"+string(tag)+">") {
					t.Fatalf("not closed: %q", line)
				}
			}
		}
		if strings.ContainsAny(c.Settings, "\n<>") || strings.Contains(c.Settings, arrow) {
			t.Fatalf("settings: %q", c.Settings)
		}
	}
	out, err := Write(cues, 0)
	if err != nil {
		return
	}
	if again, err := Parse(string(out)); err != nil || len(again) > len(cues) {
		t.Fatalf("%d cues are read back of %d: %v", len(again), len(cues), err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i> {\\an8}you &amp; I <3\n\n2\n00:00:03,000 --> 00:00:04,000\n--> no\n",
		"WEBVTT\n\nNOTE x\n\n00:01.000 --> 00:02.500 line:0 position:10%\n<v Ann>Hello</v>\n",
		assHead + "Style: Top,Arial,20,0,0,0,0,0,-1,0,0,100,100,0,0,1,2,2,8,10,10,10,1\n" + assEvents + "Dialogue: 0,0:00:01.00,0:00:02.50,Top,,0,0,0,,{\\p1}m 0 0{\\p0}{\\rTop}a\\N\\h{\\b1\n",
		"\xff\xfe1\x00\n\x000\x00:\x000\x00", "\xfe\xff", "\xef\xbb\xbf[Events]\nDialogue: ", "\x00\x00\x00\x00\x00\x00", "\x1b$B\x1b(B --> ",
	} {
		f.Add([]byte(seed), "")
		f.Add([]byte(seed), "ja")
	}
	f.Fuzz(func(t *testing.T, data []byte, language string) {
		text, _ := Decode(data, language)
		if !utf8.ValidString(text) {
			t.Fatalf("no UTF-8: %q", text)
		}
		cues, err := Parse(text)
		if err == nil {
			wellFormed(t, cues)
		}
	})
}
