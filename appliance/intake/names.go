package intake

import (
	"path"
	"strings"
	"unicode"
)

// Bounds of what is shown of names: a title, and a folder's or file's name
// (255 bytes are the most a file system allows).
const (
	titleRunes = 200
	placeRunes = 1024
)

// titleOfFile makes a title of a file's name: no extension, underscores and
// dots that stand for blanks become blanks.
func titleOfFile(name string) string {
	stem := name
	if ext := path.Ext(name); ext != "" && len(ext) < len(name) && isExtension(ext) {
		stem = name[:len(name)-len(ext)]
	}
	return titleOf(stem)
}

// titleOf makes a title of a name without extension. It is never empty.
func titleOf(name string) string {
	text := cleanText(name, titleRunes*4)
	text = strings.ReplaceAll(text, "_", " ")
	if !strings.Contains(strings.TrimSpace(text), " ") {
		text = dotsToSpaces(text)
	}
	text = strings.Join(strings.Fields(text), " ")
	text = strings.TrimSpace(bound(text, titleRunes))
	if strings.Trim(text, ". ") == "" {
		return "Untitled"
	}
	return text
}

// dotsToSpaces turns the dots of "The.Third.Man.1949" into blanks but keeps
// those between digits ("S01.2.5", "v1.0") and of "…".
func dotsToSpaces(s string) string {
	in := []rune(s)
	out := make([]rune, len(in))
	copy(out, in)
	for i, r := range in {
		if r != '.' || i == 0 || i == len(in)-1 {
			continue
		}
		before, after := in[i-1], in[i+1]
		if before == '.' || after == '.' {
			continue
		}
		if unicode.IsDigit(before) && unicode.IsDigit(after) {
			continue
		}
		out[i] = ' '
	}
	return string(out)
}

// isExtension tells an extension from the end of a name that has a dot in it
// ("Mr. Smith" has none): short, letters and digits only.
func isExtension(ext string) bool {
	if len(ext) < 2 || len(ext) > 6 {
		return false
	}
	letters := false
	for _, r := range ext[1:] {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			letters = true
		case r >= '0' && r <= '9':
		default:
			return false
		}
	}
	return letters || len(ext) == 4 // ".264", ".001"
}

// cleanText makes a name of a stick presentable: valid UTF-8, no control
// characters (line breaks, escapes), no invisible formatting (bidirectional
// overrides can make "exe.4pm" of a name), at most limit runes. What is left
// is text still, not markup: whoever shows it escapes it.
func cleanText(s string, limit int) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if n == limit {
			break
		}
		switch {
		case r == '\t' || r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			r = ' '
		case unicode.IsControl(r):
			continue
		case unicode.Is(unicode.Cf, r) && r != '\u200d' && r != '\u200c': // joiners: emoji, Persian
			continue
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}

// bound cuts to limit runes.
func bound(s string, limit int) string {
	n := 0
	for i := range s {
		if n == limit {
			return s[:i]
		}
		n++
	}
	return s
}
