package transcode

import (
	"context"
	"fmt"
)

// byEncoders runs a job by the best encoder there is, and by the next when one
// fails. What an encoder has published by then viewers may hold: then the job
// fails with a *Fault, and is to be begun anew, in another place.
func (t *Tools) byEncoders(ctx context.Context, job Job, machine Machine, files *sources) (result outcome, segments int, err error) {
	if job.Plan.Rung != Convert {
		return t.stream(ctx, job, machine, "", files)
	}
	list := t.encoders(machine, job.Media)
	if len(list) == 0 {
		return outcome{}, 0, refuse(nil, CodeNoEncoder, "the ffmpeg of this machine has no H.264 encoder (libx264)")
	}
	for i, encoder := range list {
		result, segments, err = t.byOne(ctx, job, machine, encoder, files)
		if ctx.Err() != nil || files.stillThere() != nil {
			return result, segments, err
		}
		fault := hardwareFault(encoder, result, err)
		if fault == nil {
			if err == nil {
				t.acquit(encoder)
			}
			return result, segments, err
		}
		t.condemn(encoder, fault)
		if segments > 0 || i == len(list)-1 {
			return result, segments, fault
		}
		if job.OnWarning != nil {
			job.OnWarning(encoderFailed())
		}
	}
	return result, segments, err
}

// byOne waits for the chip, if it is one.
func (t *Tools) byOne(ctx context.Context, job Job, machine Machine, encoder Encoder, files *sources) (outcome, int, error) {
	if encoder.Hardware() {
		release, err := t.claimHardware(ctx)
		if err != nil {
			return outcome{}, 0, fmt.Errorf("convert by %s: %w", encoder, err)
		}
		defer release()
	}
	return t.stream(ctx, job, machine, encoder, files)
}

func encoderFailed() Reason {
	return because(CodeEncoderFailed, "the box's video encoder failed; the film was converted more slowly, by software")
}
