package intake

import (
	"cmp"
	"encoding/json"
	"slices"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// A film in HEVC, VP9 or AV1 has two ways: as it is, from its stick, for devices
// that play it, and converted for the others. It is converted when somebody has
// opened it who cannot play it, and not before: a stick of such films costs a box
// nothing in a room that can. Both are served side by side then. While the
// conversion waits or runs, the film's stage is about that; what the others watch
// goes on, and the library tells the two apart (Record.ForOthers).

// ways are how a film is played: by devices that play it as it is, and by the
// others; nil: the first is for all. The machine is known. Holds mu.
func (in *Intake) ways(f *film, m transcode.Media, rec *library.Record) (plan transcode.Plan, others *transcode.Plan) {
	failed := rec.Failed
	forAll := decide(m, *in.machine, failed)
	modern, ok := transcode.Modern(m, *in.machine)
	if !ok || in.cfg.Segments == nil || f.places[0].form != formFile || slices.Contains(failed, notPackaged) || slices.Contains(failed, string(modern.Rung)) {
		return forAll, nil
	}
	if why := rec.Unconvertible; why != nil && forAll.Rung == transcode.Convert {
		forAll = transcode.Plan{Rung: transcode.None, Reason: transcode.Reason{Code: why.Code, Text: why.Text, Parameters: why.Parameters}}
	}
	return modern, &forAll
}

// isModern tells a plan by which the picture is packaged that not every phone plays.
func isModern(plan transcode.Plan, m transcode.Media) bool {
	return (plan.Rung == transcode.Direct || plan.Rung == transcode.AudioOnly) && m.Video != nil && m.Video.Codec != "h264"
}

// forOthers is true while a film's stage is about its conversion for devices that
// do not play it as it is. Holds mu.
func (f *film) forOthers() bool {
	return f.converting && f.packed != nil && f.stage != stageDone && f.whySilent() == nil
}

// asServed is the plan of what is served from the stick. Holds mu.
func (f *film) asServed() transcode.Plan {
	if f.converting {
		return f.asIs
	}
	return f.plan
}

// convertAsked puts films into the queue that somebody has opened who cannot play
// them as they are. Holds mu.
func (in *Intake) convertAsked() {
	for _, f := range in.films {
		in.convertIfAsked(f)
	}
}

func (in *Intake) convertIfAsked(f *film) {
	if f.stage != stageDone || f.packed == nil || f.otherwise == nil || f.otherwise.Rung != transcode.Convert ||
		in.cfg.Demand == nil || in.cfg.Demand.Cannot(f.id) == 0 {
		return
	}
	rec, _ := in.cfg.Library.Record(f.id)
	if hasFinished(&rec) {
		return
	}
	in.log.Info("Film is converted for a device that cannot play it", "title", f.id)
	f.asIs, f.plan, f.converting = f.plan, *f.otherwise, true
	f.fault = warningOf(rec.Reason)
	in.enqueue(f)
}

// converted takes a film back that is converted for the others by now, with what
// is wrong with it: by what was known before, else by what its conversion found.
// Holds mu.
func (f *film) converted(why *library.Reason, edits []edit) (*library.Reason, []edit) {
	if !f.converting || f.packed == nil || f.stage != stageDone {
		return why, edits
	}
	f.plan, f.converting = f.asIs, false
	fault := cmp.Or(f.fault, warningOf(why), reasonOf(f.plan.Reason))
	return fault, append(edits, func(rec *library.Record) { rec.How = library.How(f.plan.Rung) })
}

// notForOthers says why the others get nothing of a film; nil: they get something. Holds mu.
func (f *film) notForOthers() *library.Reason {
	if f.otherwise == nil || f.otherwise.Rung != transcode.None {
		return nil
	}
	return reasonOf(f.otherwise.Reason)
}

// alsoModern serves a converted film from its stick, too, as it is. Holds mu.
func (in *Intake) alsoModern(f *film) {
	rec, _ := in.cfg.Library.Record(f.id)
	var m transcode.Media
	if in.machine == nil || rec.Codecs == "" || f.stage != stageDone || f.packed != nil || f.served != nil || json.Unmarshal(rec.Media, &m) != nil {
		return
	}
	plan, others := in.ways(f, m, &rec)
	sound := soundOf(plan, &rec)
	if others == nil || plan.Rung == transcode.AudioOnly && sound == "" {
		return
	}
	f.media, f.plan, f.otherwise = m, plan, others
	in.servePacked(f, packedChoice(plan, m, *in.machine, &rec, sound), sound, nil)
}
