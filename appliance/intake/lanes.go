package intake

import (
	"context"
	"slices"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/transcode"
)

// enqueue puts a planned film into the queue of its lane. Holds mu.
func (in *Intake) enqueue(f *film, edits ...edit) {
	rec, _ := in.cfg.Library.Record(f.id)
	switch {
	case f.plan.Rung == transcode.AudioOnly && in.canPack(f, rec.Failed):
		f.lane = soundLane
	case f.plan.Rung == transcode.Direct, f.plan.Rung == transcode.AudioOnly:
		f.lane = remuxLane
	default:
		f.lane = convertLane
	}
	f.stage, f.noRoom, f.onDemand, f.retryAt = stageWait, false, false, time.Time{}
	in.lanes[f.lane][f.id] = f
	number := f.number
	in.showStage(f, reasonOf(f.plan.Reason), append(edits, func(r *library.Record) {
		r.QueueNumber, r.How = number, library.How(f.plan.Rung)
	})...)
	in.wantWords(f)
	in.wakeWorkers()
}

// notKept is a finished title that was removed to make room: it is made again
// when somebody wants to see it, else two films could push each other out for
// ever. Holds mu.
func (in *Intake) notKept(f *film, edits ...edit) {
	f.onDemand = true
	in.block(f, reason(CodeNotKept, "The prepared copy of this film made room for another one; open it and it is prepared again"), time.Time{}, edits...)
}

// jobNext runs the next job of a lane, or, if so asked, the next that a phone
// waits for. False: there was none.
func (in *Intake) jobNext(ctx context.Context, l lane, onlyOpened bool) bool {
	if in.cfg.Tools == nil {
		return false
	}
	queue := in.waitingIn(l)
	for i := range queue { // not under mu: a lane may hold thousands of films
		queue[i].opened = in.opened(queue[i].id)
	}
	best := pick(queue)
	if best < 0 || queue[best].opened == 0 && (onlyOpened || l != remuxLane && in.learning() || l == remuxLane && !in.calm()) {
		return false
	}
	f, need := in.jobOf(l, queue[best].id)
	switch {
	case f == nil:
	case l == remuxLane && in.pack(ctx, f):
	default:
		in.job(ctx, f, need, queue[best].opened > 0)
	}
	return true // or it was pulled this moment: look again
}

// learning: a stick is being read for the first time. A conversion takes long,
// so it is not begun with whatever film comes first by name, before those that
// have waited since an earlier day are known; unless a phone waits for it. The
// end of a scan wakes the workers.
func (in *Intake) learning() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, st := range in.sticks {
		if !st.scanned && (st.scanning || st.want) && !st.silent.Load() {
			return true
		}
	}
	return false
}

// waitingIn lists the films of a lane that could be worked on.
func (in *Intake) waitingIn(l lane) []waiting {
	in.mu.Lock()
	defer in.mu.Unlock()
	queue := make([]waiting, 0, len(in.lanes[l]))
	for _, f := range in.lanes[l] {
		if !f.noRoom && f.answers() {
			queue = append(queue, waiting{id: f.id, failures: f.failures, number: f.number})
		}
	}
	return queue
}

// jobOf returns a film of a lane and the bytes its job will need; nil when it
// has just gone. All that is asked of its places is asked here: once mu is let
// go, the film may lose them.
func (in *Intake) jobOf(l lane, id string) (f *film, need int64) {
	in.mu.Lock()
	defer in.mu.Unlock()
	f = in.lanes[l][id]
	if f == nil || f.stage != stageWait {
		return nil, 0
	}
	need = estimateBytes(f.media, f.plan, f.places[0].size)
	if l == soundLane {
		need = soundBytes(f.media.DurationSeconds)
	}
	return f, max(f.atLeast, need)
}

// poke is a phone that has opened a title. Holds mu.
func (in *Intake) poke(id string) {
	f := in.films[id]
	if f == nil {
		return
	}
	f.wordsWanted()
	in.wantPreviews(f)
	in.looked++
	f.looked = in.looked // its picture, too, before those of others
	if in.mustRead(f) {
		in.yield.hurry(id, in.now())
	}
	switch f.stage {
	case stageProbe:
		in.probes = slices.DeleteFunc(in.probes, func(o *film) bool { return o == f })
		in.probes = slices.Insert(in.probes, 0, f)
	case stageDone:
		in.convertIfAsked(f)
	case stageWait:
		f.noRoom = false
	case stageBlocked:
		switch {
		case f.onDemand:
			in.enqueue(f)
		case f.failures > 0 && !f.hurried && !f.retryAt.IsZero():
			f.hurried = true // once: phones that come and go do not shorten every wait
			in.begin(f)
		}
	default:
	}
}

// mustRead tells whether an opened film has to be read before it plays. Where its
// index is in memory, its segments need no more than those of any viewer. Holds mu.
func (in *Intake) mustRead(f *film) bool {
	switch f.stage {
	case stageProbe, stageProbing, stageChecking:
		return true
	case stageWait:
		return f.lane == remuxLane
	case stageDone:
		return f.packed != nil && !in.shelf.has(f.packed)
	default:
		return false
	}
}

// retryDue begins again with what could not be read some seconds ago. Holds mu.
func (in *Intake) retryDue(now time.Time) {
	for _, f := range in.films {
		if f.stage == stageBlocked && !f.retryAt.IsZero() && !now.Before(f.retryAt) {
			f.retryAt, f.hurried = time.Time{}, false
			in.begin(f)
		}
	}
}

// retryBlocked begins again with all that is held up, but for what waits to be
// opened: somebody has asked for a rescan. How often a film has failed stays
// known: it waits behind the others. Holds mu.
func (in *Intake) retryBlocked() {
	for _, id := range sortedKeys(in.films) {
		f := in.films[id]
		switch {
		case f.stage == stageWait && f.noRoom:
			f.noRoom = false
		case f.stage == stageBlocked && !f.onDemand && in.cfg.Tools != nil:
			f.attempts = 0
			in.begin(f)
		}
	}
	in.wakeWorkers()
}

// refusedPerLook bounds how many unplayable files are looked at per second.
const refusedPerLook = 100

// lookAtRefused looks whether unplayable files on writable sticks have changed:
// most of them are copies that were not complete. Once every restTime. Holds mu.
func (in *Intake) lookAtRefused(now time.Time) {
	if now.Sub(in.lastLook) < restTime {
		return
	}
	in.lastLook = now
	due := map[*stick][]entry{}
	looked := 0
	for _, f := range in.films {
		if f.stage != stageRefused && f.stage != stageBlocked && f.stage != stageHidden {
			continue
		}
		for _, p := range f.places {
			if looked < refusedPerLook && !p.stick.info.ReadOnly && !p.stick.scanning && !p.stick.want {
				due[p.stick] = append(due[p.stick], p.entry)
				looked++
			}
		}
	}
	for st, entries := range due {
		if st.looking.CompareAndSwap(false, true) { // one look at a time: it may hang
			s := st.Stick
			in.scans.Go(func() {
				defer st.looking.Store(false)
				if in.anyChanged(s, entries) {
					in.mu.Lock()
					st.want, st.quiet = true, true
					in.mu.Unlock()
					signal(in.wakeLoop)
				}
			})
		}
	}
}

// anyChanged looks whether any of the entries has another size or time than it had.
func (in *Intake) anyChanged(s usb.Stick, entries []entry) bool {
	t, err := in.openTree(s)
	if err != nil {
		return false
	}
	defer t.Close()
	for i := range entries {
		e := &entries[i]
		if e.form != formFile {
			continue // a folder's parts are compared by the next scan
		}
		info, err := t.Lstat(e.paths[0])
		if err == nil && (info.Size() != e.size || !info.ModTime().Equal(e.modified)) {
			return true
		}
	}
	return false
}
