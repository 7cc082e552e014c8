package intake

import (
	"errors"
	"io/fs"
	"time"
)

const (
	// missedAfter is how long a missing file may still turn out to be a pulled
	// stick, which is told within a second of the mount's going.
	missedAfter = time.Second
	// missedEvery is how often a stick is looked at again for what phones miss:
	// walking it costs reads that films need. No oftener than people may ask for it.
	missedEvery = rescanEvery
)

// missed hears of an error of opening a film's file for a phone. A file that is not
// there any more, or is not what it was, was deleted or replaced since the stick was
// scanned: the stick is looked at again, so that the phone is told what has become of
// the film instead of waiting for a rescan.
func (in *Intake) missed(stickID string, err error) {
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errChanged) {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	now := in.now()
	for _, st := range in.sticks {
		if st.ID != stickID || st.gone || !st.missedAt.IsZero() && now.Sub(st.missedAt) < missedEvery {
			continue
		}
		st.missedAt = now
		if at := now.Add(missedAfter); st.relookAt.IsZero() || at.Before(st.relookAt) {
			st.relookAt = at
		}
		in.log.Info("Stick is looked at again: a film's file is not there, or is another one", "stick", st.ID, "error", err)
	}
}
