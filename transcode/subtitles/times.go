package subtitles

import (
	"strings"
	"time"
)

// arrow is between the times of a cue, in SubRip and WebVTT.
const arrow = "-->"

// timing reads "00:01:02,500 --> 00:01:04,000 line:0"; rest is what stands behind.
func timing(line string) (start, end time.Duration, rest string, ok bool) {
	left, right, found := strings.Cut(line, arrow)
	if !found || len(left) > 40 {
		return 0, 0, "", false
	}
	right = strings.TrimLeft(right, " \t")
	if at := strings.IndexAny(right, " \t"); at >= 0 {
		right, rest = right[:at], strings.TrimSpace(right[at:])
	}
	start, ok = clock(strings.TrimSpace(left))
	if !ok {
		return 0, 0, "", false
	}
	end, ok = clock(right)
	return start, end, rest, ok
}

// clock reads a time: hours, minutes and seconds by colons, hours may be
// missing, the fraction behind a comma, a point or (as some programs write) a
// colon, of any number of digits.
func clock(text string) (time.Duration, bool) {
	var parts [4]int64
	var digits [4]int
	n := 0
	fraction := -1
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			if digits[n]++; digits[n] > 9 {
				return 0, false
			}
			parts[n] = parts[n]*10 + int64(c-'0')
		case c == ':' || c == ',' || c == '.' || c == ';':
			if n == 3 || digits[n] == 0 || fraction >= 0 {
				return 0, false
			}
			n++
			if c != ':' || n == 3 {
				fraction = n
			}
		case c == ' ':
		default:
			return 0, false
		}
	}
	if digits[n] == 0 {
		return 0, false
	}
	var below time.Duration
	if fraction >= 0 { // it is the last part
		below = time.Duration(parts[n]) * time.Second
		for range digits[n] {
			below /= 10
		}
		n--
	}
	if n < 1 || n > 2 {
		return 0, false
	}
	var seconds int64
	for _, p := range parts[:n+1] {
		seconds = seconds*60 + p
	}
	if seconds >= maxHours*3600 || parts[n] >= 60 || n == 2 && parts[1] >= 60 {
		return 0, false
	}
	return time.Duration(seconds)*time.Second + below, true
}
