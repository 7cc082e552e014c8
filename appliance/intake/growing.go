package intake

import "time"

// restTime is how long a file on a writable stick must not have changed before
// it is taken for complete (decision 1).
const restTime = 5 * time.Second

// glimpse is a file's size and time, and when they became so before our eyes.
type glimpse struct {
	size     int64
	modified time.Time
	changed  time.Time // zero: they have never been seen otherwise
}

// look compares a file with what was seen of it before (seen false: nothing)
// and tells whether somebody is writing it still: it changed under our eyes in
// the last 5 s, or its own time says so. A time in the future proves nothing
// (the box may not know what time it is) beyond the two seconds by which FAT
// rounds.
func look(before glimpse, seen bool, size int64, modified, now time.Time) (after glimpse, growing bool) {
	after = glimpse{size, modified, before.changed}
	if seen && (before.size != size || !before.modified.Equal(modified)) {
		after.changed = now
	}
	if !after.changed.IsZero() && now.Sub(after.changed) < restTime {
		return after, true
	}
	age := now.Sub(modified)
	return after, age >= -2*time.Second && age < restTime
}
