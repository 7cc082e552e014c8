package mdns

import (
	"strconv"
	"strings"
)

// maxLabel is the longest label of a name, in bytes (RFC 1035).
const maxLabel = 63

// numbered is the name that is taken when number-1 others are: streambox,
// streambox-2, streambox-3.
func numbered(base string, number int) string {
	if number <= 1 {
		return base
	}
	tail := "-" + strconv.Itoa(number)
	if over := len(base) + len(tail) - maxLabel; over > 0 {
		base = strings.TrimRight(base[:len(base)-over], "-")
	}
	return base + tail
}

// numberOf finds the number of a name that was remembered; 1 for one that does
// not belong to base (the setting has changed since).
func numberOf(base, name string) int {
	_, tail, _ := cutLast(name, "-")
	n, err := strconv.Atoi(tail)
	if err != nil || n < 2 || numbered(base, n) != name {
		return 1
	}
	return n
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// fullName is a name in the form of DNS.
func fullName(label string) string { return label + ".local." }

// usualPort is the one that no address has to name.
const usualPort = 80

// instanceBytes is as long as a service's name can be (RFC 6763, 4.1.1).
const instanceBytes = 63

// instance is the name of the service that people see in lists. It follows from
// the host's name, which is unique, and the port, since two boxes on one machine
// share the name; and so is unique itself.
func instance(label string, port int) string {
	at := ""
	if port != usualPort {
		at = " port " + strconv.Itoa(port)
	}
	if own := ownInstance(label); len(own)+len(at) <= instanceBytes {
		return own + at
	}
	return label[:min(len(label), instanceBytes-len(at))] + at
}

func ownInstance(label string) string {
	if tail, ok := strings.CutPrefix(label, "streambox"); ok {
		if tail == "" {
			return "StreamBox"
		}
		if n, err := strconv.Atoi(strings.TrimPrefix(tail, "-")); err == nil && tail == "-"+strconv.Itoa(n) {
			return "StreamBox " + strconv.Itoa(n)
		}
	}
	return "StreamBox (" + label + ")"
}
