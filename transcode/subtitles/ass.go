package subtitles

import (
	"slices"
	"strings"
)

// isASS tells Sub Station Alpha by its sections.
func isASS(head string) bool {
	head = strings.ToLower(head[:min(len(head), 4<<10)])
	return strings.HasPrefix(head, "[script info]") || strings.Contains(head, "\n[events]") || strings.HasPrefix(head, "[events]") ||
		strings.Contains(head, "\n[v4+ styles]") || strings.Contains(head, "\n[v4 styles]")
}

// look is what is kept of a style.
type look struct {
	style style
	place int
}

const maxLooks = 1000

// script is what is known of a script of ASS when its events are read.
type script struct {
	section string
	old     bool // SSA: other numbers for places
	columns []string
	looks   map[string]look
}

// The columns of a script that does not name them.
var (
	eventColumns = strings.Split("layer,start,end,style,name,marginl,marginr,marginv,effect,text", ",")
	styleColumns = strings.Split("name,fontname,fontsize,primarycolour,secondarycolour,outlinecolour,backcolour,bold,italic,"+
		"underline,strikeout,scalex,scaley,spacing,angle,borderstyle,outline,shadow,alignment", ",")
)

func parseASS(text string) []Cue {
	s := script{looks: map[string]look{}}
	out := gathering()
	for line := range lines(text) {
		values := s.line(line)
		if values == nil {
			continue
		}
		start, ok := clock(strings.TrimSpace(s.column(values, "start")))
		end, ok2 := clock(strings.TrimSpace(s.column(values, "end")))
		if !ok || !ok2 {
			continue
		}
		c := s.event(s.column(values, "style"), s.column(values, "text"))
		c.Start, c.End = start, end
		if !out.add(c) {
			break
		}
	}
	return out.cues
}

// line reads a line of a script; the values of a dialogue come back.
func (s *script) line(line string) []string {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "[") {
		s.section, s.columns = strings.ToLower(line), nil
		switch s.section {
		case "[v4 styles]":
			s.old = true
			s.columns = styleColumns
		case "[v4+ styles]":
			s.columns = styleColumns
		case "[events]":
			s.columns = eventColumns
		}
		return nil
	}
	kind, rest, _ := strings.Cut(line, ":")
	switch strings.ToLower(kind) {
	case "format":
		if len(rest) < 1000 {
			s.columns = strings.Split(strings.ReplaceAll(strings.ToLower(rest), " ", ""), ",")
		}
	case "style":
		if s.section != "[events]" && len(s.looks) < maxLooks {
			s.addLook(strings.SplitN(rest, ",", max(1, len(s.columns))))
		}
	case "dialogue":
		if s.section == "[events]" {
			return strings.SplitN(strings.TrimLeft(rest, " "), ",", max(1, len(s.columns)))
		}
	}
	return nil
}

// column is the value of that name; "" where there is none.
func (s *script) column(values []string, name string) string {
	if at := slices.Index(s.columns, name); at >= 0 && at < len(values) {
		return values[at]
	}
	return ""
}

func (s *script) addLook(values []string) {
	is := func(name string) bool {
		v := strings.TrimSpace(s.column(values, name))
		return v != "" && v != "0"
	}
	var l look
	for name, one := range map[string]style{"bold": bold, "italic": italic, "underline": underline} {
		if is(name) {
			l.style |= one
		}
	}
	switch at := strings.TrimSpace(s.column(values, "alignment")); {
	case s.old:
		l.place = oldPlace(at)
	case len(at) == 1:
		l.place = int(at[0] - '0')
	}
	s.looks[styleName(s.column(values, "name"))] = l
}

// styleName: old programs put a star before the name.
func styleName(name string) string { return strings.TrimLeft(strings.TrimSpace(name), "*") }

// event makes a cue of a dialogue's text, without times.
func (s *script) event(styleOf, text string) Cue {
	own := s.looks[styleName(styleOf)]
	w := &writing{style: own.style}
	drawing := false
	say := func(text string) {
		if !drawing {
			w.add(text)
		}
	}
	for text != "" {
		at := strings.IndexAny(text, `{\`)
		if at < 0 {
			say(text)
			break
		}
		say(text[:at])
		text = text[at:]
		var n int
		if text[0] == '{' {
			if n = strings.IndexByte(text, '}') + 1; n > 0 {
				if on, told := w.override(text[1:n-1], own.style, s.looks); told {
					drawing = on
				}
			}
		} else if n = w.escape(text); n == 0 && strings.HasPrefix(text, `\n`) {
			say(" ")
			n = 2
		}
		if n == 0 {
			say(text[:1])
			n = 1
		}
		text = text[n:]
	}
	if w.place == 0 {
		w.place = own.place
	}
	return Cue{Text: w.markup(), Settings: settings(w.place)}
}
