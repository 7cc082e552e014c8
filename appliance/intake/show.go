package intake

import (
	"fmt"
	"maps"
	"slices"

	"streambox.local/appliance/library"
)

// update edits a title's record; an error is logged: the title goes on in memory.
func (in *Intake) update(id string, edit func(*library.Record)) {
	if err := in.cfg.Library.Update(id, false, edit); err != nil {
		in.log.Warn("Title not kept", "title", id, "error", err)
	}
}

// forget takes a title off the list with all that was kept of it.
func (in *Intake) forget(id string) {
	if err := in.cfg.Library.Remove(id); err != nil {
		in.log.Warn("Title not forgotten", "title", id, "error", err)
	}
}

// edit changes a record beside what showStage puts into it.
type edit = func(*library.Record)

// showStage puts a film's stage, name and sources into its record, together
// with what the edits change: one Update writes title.json once. Holds mu.
func (in *Intake) showStage(f *film, why *library.Reason, edits ...edit) {
	name, sources := f.shownName(), f.sources()
	why, edits = f.converted(why, edits)
	state, forOthers := f.stateShown(), f.forOthers()
	if silent := f.whySilent(); silent != nil {
		state, why = library.Blocked, silent
	}
	in.update(f.id, func(r *library.Record) {
		for _, change := range edits {
			change(r)
		}
		r.Name, r.Sources, r.State, r.Reason, r.ForOthers = name, sources, state, why, forOthers
		if state != library.Converting {
			r.Progress, r.SecondsLeft = 0, 0
		}
		if f.served == nil && f.packed == nil {
			r.Renditions = slices.DeleteFunc(r.Renditions, func(one library.Rendition) bool {
				return isFromStick(one) && (one.Alternate == 0 || len(f.alternates) == 0)
			})
		}
	})
}

// showSources puts a film's places into its record. Holds mu.
func (in *Intake) showSources(f *film) {
	if f.stage == stageHidden {
		return
	}
	name, sources := f.shownName(), f.sources()
	in.update(f.id, func(r *library.Record) { r.Name, r.Sources = name, sources })
}

// shownName is what the film is called, whichever copy is read: people look for it
// under the name that it had a minute ago.
func (f *film) shownName() string {
	if f.name == "" {
		f.name = f.places[0].title
	}
	return f.name
}

// sources are a film's places as the API shows them.
func (f *film) sources() []library.Place {
	out := make([]library.Place, 0, len(f.places))
	for _, p := range f.places {
		out = append(out, p.place(p.stick.ID))
	}
	return out
}

// show tells the library what sticks and problems there are. Holds mu.
func (in *Intake) show() {
	in.working.Store(in.isWorking())
	titles := map[*stick]int{}
	hidden := map[*stick]map[kind]int{}
	full := (*film)(nil)
	for _, f := range in.films {
		if f.stage == stageWait && f.noRoom && (full == nil || f.number < full.number) {
			full = f
		}
		last := (*stick)(nil)
		for _, p := range f.places {
			if f.stage == stageHidden {
				if hidden[p.stick] == nil {
					hidden[p.stick] = map[kind]int{}
				}
				hidden[p.stick][f.hidden]++
			} else if p.stick != last { // two copies on one stick are one title
				titles[p.stick]++
				last = p.stick
			}
		}
	}
	out := make([]library.Stick, 0, len(in.sticks))
	problems := map[string]*library.Problem{}
	for _, st := range in.sticks {
		s := st.shown(titles[st], hidden[st])
		if s.Reason != nil && s.State != library.StickIgnored && problems[s.Reason.Code] == nil {
			problems[s.Reason.Code] = s.Reason
		}
		out = append(out, s)
	}
	if in.cfg.Tools == nil {
		problems[CodeFFmpegMissing] = ffmpegMissing()
	}
	if full != nil {
		problems[CodeNoRoom] = reason(CodeNoRoom, "The box is full: some films wait for room")
	}
	in.cfg.Library.SetSticks(out)
	in.showProblems(problems)
}

// showProblems tells only what has changed: each telling wakes every page.
func (in *Intake) showProblems(now map[string]*library.Problem) {
	for code := range in.shown {
		if now[code] == nil {
			in.cfg.Library.SetProblem(code, nil)
			delete(in.shown, code)
		}
	}
	for code, p := range now {
		if text := fmt.Sprint(p.Text, p.Parameters); in.shown[code] != text {
			in.cfg.Library.SetProblem(code, p)
			in.shown[code] = text
		}
	}
}

// shown is a stick as the API shows it.
func (st *stick) shown(titles int, hidden map[kind]int) library.Stick {
	out := library.Stick{
		ID: st.ID, Label: cleanText(st.info.Label, placeRunes), FileSystem: st.info.FileSystem, SizeBytes: st.info.SizeBytes,
		State: library.StickReady, Titles: titles, IgnoredFiles: map[string]int{},
	}
	for _, counts := range []map[kind]int{st.counts, hidden} {
		for k, n := range counts {
			if n > 0 {
				out.IgnoredFiles[string(k)] += n
			}
		}
	}
	switch unread := whyUnread(st.info); {
	case unread != nil:
		out.State, out.Reason = library.StickUnreadable, unread
		if st.info.Ignored {
			out.State = library.StickIgnored
		}
	case st.silent.Load():
		out.State, out.Reason = library.StickUnreadable, aboutStick(CodeStickSilent, "The stick %q does not answer", out.Label)
	case !st.scanned || st.scanning && !st.quiet && st.rescan:
		out.State = library.StickScanning
	case st.broken:
		out.State, out.Reason = library.StickUnreadable, aboutStick(CodeStickUnreadable, "The stick %q cannot be read", out.Label)
	case st.ignored:
		out.State, out.Reason = library.StickIgnored, aboutStick(CodeStickIgnored, "The owner of the stick %q has hidden what is on it", out.Label)
	case st.partial && titles == 0:
		out.State, out.Reason = library.StickUnreadable, aboutStick(CodeStickPartly, "Some files of the stick %q cannot be read", out.Label)
	case st.overLimit:
		out.Reason = tooManyFilms(out.Label, max(1, st.counts[kindOverLimit]))
	case st.partial:
		out.Reason = aboutStick(CodeStickPartly, "Some files of the stick %q cannot be read", out.Label)
	case titles == 0:
		out.State = library.StickEmpty
	}
	return out
}

// sortedKeys gives a map's keys an order that is the same every time.
func sortedKeys[V any](m map[string]V) []string {
	return slices.SortedFunc(maps.Keys(m), naturalCompare)
}
