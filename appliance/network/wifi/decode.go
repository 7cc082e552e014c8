package wifi

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// text makes text of a file's bytes: UTF-8, or UTF-16 with a byte order mark or
// recognized by the zeros that Latin letters have in it. ok is false for what is neither.
func text(data []byte) (s string, ok bool) {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return wide(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return wide(data[2:], binary.BigEndian)
	case len(data) >= 2 && data[0] != 0 && data[1] == 0:
		return wide(data, binary.LittleEndian)
	case len(data) >= 2 && data[0] == 0 && data[1] != 0:
		return wide(data, binary.BigEndian)
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	return string(data), utf8.Valid(data) && bytes.IndexByte(data, 0) < 0
}

func wide(data []byte, order binary.ByteOrder) (s string, ok bool) {
	units := make([]uint16, 0, len(data)/2)
	for ; len(data) >= 2; data = data[2:] {
		units = append(units, order.Uint16(data))
	}
	s = string(utf16.Decode(units))
	return s, len(data) == 0 && !strings.ContainsAny(s, "\x00\ufffd")
}

// lines splits at the line ends of Unix, Windows and old Macs.
func lines(s string) []string {
	return strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s), "\n")
}

// quotes are the pairs that people and their programs put around a value.
var quotes = [][2]string{{`"`, `"`}, {"'", "'"}, {"“", "”"}, {"„", "“"}, {"„", "”"}, {"‘", "’"}, {"‚", "‘"}, {"«", "»"}, {"»", "«"}, {"”", "”"}, {"’", "’"}}

// trimmed is a value without the spaces around it, and without quotes around that.
// Spaces that are meant stand within quotes.
func trimmed(s string) string {
	s = strings.TrimFunc(s, isBlank)
	for _, q := range quotes {
		if len(s) >= len(q[0])+len(q[1]) && strings.HasPrefix(s, q[0]) && strings.HasSuffix(s, q[1]) {
			return s[len(q[0]) : len(s)-len(q[1])]
		}
	}
	return s
}

// isBlank: also the no-break space, and the mark that ends up inside a file when two are joined.
func isBlank(r rune) bool {
	return r == ' ' || r == '\t' || r == '\u00a0' || r == '\ufeff' || r == '\u200b'
}
