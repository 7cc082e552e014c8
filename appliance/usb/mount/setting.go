package mount

import (
	"fmt"
	"slices"
	"strings"

	"streambox.local/appliance/usb/note"
)

// Setting says which sticks may be mounted: all, none, or those of a list. The
// zero value is none.
type Setting struct {
	all  bool
	list []string // labels and UUIDs
}

// AllSticks is the setting auto.
func AllSticks() Setting { return Setting{all: true} }

// ParseSetting takes "auto", "off" or labels and UUIDs.
func ParseSetting(values []string) (Setting, error) {
	if len(values) == 1 {
		switch strings.ToLower(strings.TrimSpace(values[0])) {
		case "auto":
			return Setting{all: true}, nil
		case "off":
			return Setting{}, nil
		}
	}
	var s Setting
	for _, v := range values {
		v = strings.TrimSpace(v)
		switch {
		case v == "":
			return Setting{}, fmt.Errorf("a stick's name is empty; write auto, off, or the labels or UUIDs of sticks")
		case strings.EqualFold(v, "auto"), strings.EqualFold(v, "off"):
			return Setting{}, fmt.Errorf("%q stands alone or not at all; write auto, off, or the labels or UUIDs of sticks", v)
		}
		s.list = append(s.list, v)
	}
	return s, nil
}

// String is what ParseSetting takes, a list with commas.
func (s Setting) String() string {
	switch {
	case s.all:
		return "auto"
	case s.isOff():
		return "off"
	default:
		return strings.Join(s.list, ",")
	}
}

func (s Setting) isOff() bool { return !s.all && len(s.list) == 0 }

// allows compares as people write: labels as they are shown, UUIDs in any case.
func (s Setting) allows(d Device) bool {
	return s.all || slices.ContainsFunc(s.list, func(one string) bool {
		return one == note.Text(d.Label) || d.UUID != "" && strings.EqualFold(one, d.UUID)
	})
}
