package intake

import (
	"context"
	"time"

	"streambox.local/transcode"
)

// learnAfter is when the tools are asked what they can do if nobody needs to know.
const learnAfter = 2 * time.Second

// learnMachine asks the tools what they can do, until they have answered. A
// failed question says nothing: a busy Pi may be slow to start ffmpeg, and a box
// that took it for a machine without encoder would refuse its films for ever.
//
// It waits until a film needs the answer, or a moment: a box that has just been
// switched on has better things to do than to start ffmpeg three times.
func (in *Intake) learnMachine(ctx context.Context) {
	moment := time.NewTimer(learnAfter)
	defer moment.Stop()
	select {
	case <-ctx.Done():
		return
	case <-in.needMachine:
	case <-moment.C:
	}
	for n := 1; ; n++ {
		var machine transcode.Machine
		err := guarded(func() (err error) { machine, err = in.cfg.Tools.Machine(ctx); return err })
		if ctx.Err() != nil {
			return
		}
		in.locked(func() { in.machineTold(machine, err) })
		if err == nil {
			in.log.Debug("Looked at ffmpeg", "cpus", machine.CPUs, "board", machine.Board, "encoders", machine.Encoders, "hevc", machine.HEVC, "toneMap", machine.ToneMap)
			return
		}
		in.log.Warn("Finding out what ffmpeg can do failed, is tried again", "error", err)
		again := time.NewTimer(retryWait(min(n, 2)))
		select {
		case <-ctx.Done():
		case <-in.askMachine:
		case <-again.C:
		}
		again.Stop()
	}
}

// machineTold takes an answer of the tools. Holds mu.
func (in *Intake) machineTold(machine transcode.Machine, err error) {
	in.machineFailed = err != nil
	if err == nil {
		in.machine = &machine
	}
	for _, id := range sortedKeys(in.films) {
		f := in.films[id]
		switch {
		case !f.unplanned && err == nil:
			in.alsoModern(f)
			in.serveAlongside(f)
		case !f.unplanned:
		case err == nil:
			in.begin(f)
		default:
			in.block(f, machineUnknown(), time.Time{})
		}
	}
}

// unplanned keeps what is known of a film until it can be planned, with why it
// cannot. Nothing of the record says yet how it will be played. Holds mu.
func (in *Intake) unplanned(f *film, keep edit) {
	f.unplanned = true
	switch {
	case in.cfg.Tools == nil:
		in.block(f, ffmpegMissing(), time.Time{}, keep)
	case in.machineFailed:
		in.block(f, machineUnknown(), time.Time{}, keep)
	default: // the first answer is on its way
		signal(in.needMachine)
		f.stage = stageUnplanned
		rec, _ := in.cfg.Library.Record(f.id)
		in.showStage(f, warningOf(rec.Reason), keep) // it was found when the film was read, and will not be again
	}
}
