package intake

import (
	"errors"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// roomRetry is how often films that wait for room look whether some has come.
const roomRetry = 10 * time.Second

// estimateBytes is what a job will write, rather too much than too little: the
// index of a transport stream costs a remux some per cent; a conversion is
// bounded by its encoder's rate limit, but hardly any film needs all of it. It
// is pure.
func estimateBytes(m transcode.Media, plan transcode.Plan, sizeBytes int64) int64 {
	if plan.Rung != transcode.Convert {
		return sizeBytes + sizeBytes/10
	}
	if m.DurationSeconds <= 0 || m.Video == nil {
		return max(sizeBytes, 64<<20)
	}
	return int64(m.DurationSeconds * float64(bytesPerSecond(m.Video.Width, m.Video.Height)))
}

// soundBytes is what the sound of a film takes that is converted alone: 160 kbit/s
// and a header for each of 47 frames a second, with some to spare.
func soundBytes(seconds float64) int64 { return int64(seconds*21_000) + 1<<20 }

// soundKilobits is what the sound of a conversion takes, with what a transport
// stream adds to both.
const soundKilobits = 500

// bytesPerSecond is the rate cap of a conversion, sound included, by the picture's size.
func bytesPerSecond(width, height int) int64 {
	return int64(transcode.BitRateLimit(width*height)+soundKilobits) * 1000 / 8
}

// setBusy counts the jobs of a title: what is being made never makes room.
func (in *Intake) setBusy(id string, by int) {
	in.roomMu.Lock()
	defer in.roomMu.Unlock()
	if in.busy[id] += by; in.busy[id] <= 0 {
		delete(in.busy, id)
	}
}

// mustStay tells the library which titles must not make room: those that are
// made, and those that somebody watches.
func (in *Intake) mustStay(id string) bool {
	in.roomMu.Lock()
	busy := in.busy[id] > 0
	in.roomMu.Unlock()
	return busy || in.opened(id) > 0
}

// makeRoom asks the library for room; mu must not be held. missing is what
// is wanting when there is none.
func (in *Intake) makeRoom(id string, need int64, wanted bool) (missing int64, err error) {
	before := in.missingFor(need)
	err = in.cfg.Library.MakeRoom(id, need, wanted, in.mustStay)
	if errors.Is(err, library.ErrNoRoom) {
		return max(before, 1), err
	}
	if err != nil {
		in.log.Warn("Room not made", "title", id, "error", err)
		return 0, nil // the disk could not be asked: the job will find out
	}
	if before > 0 {
		in.noteDropped()
	}
	return 0, nil
}

// missingFor is how much room is wanting for need beside the reserve.
func (in *Intake) missingFor(need int64) int64 {
	s := in.cfg.Library.Storage()
	return need + s.ReserveBytes - s.FreeBytes
}

// noteDropped finds the plugged titles that have just made room. They wait
// until somebody opens them.
func (in *Intake) noteDropped() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, id := range sortedKeys(in.films) {
		f := in.films[id]
		if f.stage != stageDone || f.served != nil || f.packed != nil && f.packed.sound == "" {
			continue
		}
		if rec, ok := in.cfg.Library.Record(id); ok && !hasFinished(&rec) && (f.packed == nil || !hasSound(&rec, f.packed.sound)) {
			in.unserve(f)
			in.log.Info("Title made room", "title", id)
			if f.media.Video == nil && !in.recallMedia(f, &rec) {
				in.begin(f)
				continue
			}
			in.notKept(f)
		}
	}
}

// holdForRoom keeps a film in the queue but passes it over until there may be
// room. Holds mu.
func (in *Intake) holdForRoom(f *film, missing int64) {
	if f.noRoom {
		return
	}
	in.log.Info("No room for a film", "title", f.id, "missingBytes", missing)
	f.noRoom = true
	in.freeAtHold = in.cfg.Library.Storage().FreeBytes
	in.showStage(f, noRoom(max(missing, 1)))
}

// retryNoRoom lets films that wait for room try again when the disk has become
// emptier. Holds mu.
func (in *Intake) retryNoRoom(now time.Time) {
	if now.Sub(in.lastRoom) < roomRetry {
		return
	}
	in.lastRoom = now
	if !in.anyNoRoom() {
		return
	}
	if free := in.cfg.Library.Storage().FreeBytes; free > in.freeAtHold {
		in.retryNoRoomNow()
	}
}

// retryNoRoomNow lets films that wait for room try again: something has changed
// (a stick went and left conversions that may go). Holds mu.
func (in *Intake) retryNoRoomNow() {
	woken := false
	for _, queue := range in.lanes {
		for _, f := range queue {
			woken = woken || f.noRoom
			f.noRoom = false
		}
	}
	if woken {
		in.wakeWorkers()
	}
}

func (in *Intake) anyNoRoom() bool {
	for _, queue := range in.lanes {
		for _, f := range queue {
			if f.noRoom {
				return true
			}
		}
	}
	return false
}
