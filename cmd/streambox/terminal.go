package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/sys/unix"
)

// terminal is standard output or error, and what may be written to it.
type terminal struct {
	out    io.Writer
	isTTY  bool // a person looks at it: redraw lines, show a QR code
	colour bool
	size   func() int // columns now; nil: 80
}

func newTerminal(file *os.File, getenv func(string) string) *terminal {
	_, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	t := &terminal{out: file, isTTY: err == nil && getenv("TERM") != "dumb"}
	t.size = func() int {
		size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
		if err != nil {
			return 0
		}
		return int(size.Col)
	}
	t.colour = t.isTTY && getenv("NO_COLOR") == ""
	return t
}

// Write is the plain way through.
func (t *terminal) Write(p []byte) (int, error) { return t.out.Write(p) }

// linef writes one line. That nobody reads it any more is no reason to fail.
func (t *terminal) linef(format string, args ...any) {
	_, _ = fmt.Fprintf(t.out, format+"\n", args...)
}

// columns is how wide the terminal is now.
func (t *terminal) columns() int {
	if t.size != nil {
		if n := t.size(); n > 0 {
			return n
		}
	}
	return 80
}

// printable makes untrusted text safe to show: control characters, what turns
// the direction of writing around, and bytes that are no UTF-8 become U+FFFD.
// The joiner inside emoji stays.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\u200d' {
			return r
		}
		return utf8.RuneError
	}, text)
}

// fit shortens text to a number of columns, in the middle, where names of
// episodes differ least. Wide characters count two.
func fit(text string, columns int) string {
	if width(text) <= columns {
		return text
	}
	if columns < 2 {
		return ""
	}
	runes := []rune(text)
	head, tail := (columns-1)/2, columns-1-(columns-1)/2
	var left, right []rune
	for _, r := range runes {
		if head -= runeWidth(r); head < 0 {
			break
		}
		left = append(left, r)
	}
	for _, r := range slices.Backward(runes) {
		if tail -= runeWidth(r); tail < 0 {
			break
		}
		right = append(right, r)
	}
	slices.Reverse(right)
	return string(left) + "…" + string(right)
}

func width(text string) (n int) {
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// runeWidth is right for what names are made of: combining marks take no
// column, East Asian characters and emoji two.
func runeWidth(r rune) int {
	switch {
	case r == '\u200d' || unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul), r >= 0xff01 && r <= 0xff60, r >= 0x1f300 && r <= 0x1faff:
		return 2
	default:
		return 1
	}
}
