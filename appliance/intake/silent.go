package intake

import (
	"slices"
	"time"

	"streambox.local/appliance/library"
)

// lookForSilent finds the sticks that do not answer, and those that do again.
// Holds mu.
func (in *Intake) lookForSilent() {
	for _, st := range in.sticks {
		waits := st.scanning || st.asking.Load()
		silent := waits && in.sinceBegan()-time.Duration(st.beat.Load()) > silentAfter
		if st.silent.Swap(silent) == silent {
			continue
		}
		in.log.Warn("Stick stopped answering, or began again", "stick", st.ID, "silent", silent)
		in.silenceChanged(st)
	}
}

// silenceChanged lets the films that wait for a stick's answer be read from
// another stick, or shows why they wait. Holds mu.
func (in *Intake) silenceChanged(st *stick) {
	for _, key := range sortedKeys(st.places) {
		f := st.places[key].film
		switch {
		case !f.waits() || f.noRoom:
		case len(f.places) > 1:
			in.restart(f)
		case f.stage == stageWait:
			in.showStage(f, reasonOf(f.plan.Reason))
		default:
			in.showStage(f, nil)
		}
	}
	in.wakeWorkers()
}

// waits is true for a film that is in a queue.
func (f *film) waits() bool {
	return f.stage == stageProbe || f.stage == stageCheck || f.stage == stageWait
}

// answers is true when a film can be read: the stick of its first place answers.
// With several places, those of silent sticks are last (orderPlaces).
func (f *film) answers() bool { return !f.places[0].stick.silent.Load() }

// anyAnswers is true when one of the films can be read.
func anyAnswers(films []*film) bool { return slices.ContainsFunc(films, (*film).answers) }

// whySilent is why a film in a queue does not get its turn; nil: it does.
func (f *film) whySilent() *library.Reason {
	if !f.waits() || f.answers() {
		return nil
	}
	return aboutStick(CodeStickSilent, "The stick %q does not answer", cleanText(f.places[0].stick.info.Label, placeRunes))
}

// workLeft is about a film whose work waits for a stick that does not answer: it
// begins anew, from another stick or when this one answers again. Holds mu.
func (in *Intake) workLeft(f *film, turn int) {
	if in.current(f, turn) {
		in.restart(f)
	}
}
