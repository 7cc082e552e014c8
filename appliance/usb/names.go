package usb

import (
	"strconv"
	"strings"

	"streambox.local/appliance/usb/note"
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

// cleanLabel is a stick's or a folder's name as it is shown: see [note.Text], and not as long.
func cleanLabel(name string) string {
	runes := []rune(note.Text(name))
	if s := strings.TrimSpace(string(runes[:min(len(runes), labelRunes)])); s != "" {
		return s
	}
	return "stick"
}
