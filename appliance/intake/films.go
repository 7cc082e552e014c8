package intake

import (
	"encoding/json"
	"slices"
	"strings"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// addCopying lists an entry that is still being written, under a provisional
// id: it has no content to be known by yet. Holds mu.
func (in *Intake) addCopying(st *stick, e entry) {
	in.putPlace(st, e, provisionalID(st.ID, e.key()), 0, false)
}

// addPlace lists an entry under its identity, or counts it by a verdict.
func (in *Intake) addPlace(st *stick, e entry, id string, number uint64, verified bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !st.gone {
		in.putPlace(st, e, id, number, verified)
	}
}

// putPlace is addPlace with mu held.
func (in *Intake) putPlace(st *stick, e entry, id string, number uint64, verified bool) {
	old := st.places[e.key()]
	if old != nil && old.film.id == id {
		changed := !old.same(&e)
		old.entry = e
		defer in.wantWords(old.film)
		if changed && old.film.stage != stageCopying {
			st.changes++
			old.verified.Store(verified)
			if old.film.stage == stageCheck || old.film.served != nil {
				in.restart(old.film) // same content, other times: what serves it compares them
			}
		}
		return
	}
	if old != nil {
		in.removePlace(old)
	}
	p := &place{entry: e, stick: st, works: map[*work]struct{}{}}
	p.verified.Store(verified)
	st.places[e.key()] = p
	st.changes++
	defer func() { in.wantWords(p.film) }()
	f := in.films[id]
	if f == nil {
		f = &film{id: id, number: number, places: []*place{p}}
		p.film = f
		in.films[id] = f
		in.begin(f)
		return
	}
	p.film = f
	f.places = append(f.places, p)
	in.orderPlaces(f)
	if !f.lost {
		f.name = "" // which of two sticks was read first says nothing
	}
	switch {
	case f.stage == stageBlocked && !f.onDemand && in.cfg.Tools != nil, e.form == formReady && f.served == nil:
		in.restart(f) // another copy may be readable, or be ready
	default:
		in.showSources(f)
	}
}

// orderPlaces puts sticks that do not answer last and ready-made folders first,
// then keeps the order of the sticks.
func (in *Intake) orderPlaces(f *film) {
	rank := func(p *place) int {
		r := slices.Index(in.sticks, p.stick)
		if p.form != formReady {
			r += 1 << 20
		}
		if p.stick.silent.Load() {
			r += 1 << 21
		}
		return r
	}
	slices.SortStableFunc(f.places, func(a, b *place) int {
		if c := rank(a) - rank(b); c != 0 {
			return c
		}
		return naturalCompare(a.key(), b.key())
	})
}

// removePlace takes a copy away: its stick was pulled, or the file is gone or
// another. The last one takes the title along. Holds mu.
func (in *Intake) removePlace(p *place) {
	f := p.film
	delete(p.stick.places, p.key())
	p.stick.changes++
	f.places = slices.DeleteFunc(f.places, func(o *place) bool { return o == p })
	for w := range p.works {
		w.cancel(errPulled)
	}
	if len(f.places) > 0 {
		f.lost = true
		if len(p.beside) > 0 && !p.stick.gone { // of a pulled one they stay: it may come back
			defer in.wantWords(f)
		}
		if p.title == f.name && !p.stick.gone {
			f.name = "" // renamed
		}
		if f.servedBy == p {
			in.unserve(f)
			in.restart(f)
			return
		}
		in.showSources(f)
		return
	}
	packed := f.packed
	in.unserve(f)
	in.unqueue(f)
	delete(in.films, f.id)
	delete(in.pictured, f.id)
	if f.stage == stageHidden {
		return
	}
	rec, _ := in.cfg.Library.Record(f.id)
	unfinished := !hasFinished(&rec)
	if f.stage == stageCopying || !p.stick.gone && unfinished && !hasBegun(&rec) {
		in.forget(f.id) // nothing of it is worth keeping: no stick is to be put back
		if packed != nil {
			in.cfg.Segments.Forget(packed.key())
		}
		return
	}
	in.update(f.id, func(r *library.Record) {
		r.Sources, r.State, r.Progress, r.SecondsLeft = nil, library.Unplugged, 0, 0
		switch {
		case !p.stick.gone && unfinished:
			r.Reason = nil
		case !p.stick.gone:
			if in.removed == nil {
				in.removed = make(map[string]*library.Reason)
			}
			in.removed[f.id] = r.Reason
			r.Reason = reason(CodeFileRemoved, "This film is no longer on its stick")
		case f.stage != stageDone && f.stage != stageRefused:
			r.Reason = nil // what held it up is no longer so; the others keep why they are what they are
		}
		r.Renditions = slices.DeleteFunc(r.Renditions, isFromStick)
	})
	if !p.stick.gone && unfinished { // no stick is to be put back, but another one may have the same film
		in.cfg.Library.Hide(f.id)
	}
}

// amend is update for what ends late: a film that was deleted and forgotten
// meanwhile does not come back for it, without name and source. Holds mu.
func (in *Intake) amend(f *film, edit edit) {
	if _, known := in.cfg.Library.Record(f.id); known || in.films[f.id] == f {
		in.update(f.id, edit)
	}
}

// begin finds out where a film stands that has just been found. Holds mu.
func (in *Intake) begin(f *film) {
	f.turn++
	f.unplanned, f.converting = false, false
	p := f.places[0]
	if f.id == provisionalID(p.stick.ID, p.key()) {
		f.stage = stageCopying
		in.showStage(f, reason(CodeCopying, "This film is still being copied"))
		return
	}
	if k, ok := kindOfVerdict(f.id); ok {
		f.stage, f.hidden = stageHidden, k
		return
	}
	rec, _ := in.cfg.Library.Record(f.id)
	switch {
	case p.form == formReady:
		f.stage = stageCheck
		in.checks = append(in.checks, f)
		in.showStage(f, nil)
	case hasFinished(&rec):
		f.stage = stageDone
		why := rec.Reason // why it is on its rung
		if why != nil && why.Code == CodeFileRemoved {
			why = in.removed[f.id]
		}
		in.showStage(f, why)
		in.wantPicture(f)
		in.alsoModern(f)
		in.serveAlongside(f)
	case in.planRemembered(f, &rec):
	case in.cfg.Tools == nil:
		f.stage = stageBlocked
		in.showStage(f, ffmpegMissing())
	default:
		f.stage = stageProbe
		in.probes = append(in.probes, f)
		in.showStage(f, nil)
	}
	in.wakeWorkers()
}

// restart lets a film begin anew with the places it has now. Holds mu.
func (in *Intake) restart(f *film) {
	for _, p := range f.places {
		for w := range p.works {
			w.cancel(errPulled)
		}
	}
	in.unserve(f)
	in.unqueue(f)
	f.attempts, f.noRoom, f.onDemand = 0, false, false
	in.orderPlaces(f)
	in.begin(f)
}

// planRemembered plans with the probe of an earlier time. Holds mu.
func (in *Intake) planRemembered(f *film, rec *library.Record) bool {
	if len(rec.Media) == 0 {
		return false
	}
	var m transcode.Media
	if err := json.Unmarshal(rec.Media, &m); err != nil {
		in.log.Warn("Remembered probe not understood", "title", f.id, "error", err)
		return false
	}
	if m.Video == nil {
		return false // of a ready-made folder with the same content
	}
	if outdated(rec.Media) && in.cfg.Tools != nil {
		return false // a newer release sees more: once
	}
	in.planned(f, m, rec)
	return true
}

// unqueue takes a film out of every queue. Holds mu.
func (in *Intake) unqueue(f *film) {
	drop := func(o *film) bool { return o == f }
	switch f.stage {
	case stageProbe:
		in.probes = slices.DeleteFunc(in.probes, drop)
	case stageCheck:
		in.checks = slices.DeleteFunc(in.checks, drop)
	case stageWait:
		delete(in.lanes[f.lane], f.id)
	default:
	}
	in.thumbs = slices.DeleteFunc(in.thumbs, drop)
}

// unserve stops serving a film from its stick. Holds mu.
func (in *Intake) unserve(f *film) {
	in.unserveAlternates(f)
	if f.packed != nil {
		in.cfg.Library.Attach(f.id, f.packed.name, nil)
		in.shelf.drop(f.packed)
		f.packed = nil
	}
	if f.served == nil {
		return
	}
	in.cfg.Library.Attach(f.id, f.served.name(), nil)
	f.served, f.servedBy = nil, nil
}

// hasFinished is true when a title has a complete rendition of ours on the disk.
func hasFinished(rec *library.Record) bool {
	return slices.ContainsFunc(rec.Renditions, func(r library.Rendition) bool { return r.Complete && !r.Sound && !isFromStick(r) })
}

// hasBegun is true when there is something on the disk that a job can go on with, or
// sound to be joined with the film.
func hasBegun(rec *library.Record) bool {
	return slices.ContainsFunc(rec.Renditions, func(r library.Rendition) bool {
		return !r.Complete && r.By != "" || r.Sound && r.SoundOf != "" && r.Alternate == 0
	})
}

// isFromStick tells renditions that are served from a stick.
func isFromStick(r library.Rendition) bool {
	return strings.HasPrefix(r.Name, readyPrefix) || strings.HasPrefix(r.Name, packedPrefix)
}
