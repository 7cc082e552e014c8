package subtitles

import (
	"strings"
	"unicode"
)

// style is a set of what is kept of styling.
type style uint8

const (
	bold style = 1 << iota
	italic
	underline
)

// run is text of one style, in one line.
type run struct {
	text  string
	style style
}

// writing gathers a cue's text and gives it out as WebVTT.
type writing struct {
	lines [][]run
	style style
	place int // as on a telephone's keys upside down (\an): 1 below left … 9 above right; 0: not told
	bytes int
}

// add takes text as it is meant, no markup in it.
func (w *writing) add(text string) {
	text = strings.Map(printable, text)
	if over := w.bytes + len(text) - maxCueText; over > 0 {
		text = strings.ToValidUTF8(text[:max(0, len(text)-over)], "")
	}
	if text == "" {
		return
	}
	w.bytes += len(text)
	if len(w.lines) == 0 {
		w.lines = append(w.lines, nil)
	}
	line := &w.lines[len(w.lines)-1]
	if n := len(*line); n > 0 && (*line)[n-1].style == w.style {
		(*line)[n-1].text += text
		return
	}
	*line = append(*line, run{text, w.style})
}

// newline begins a line; empty ones do not count.
func (w *writing) newline() {
	if len(w.lines) > 0 && len(w.lines[len(w.lines)-1]) > 0 && w.bytes < maxCueText {
		w.bytes++
		w.lines = append(w.lines, nil)
	}
}

// set turns a style on or off.
func (w *writing) set(s style, on bool) {
	if on {
		w.style |= s
	} else {
		w.style &^= s
	}
}

// printable drops what is no text: control characters, among them line breaks,
// and marks of byte order. Marks of direction stay.
func printable(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r == '\ufeff', r == '\u2028', r == '\u2029', unicode.IsControl(r):
		return -1
	}
	return r
}

// markup is the text as WebVTT; "" when nothing is to be seen. Each line closes
// what it opens.
func (w *writing) markup() string {
	var b strings.Builder
	for _, line := range w.lines {
		if blank(line) {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		for i, r := range line {
			text := r.text
			if i == 0 {
				text = strings.TrimLeft(text, " ")
			}
			if i == len(line)-1 {
				text = strings.TrimRight(text, " ")
			}
			if text != "" {
				open(&b, r.style)
				_, _ = escaper.WriteString(&b, text) // a Builder takes everything
				closed(&b, r.style)
			}
		}
	}
	return b.String()
}

func blank(line []run) bool {
	for _, r := range line {
		if strings.TrimSpace(r.text) != "" {
			return false
		}
	}
	return true
}

// escaper makes text of what would be markup; "-->" cannot be left either.
var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// tags, from the outside to the inside.
var tags = []struct {
	style style
	name  string
}{{bold, "b"}, {italic, "i"}, {underline, "u"}}

func open(b *strings.Builder, s style) {
	for _, t := range tags {
		if s&t.style != 0 {
			b.WriteString("<" + t.name + ">")
		}
	}
}

func closed(b *strings.Builder, s style) {
	for i := range tags {
		if t := tags[len(tags)-1-i]; s&t.style != 0 {
			b.WriteString("</" + t.name + ">")
		}
	}
}

// settings places a cue; below in the middle is what players do anyway.
func settings(place int) string {
	if place < 1 || place > 9 {
		return ""
	}
	var list []string
	switch (place - 1) / 3 {
	case 1:
		list = append(list, "line:50%")
	case 2:
		list = append(list, "line:0")
	}
	switch place % 3 {
	case 1:
		list = append(list, "align:left")
	case 0:
		list = append(list, "align:right")
	}
	return strings.Join(list, " ")
}
