package subtitles

import (
	"regexp"
	"slices"
	"strings"
)

// parseTimed reads SubRip and WebVTT: what makes a cue is its line of times. In
// SubRip an empty line within a text is common, and does not end it: only another
// line of times does, of which the number before it is not text.
func parseTimed(text string, vtt bool) []Cue {
	out := gathering()
	var now Cue
	var said []string
	inside, note := false, false
	end := func() (room bool) {
		room = true
		if inside {
			now.finish(said, vtt)
			room = out.add(now)
		}
		inside, said = false, said[:0]
		return room
	}
	for line := range lines(text) {
		line = strings.TrimRight(line, " \t\x00")
		start, stop, rest, ok := timing(line)
		switch {
		case ok && !note:
			if !vtt {
				said = withoutNumber(said)
			}
			if !end() {
				return out.cues
			}
			now, inside = Cue{Start: start, End: stop}, true
			if vtt {
				now.Settings = vttSettings(rest)
			}
		case vtt && line == "":
			note = false
			if !end() {
				return out.cues
			}
		case vtt && !inside: // the header, an identifier, a comment, a style
			note = note || strings.HasPrefix(line, "NOTE") || strings.HasPrefix(line, "STYLE") || strings.HasPrefix(line, "REGION")
		case inside && len(said) < maxCueText:
			said = append(said, line)
		}
	}
	end()
	return out.cues
}

// withoutNumber drops the number of the cue that follows, and the empty lines before it.
func withoutNumber(said []string) []string {
	n := len(said)
	for n > 0 && said[n-1] == "" {
		n--
	}
	if n > 0 && isNumber(said[n-1]) && (n == 1 || said[n-2] == "") {
		n--
	}
	return said[:n]
}

func isNumber(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && len(line) < 10 && strings.Trim(line, "0123456789") == ""
}

// finish turns a cue's lines into its text.
func (c *Cue) finish(said []string, vtt bool) {
	w := &writing{}
	for _, line := range said {
		w.tagged(line, !vtt)
		w.newline()
	}
	c.Text = w.markup()
	if !vtt {
		c.Settings = settings(w.place)
	}
}

// The settings of WebVTT that are passed on; regions are not, which are styled
// in a part of the file that is left out.
var vttSetting = regexp.MustCompile(`^(line:-?\d{1,3}(\.\d{1,3})?%?(,(start|center|end))?` +
	`|position:\d{1,3}(\.\d{1,3})?%(,(line-left|center|line-right))?|size:\d{1,3}(\.\d{1,3})?%` +
	`|align:(start|center|middle|end|left|right)|vertical:(rl|lr))$`)

func vttSettings(rest string) string {
	if len(rest) > 200 {
		return ""
	}
	list := slices.DeleteFunc(strings.Fields(rest), func(one string) bool { return !vttSetting.MatchString(one) })
	return strings.ReplaceAll(strings.Join(list, " "), "align:middle", "align:center")
}
