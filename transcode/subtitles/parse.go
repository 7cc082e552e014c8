package subtitles

import "strings"

// Parse reads a file's text, in whatever of the forms it is. ErrNoCues when
// there are none. Errors never come with cues.
func Parse(text string) ([]Cue, error) {
	if len(text) > 3*MaxBytes { // Latin letters double, others grow to three bytes
		return nil, ErrTooLarge
	}
	var cues []Cue
	switch head := strings.TrimLeft(text, "\ufeff \t\r\n"); {
	case strings.HasPrefix(head, "WEBVTT"):
		cues = parseTimed(head, true)
	case isASS(head):
		cues = parseASS(head)
	default:
		cues = parseTimed(text, false)
	}
	if cues = orderly(cues); len(cues) == 0 {
		return nil, ErrNoCues
	}
	return cues, nil
}

// lines gives a text's lines one by one; CR LF, LF and CR alone end one.
func lines(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for text != "" {
			at := strings.IndexAny(text, "\r\n")
			if at < 0 {
				yield(text)
				return
			}
			line := text[:at]
			if text[at] == '\r' && at+1 < len(text) && text[at+1] == '\n' {
				at++
			}
			text = text[at+1:]
			if !yield(line) {
				return
			}
		}
	}
}
