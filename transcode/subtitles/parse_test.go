package subtitles

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// vttOf is what becomes of a file's text; without the header.
func vttOf(t *testing.T, text string) string {
	t.Helper()
	cues, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	out, err := Write(cues, 0)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimPrefix(string(out), "WEBVTT\n\n")
}

func TestFilesBecomeWebVTT(t *testing.T) {
	const one = "1\n00:00:01,000 --> 00:00:02,500\n"
	const times = "00:00:01.000 --> 00:00:02.500"
	tests := map[string]struct{ text, want string }{
		"SubRip as it should be":                  {one + "Hello\nyou\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n", times + "\nHello\nyou\n\n00:00:03.000 --> 00:00:04.000\nBye\n"},
		"lines end as on Windows and old Macs":    {"1\r\n00:00:01,000 --> 00:00:02,500\r\nHello\r\n\r\n2\r00:00:03,000 --> 00:00:04,000\rBye\r", times + "\nHello\n\n00:00:03.000 --> 00:00:04.000\nBye\n"},
		"no numbers, and no empty line between":   {"00:00:01,000 --> 00:00:02,500\nHello\n00:00:03,000 --> 00:00:04,000\nBye", times + "\nHello\n\n00:00:03.000 --> 00:00:04.000\nBye\n"},
		"an empty line within a text":             {one + "Hello\n\nyou\n\n2\n00:00:03,000 --> 00:00:04,000\nBye\n", times + "\nHello\nyou\n\n00:00:03.000 --> 00:00:04.000\nBye\n"},
		"a text that is a number":                 {one + "1984\n\n2\n00:00:03,000 --> 00:00:04,000\n42\n", times + "\n1984\n\n00:00:03.000 --> 00:00:04.000\n42\n"},
		"points for commas, one digit, no hours":  {"1\n0:01.0-->0:02.5\nHello\n", times + "\nHello\n"},
		"out of order":                            {"2\n00:00:03,000 --> 00:00:04,000\nBye\n\n" + one + "Hello\n", times + "\nHello\n\n00:00:03.000 --> 00:00:04.000\nBye\n"},
		"one that ends before it begins":          {one + "Hello\n\n2\n00:00:04,000 --> 00:00:03,000\nNever\n", times + "\nHello\n"},
		"italics, bold and a colour":              {one + "<i>Hello</i> <B>big</B> <font color=\"#ff0000\">red</font>\n", times + "\n<i>Hello</i> <b>big</b> red\n"},
		"a tag that is never closed":              {one + "<i>Hello\nyou\n", times + "\n<i>Hello</i>\n<i>you</i>\n"},
		"a place above, of ASS":                   {one + `{\an8}Hello` + "\n", times + " line:0\nHello\n"},
		"what only looks like a tag":              {one + "I <3 you & <Music> a --> b {x}\n", times + "\nI &lt;3 you &amp; &lt;Music&gt; a --&gt; b {x}\n"},
		"HTML is text":                            {one + "<script>alert(1)</script><img src=x onerror=y>\n", times + "\n&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=y&gt;\n"},
		"characters written by their names":       {one + "Tom &amp; Jerry &lt;3&nbsp;&copy;\n", times + "\nTom &amp; Jerry &lt;3\u00a0&amp;copy;\n"},
		"control characters":                      {one + "He\x00l\x1blo\u2028you\n", times + "\nHelloyou\n"},
		"WebVTT: names, notes, styles, settings":  {"WEBVTT - a film\nKind: captions\n\nNOTE\n00:00:00.000 --> 00:00:09.000\nno\n\nSTYLE\n::cue{color:red}\n\nname\n00:01.000 --> 00:02.500 align:start line:0 region:x position:10%\n<v Ann>Hello</v> <c.red>you</c>&lrm; <00:01.500>now\n", times + " align:start line:0 position:10%\nHello you\u200e now\n"},
		"WebVTT: an empty line ends a text":       {"WEBVTT\n\n00:01.000 --> 00:02.500\nHello\n\nnot a text\n", times + "\nHello\n"},
		"ASS: styles, overrides, drawings, lines": {assHead + "Style: Top,Arial,20,0,0,0,0,0,-1,0,0,100,100,0,0,1,2,2,8,10,10,10,1\n" + assEvents + `Dialogue: 0,0:00:01.00,0:00:02.50,Top,,0,0,0,,Hello\N{\i0}you{\r}, {\b1}two{comment}{\p1}m 0 0 l 9 9{\p0}` + "\nComment: 0,0:00:01.00,0:00:02.50,Top,,0,0,0,,no\n", times + " line:0\n<i>Hello</i>\nyou<i>, </i><b><i>two</i></b>\n"},
		"ASS: what is said in two layers":         {assHead + assEvents + "Dialogue: 1,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello\nDialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello\n", times + "\nHello\n"},
		"ASS: commas in the text, a place":        {assHead + assEvents + `Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,{\an4\fs20}One, two\hthree` + "\n", times + " line:50% align:left\nOne, two\u00a0three\n"},
		"SSA has other numbers for places":        {"[Script Info]\n[V4 Styles]\nFormat: Name, Bold, Italic, Alignment\nStyle: *Default,0,0,6\n[Events]\nFormat: Marked, Start, End, Style, Text\nDialogue: Marked=0,0:00:01.00,0:00:02.50,*Default,Hello\n", times + " line:0\nHello\n"},
		"Arabic and Hebrew stay as they are":      {one + "\u202bمرحبا، كيف حالك؟\u202c\nשלום, מה שלומך?\n", times + "\n\u202bمرحبا، كيف حالك؟\u202c\nשלום, מה שלומך?\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := vttOf(t, test.text); got != test.want {
				t.Errorf("got\n%q, want\n%q", got, test.want)
			}
		})
	}
}

const (
	assHead = "\ufeff[Script Info]\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\n" +
		"Style: Default,Arial,20,0,0,0,0,0,0,0,0,100,100,0,0,1,2,2,2,10,10,10,1\n"
	assEvents = "\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n"
)

func TestCuesAreShifted(t *testing.T) {
	cues := []Cue{{Start: time.Second, End: 2 * time.Second, Text: "gone"}, {Start: 2 * time.Second, End: 4 * time.Second, Text: "cut"}, {Start: 5 * time.Second, End: 6 * time.Second, Text: "later"}}
	out, err := Write(cues, -2500*time.Millisecond)
	want := "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\ncut\n\n00:00:02.500 --> 00:00:03.500\nlater\n"
	if err != nil || string(out) != want {
		t.Errorf("%q, %v", out, err)
	}
	if _, err := Write(cues, -time.Hour); !errors.Is(err, ErrNoCues) {
		t.Errorf("all before the film: %v", err)
	}
}

func TestFilesWithoutBoundsAreBounded(t *testing.T) {
	for name, text := range map[string]string{
		"a million cues":                 strings.Repeat("0:0,0-->0:1,0\na\n", 600_000),
		"one cue without end":            "0:0,0-->0:1,0\n" + strings.Repeat("a\n", 4<<20),
		"one line without end":           "0:0,0-->0:1,0\n" + strings.Repeat("a<i>", 2<<20),
		"styles without end":             "[Script Info]\n[V4+ Styles]\n" + strings.Repeat("Style: a\n", 800_000) + assEvents + "Dialogue: 0,0:00:01.00,0:00:02.50,Default,,0,0,0,,Hello\n",
		"all at once, each another":      strings.Repeat("0:0,0-->9:0,0\n&<>&<>&<>&<>&<>&<>&<>\n", 200_000),
		"overrides without end":          "0:0,0-->0:1,0\n{" + strings.Repeat(`\i1\an8`, 1<<20) + "}Hello\n",
		"a tag that does not end, often": "0:0,0-->0:1,0\n" + strings.Repeat("<", 4<<20) + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			cues, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			bytes := 0
			for _, c := range cues {
				bytes += len(c.Text)
			}
			if len(cues) > maxCues || bytes > maxKept {
				t.Errorf("%d cues of %d bytes", len(cues), bytes)
			}
			if out, err := Write(cues, 0); err == nil && len(out) > maxWritten+maxCueText*8 {
				t.Errorf("%d bytes written", len(out))
			}
		})
	}
}

func TestNothingIsSaid(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "no times": "Hello\nyou\n", "only markup": "0:0,0-->0:1,0\n<i></i>\n", "WebVTT without cues": "WEBVTT\n\nNOTE x\n",
		"ASS without events": assHead, "times that are none": "99:99:99,9 --> 1:2:3:4:5\nHello\n",
	} {
		if cues, err := Parse(text); !errors.Is(err, ErrNoCues) {
			t.Errorf("%s: %d cues, %v", name, len(cues), err)
		}
	}
	if _, err := Parse(strings.Repeat("a", 3*MaxBytes+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("larger than any: %v", err)
	}
}
