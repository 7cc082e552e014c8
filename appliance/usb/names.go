package usb

import (
	"strconv"
	"strings"
	"unicode"
)

// idRunes bounds an ID; long enough to tell folders apart, short in a URL.
const idRunes = 64

// uniqueID makes an ID of [a-zA-Z0-9_.-] from a folder's name that is not in taken.
func uniqueID(name string, taken map[string]bool) string {
	id := safeID(name)
	if !taken[id] {
		return id
	}
	for n := 2; ; n++ {
		if next := id + "-" + strconv.Itoa(n); !taken[next] {
			return next
		}
	}
}

// safeID replaces what may not be in an ID. It never begins with a dot: such a
// name would be hidden, or mean a folder above.
func safeID(name string) string {
	var b strings.Builder
	for _, r := range name {
		if b.Len() == idRunes {
			break
		}
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			b.WriteRune(r)
		case r == '.' && b.Len() > 0:
			b.WriteRune(r)
		default:
			b.WriteByte('_')
		}
	}
	if strings.Trim(b.String(), "_") == "" {
		return "stick"
	}
	return b.String()
}

// cleanLabel makes text that can be shown of a name: valid UTF-8, no control
// or formatting characters (they could turn a line around), bounded.
func cleanLabel(name string) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.ToValidUTF8(name, "\uFFFD") {
		if n == labelRunes {
			break
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			continue
		}
		b.WriteRune(r)
		n++
	}
	if s := strings.TrimSpace(b.String()); s != "" {
		return s
	}
	return "stick"
}
