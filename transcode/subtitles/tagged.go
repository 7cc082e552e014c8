package subtitles

import "strings"

// tagged adds a line of SubRip or WebVTT: text with tags of HTML's kind and, in
// SubRip (overrides), what people have left there of ASS. What only looks like a
// tag ("I <3 you") is text.
func (w *writing) tagged(line string, overrides bool) {
	for line != "" {
		at := strings.IndexAny(line, `<&{\`)
		if at < 0 {
			w.add(line)
			return
		}
		w.add(line[:at])
		line = line[at:]
		n := 0
		switch line[0] {
		case '<':
			n = w.tag(line)
		case '&':
			n = w.entity(line)
		case '{':
			if overrides && strings.HasPrefix(line, `{\`) {
				if n = strings.IndexByte(line, '}') + 1; n > 0 {
					w.override(line[1:n-1], 0, nil)
				}
			}
		case '\\':
			if overrides {
				n = w.escape(line)
			}
		}
		if n == 0 {
			n = 1
			w.add(line[:1])
		}
		line = line[n:]
	}
}

const longestTag = 300

// tag takes a tag and returns its length; 0 when it is none.
func (w *writing) tag(line string) int {
	end := strings.IndexByte(line[:min(len(line), longestTag)], '>')
	if end < 2 {
		return 0
	}
	name := line[1:end]
	name, closing := strings.CutPrefix(name, "/")
	if at := strings.IndexAny(name, " \t.=/"); at >= 0 {
		name = name[:at]
	}
	switch strings.ToLower(name) {
	case "i", "em":
		w.set(italic, !closing)
	case "b", "strong":
		w.set(bold, !closing)
	case "u":
		w.set(underline, !closing)
	case "br", "p":
		w.newline()
	case "font", "s", "strike", "c", "v", "lang", "ruby", "rt", "span", "div":
	default:
		if _, isTime := clock(line[1:end]); !isTime { // when a word of karaoke is due
			return 0
		}
	}
	return end + 1
}

var entities = map[string]string{
	"amp": "&", "lt": "<", "gt": ">", "quot": `"`, "apos": "'", "#39": "'", "nbsp": "\u00a0", "lrm": "\u200e", "rlm": "\u200f",
}

// entity takes a character written by its name; 0 when it is none.
func (w *writing) entity(line string) int {
	const longest = len("&nbsp;")
	end := strings.IndexByte(line[:min(len(line), longest)], ';')
	if end < 0 {
		return 0
	}
	text, known := entities[line[1:end]]
	if !known {
		return 0
	}
	w.add(text)
	return end + 1
}

// escape takes what ASS writes for a line's end and for a blank that does not break.
func (w *writing) escape(text string) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case 'N':
		w.newline()
	case 'h':
		w.add("\u00a0")
	default:
		return 0
	}
	return 2
}

// override takes a block of ASS, without its braces: "\an8\i1". What stands before
// the first command is a comment. base is the text's own style, to which \r
// returns, looks are those that it may name; nil: none. It returns whether
// drawing is on, if the block says so.
func (w *writing) override(block string, base style, looks map[string]look) (drawing, told bool) {
	_, commands, _ := strings.Cut(block, `\`)
	for one := range strings.SplitSeq(commands, `\`) {
		name := strings.TrimRight(one, "0123456789 ") // "an8": the name has no digits of its own, but for 1c, 2c … which are left out
		value := strings.TrimSpace(one[len(name):])
		switch name {
		case "i":
			w.set(italic, value == "1")
		case "b":
			w.set(bold, value != "" && value != "0" && (len(value) < 3 || value >= "600"))
		case "u":
			w.set(underline, value == "1")
		case "an":
			if w.place == 0 && len(value) == 1 {
				w.place = int(value[0] - '0')
			}
		case "a":
			if w.place == 0 {
				w.place = oldPlace(value)
			}
		case "p":
			drawing, told = value != "" && value != "0", true
		default:
			if named, known := looks[strings.TrimPrefix(strings.TrimSpace(one), "r")]; known && one[0] == 'r' {
				w.style = named.style
			} else if strings.TrimSpace(one) == "r" {
				w.style = base
			}
		}
	}
	return drawing, told
}

// oldPlace reads SSA's alignment: 1–3 below, 5–7 above, 9–11 in the middle.
func oldPlace(value string) int {
	switch value {
	case "1", "2", "3":
		return int(value[0] - '0')
	case "5", "6", "7":
		return int(value[0]-'0') + 2
	case "9":
		return 4
	case "10":
		return 5
	case "11":
		return 6
	}
	return 0
}
