package intake

import (
	"encoding/json"
	"slices"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// planned decides a film's rung and puts it into the queue. rec is what was
// kept of it. Holds mu.
func (in *Intake) planned(f *film, m transcode.Media, rec *library.Record) {
	raw, err := json.Marshal(m)
	if err != nil { // a number that is none; the probe is then made again after a restart
		in.log.Warn("Probe not kept", "title", f.id, "error", err)
		raw = nil
	}
	condemned := slices.Contains(rec.Failed, string(transcode.None)) && rec.Reason != nil // its job found out that it cannot be played
	if in.machine == nil && (!condemned || rec.Codecs != "") {
		f.media = m
		in.unplanned(f, func(r *library.Record) {
			if outdated(r.Media) {
				describeRecord(r, m)
				r.Audio = audioTracks(m, transcode.Plan{}, nil)
				r.Media, r.QueueNumber = raw, f.number
			}
		})
		return
	}
	f.media, f.plan, f.otherwise = m, transcode.Plan{Rung: transcode.None}, nil
	if in.machine != nil {
		plan, others := in.ways(f, m, rec)
		condemned = condemned && others == nil // what its conversion found out says nothing of the film as it is
		if !condemned {
			f.plan, f.otherwise = plan, others
		}
	}
	unfit := slices.ContainsFunc(rec.Renditions, func(r library.Rendition) bool { return r.Sound && r.Alternate == 0 }) // of another track: it made no room
	dropped := !unfit && len(rec.Media) > 0 && rec.QueueNumber == 0 && rec.How != library.None && (f.plan.Rung != transcode.Direct || !in.canPack(f, rec.Failed))
	number := rec.QueueNumber
	if number == 0 {
		number = f.number
	}
	f.number = number
	if f.plan.Rung == transcode.None {
		number = 0
	}
	if dropped {
		number = 0
	}
	describe := func(r *library.Record) {
		describeRecord(r, m)
		r.Audio = audioTracks(m, f.plan, in.machine)
		r.Media, r.QueueNumber, r.How = raw, number, library.How(f.plan.Rung)
		if f.otherwise == nil {
			r.Codecs = ""
		}
	}
	in.wantPicture(f)
	defer in.wantWords(f)
	switch {
	case condemned:
		f.stage = stageRefused
		in.showStage(f, rec.Reason, describe, notPlayable)
	case f.plan.Rung == transcode.None:
		f.stage = stageRefused
		in.showStage(f, reasonOf(f.plan.Reason), describe)
	case in.packedBefore(f, rec):
		sound := soundOf(f.plan, rec)
		in.servePacked(f, packedChoice(f.plan, m, *in.machine, rec, sound), sound, nil, describe)
	case dropped && in.opened(f.id) == 0:
		in.notKept(f, describe)
	default:
		in.enqueue(f, describe)
	}
}

// outdated: no probe was kept, or one of a release that saw less. Of a ready-made
// folder other things are kept there.
func outdated(kept json.RawMessage) bool {
	var m transcode.Media
	return len(kept) == 0 || json.Unmarshal(kept, &m) == nil && m.Video != nil && m.Version < transcode.ProbeVersion
}

// recallMedia takes a film's probe and plan from its record. Holds mu.
func (in *Intake) recallMedia(f *film, rec *library.Record) bool {
	var m transcode.Media
	if in.machine == nil || len(rec.Media) == 0 || json.Unmarshal(rec.Media, &m) != nil {
		return false
	}
	f.media, f.plan = m, decide(m, *in.machine, rec.Failed)
	return f.plan.Rung != transcode.None
}

// notPlayable marks a record as that of a film that cannot be played.
func notPlayable(r *library.Record) { r.How, r.QueueNumber = library.None, 0 }

// decide is the plan, without the rungs that failed with this content. It is pure.
func decide(m transcode.Media, machine transcode.Machine, failed []string) transcode.Plan {
	plan := transcode.Decide(m, machine)
	if slices.Contains(failed, string(plan.Rung)) && (plan.Rung == transcode.Direct || plan.Rung == transcode.AudioOnly) {
		plan = transcode.Reclassify(machine)
	}
	if plan.Rung == transcode.Convert && slices.Contains(failed, string(transcode.Convert)) {
		plan = transcode.Plan{Rung: transcode.None, Reason: transcode.Reason{
			Code: transcode.CodeNotSegmentable, Text: "the picture cannot be cut into pieces, not even when it is converted",
		}}
	}
	return plan
}

// describeRecord fills in what a page shows of a film.
func describeRecord(r *library.Record, m transcode.Media) {
	r.DurationSeconds = m.DurationSeconds
	r.Width, r.Height = 0, 0
	if v := m.Video; v != nil {
		r.Width, r.Height = v.Width, v.Height
		if v.SampleAspect[0] > 0 && v.SampleAspect[1] > 0 {
			r.Width = v.Width * v.SampleAspect[0] / v.SampleAspect[1]
		}
		if v.RotationDegrees%180 != 0 {
			r.Width, r.Height = r.Height, r.Width
		}
	}
	describeWords(r, m)
}
