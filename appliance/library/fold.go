package library

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Letters that are one piece in Unicode, so that no normal form takes them apart.
var foldedLetters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ς': "σ",
}

// fold makes texts comparable: lower case, without accents, every run of
// spaces and punctuation one space. "Amélie_(2001)" becomes "amelie 2001".
// Only accents go: the vowel signs of Indic scripts and Thai are marks too,
// and without them other words would remain.
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range norm.NFKD.String(s) {
		r = unicode.ToLower(r)
		switch {
		case isAccent(r):
			continue
		case unicode.IsSpace(r), unicode.IsPunct(r), unicode.IsSymbol(r), unicode.IsControl(r):
			space = true
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		if letters, ok := foldedLetters[r]; ok {
			b.WriteString(letters)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isAccent(r rune) bool {
	return r >= 0x0300 && r <= 0x036f || // combining diacritical marks
		r >= 0x0591 && r <= 0x05c7 && unicode.Is(unicode.Mn, r) || // Hebrew points
		r >= 0x064b && r <= 0x065f || r == 0x0670 // Arabic vowel signs
}

// Bytes below every letter, in the order in which they sort.
const (
	endOfFolder  = "\x00" // a folder's own films come before those of the folders in it
	folderBreak  = "\x01"
	numberMarker = 0x03
	longestRun   = 250
)

// naturalKey returns a key whose order as bytes is the order a person expects:
// 2 before 10, case and accents make no difference.
func naturalKey(s string) string {
	s = fold(s)
	var b strings.Builder
	b.Grow(len(s) + 8)
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == ' ':
			b.WriteByte(0x02) // below numbers and letters: "Film 2" stands before "Filma"
			i++
		case c >= '0' && c <= '9':
			end := i
			for end < len(s) && s[end] >= '0' && s[end] <= '9' && end-i < longestRun {
				end++
			}
			digits := strings.TrimLeft(s[i:end], "0")
			b.WriteByte(numberMarker)
			b.WriteByte(byte(len(digits))) //nolint:gosec // G115: at most longestRun
			b.WriteString(digits)
			i = end
		default:
			b.WriteByte(c)
			i++
		}
	}
	return b.String()
}

// folderKey is the natural key of a slash-separated folder.
func folderKey(folder string) string {
	if folder == "" {
		return endOfFolder
	}
	parts := strings.Split(folder, "/")
	for i, part := range parts {
		parts[i] = naturalKey(part)
	}
	return folderBreak + strings.Join(parts, folderBreak) + endOfFolder
}

// maxSearchBytes bounds the work one request can ask for.
const maxSearchBytes = 256

// searchWords takes a query apart into what must occur.
func searchWords(q string) []string {
	if len(q) > maxSearchBytes {
		q = strings.ToValidUTF8(q[:maxSearchBytes], "")
	}
	return strings.Fields(fold(q))
}

// containsAll tells whether a folded text has every word.
func containsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
