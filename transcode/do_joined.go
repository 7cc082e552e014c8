package transcode

import (
	"context"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

// joined converts the sound of a film whose picture is packaged as it is, into a
// folder that is removed afterwards, and returns the title with it.
func (t *Tools) joined(ctx context.Context, job Job, title *packager.Title) (*packager.Title, func(), error) {
	out, err := sound.CreateTemporary(job.WorkDir)
	if err != nil {
		return nil, nil, err
	}
	remove := func() {
		if left := out.Discard(); left != nil {
			t.Log.Warn("Converted sound not removed", "error", left)
		}
	}
	gaveUp, err := t.Sound(ctx, SoundJob{
		Input: job.Input, Media: job.Media, Out: out, OnProgress: job.OnProgress, Background: true,
		StartSeconds: float64(title.StartTicks()) / ticksPerSecond, DurationSeconds: title.StartSeconds(title.Segments()),
	})
	if err == nil {
		_, err = out.Finish()
	}
	if err != nil {
		remove()
		return nil, nil, err
	}
	if why, early := SoundEndsEarly(out.Sound(), title.StartSeconds(title.Segments())); gaveUp && early && job.OnWarning != nil {
		job.OnWarning(why)
	}
	return title.Join(out.Sound()), remove, nil
}

const ticksPerSecond = 90_000
