package clips

import "strconv"

// SetNames lists the sets.
func SetNames() []string { return []string{"twelve", "odd", "long", "sample", "big", "hours", "swarm"} }

// Set returns a table of clips; seconds is their length, 0 the usual one of
// the set. An unknown name gives nil. The odd set's length is fixed.
func Set(name string, seconds int) []Clip {
	switch name {
	case "twelve":
		return twelve(orUsual(seconds, twelveSeconds))
	case "odd":
		return odd()
	case "long":
		return long(orUsual(seconds, longPartSeconds))
	case "sample":
		return sample(orUsual(seconds, sampleSeconds))
	case "big":
		return big(orUsual(seconds, bigPartSeconds))
	case "hours":
		return hours(orUsual(seconds, bigPartSeconds))
	case "swarm":
		return swarm(orUsual(seconds, swarmPartSeconds))
	default:
		return nil
	}
}

// Usual lengths: long enough to play past 5 s and to seek to 15 s; long
// enough to look at; and the parts that are joined to themselves.
const (
	twelveSeconds    = 24
	sampleSeconds    = 30
	longPartSeconds  = 30
	bigPartSeconds   = 60
	swarmPartSeconds = 120
)

func orUsual(seconds, usual int) int {
	if seconds <= 0 {
		return usual
	}
	return seconds
}

// join makes one argument list of several.
func join(lists ...[]string) []string {
	var all []string
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

// lavfi is an input made by a filter graph, cut at the given length.
func lavfi(graph string, seconds int) []string {
	return []string{"-f", "lavfi", "-t", strconv.Itoa(seconds), "-i", graph}
}

// x264 is H.264 as most films are, with a key frame at least every keyint
// frames and none at scene changes, so that the table decides where they are.
func x264(keyint int, more ...string) []string {
	return append([]string{
		"-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p",
		"-g", strconv.Itoa(keyint), "-keyint_min", strconv.Itoa(keyint), "-sc_threshold", "0",
	}, more...)
}

// aac is the sound that every phone plays.
func aac(more ...string) []string {
	return append([]string{"-c:a", "aac", "-b:a", "96k"}, more...)
}
