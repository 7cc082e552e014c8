package intake

import (
	"context"
	"slices"
	"time"

	"streambox.local/appliance/usb"
)

// setSticks makes the plugged sticks those that were told. One with the same ID
// but plugged anew, or mounted elsewhere, is another one. Holds mu.
func (in *Intake) setSticks(told []usb.Stick) {
	next := make([]*stick, 0, len(told))
	for _, s := range told {
		at := slices.IndexFunc(in.sticks, func(st *stick) bool {
			return st.ID == s.ID && st.Root == s.Root && st.Plugged == s.Plugged && st.Volume == s.Volume
		})
		if at >= 0 {
			in.sticks[at].info = s
			next = append(next, in.sticks[at])
			continue
		}
		next = append(next, &stick{
			Stick: s, info: s, want: s.Reason == "", scanned: s.Reason != "", places: map[string]*place{}, glimpses: map[string]glimpse{}, counts: map[kind]int{},
		})
	}
	for _, st := range in.sticks {
		if !slices.Contains(next, st) {
			in.pull(st)
		}
	}
	if len(next) < len(in.sticks) {
		in.retryNoRoomNow() // what was made of a stick that went may make room
	}
	in.sticks = next
	in.show()
}

// pull lets a stick go with all its places. Holds mu.
func (in *Intake) pull(st *stick) {
	in.log.Info("Stick gone", "stick", st.ID, "titles", len(st.places))
	st.gone = true
	if st.cancel != nil {
		st.cancel()
	}
	for _, key := range sortedKeys(st.places) {
		in.removePlace(st.places[key])
	}
}

// startScans starts a scan for every stick that is due. Holds mu.
func (in *Intake) startScans(ctx context.Context) {
	for _, st := range in.sticks {
		if !st.want || st.scanning {
			continue
		}
		scanCtx, cancel := context.WithCancel(ctx)
		quiet := st.quiet && st.scanned
		st.want, st.quiet, st.scanning, st.cancel = false, false, true, cancel
		st.relookAt = time.Time{}
		st.heard(in)
		in.scans.Go(func() {
			defer cancel()
			if err := guarded(func() error { in.scan(scanCtx, st, quiet); return nil }); err != nil {
				in.scanFailed(scanCtx, st, err)
			}
			in.mu.Lock()
			st.scanning, st.cancel = false, nil
			in.lookForSilent()
			if !st.want {
				st.rescan = false
			}
			in.show()
			in.wakeWorkers() // conversions wait for the end of a first scan
			in.mu.Unlock()
			signal(in.wakeLoop)
		})
	}
}

// stopScans calls all scans off.
func (in *Intake) stopScans() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, st := range in.sticks {
		if st.cancel != nil {
			st.cancel()
		}
	}
}
