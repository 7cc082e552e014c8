package transcode

import "strings"

// seekable tells whether a film can be entered in its middle by time: its
// container has an index, or its packets have times that only grow. Of broadcasts
// and discs they jump, and a byte more or less read decides about what is found;
// what is joined of several files has no index at all. Those are converted in one
// run, from their beginning whenever it must be begun anew. Whether a file that
// ought to be seekable is shows each time: a piece must begin with its own first
// picture. It is pure.
func seekable(m Media, files int) bool {
	if files != 1 {
		return false
	}
	for name := range strings.SplitSeq(m.Container, ",") {
		switch name {
		case "mov", "mp4", "matroska", "webm", "avi", "asf":
			return true
		}
	}
	return false
}
