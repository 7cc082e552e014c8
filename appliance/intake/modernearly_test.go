package intake

import (
	"context"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// brokenOff are modernTools by which every film announces twice of what it has.
type brokenOff struct{ modernTools }

func (t *brokenOff) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.modernTools.Probe(ctx, in)
	m.DurationSeconds *= 2
	return m, err
}

func TestAFilmThatEndsEarlySaysSoAfterItsConversionForOthers(t *testing.T) {
	films := realFilms(t, "av1-aac")
	inBox(t, func(r *rig) {
		tools := &brokenOff{modernTools{packTools: packTools{r.tools}}}
		r.change = func(c *Config) {
			c.Tools = tools
			c.Segments = packager.NewCache(0, 0)
		}
		r.put("a", "film.mp4", films["av1-aac"])
		said := func(when string) {
			if title := r.asItIs(); title.Reason == nil || title.Reason.Code != transcode.CodeEndsEarly {
				r.t.Errorf("%s: %+v", when, title.Reason)
			}
		}
		r.plugged()
		said("as it is")
		r.cannot(1)
		r.settle(10 * time.Second)
		r.other(library.Ready)
		said("converted for others")
		r.restart()
		r.settle(5 * time.Second)
		r.other(library.Ready)
		said("after a restart")
	})
}
