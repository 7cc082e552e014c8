package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
	"streambox.local/transcode/publish"
)

// modernTools take every real film for what it is, AV1, and convert it in 6 s.
type modernTools struct {
	packTools
	noEncoder bool
	fails     []error // of the conversions, one after the other
}

func (t *modernTools) Machine(ctx context.Context) (transcode.Machine, error) {
	m, err := t.packTools.Machine(ctx)
	m.H264 = !t.noEncoder
	return m, err
}

func (t *modernTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.packTools.Probe(ctx, in)
	if err == nil && m.Video != nil && m.Video.Width == 640 {
		m.Video.Codec, m.Video.Profile = "av1", "Main"
	}
	return m, err
}

func (t *modernTools) Do(ctx context.Context, job transcode.Job) error {
	t.mu.Lock()
	t.jobs = append(t.jobs, string(job.Plan.Rung))
	var fails error
	if len(t.fails) > 0 {
		fails, t.fails = t.fails[0], t.fails[1:]
	}
	t.mu.Unlock()
	const count = 6
	for n := job.Out.Next(); n < count; n++ {
		if err := wait(ctx, time.Second); err != nil {
			return err
		}
		if fails != nil && n == 1 {
			return fails
		}
		data := fmt.Appendf(nil, "converted %d", n)
		if err := job.Out.Add(ctx, publish.Segment{Number: n, Data: data, DurationSeconds: 4}); err != nil {
			return err
		}
		job.OnProgress(transcode.Progress{Fraction: float64(n+1) / count, SecondsLeft: float64(count - n - 1)})
	}
	_, err := job.Out.Finish(ctx)
	return err
}

// cannot tells that so many of those who have the film open cannot play it as it is.
func (r *rig) cannot(phones int) {
	id := r.title("film").ID
	r.demand.mu.Lock()
	r.demand.open[id] = phones
	if r.demand.cannot == nil {
		r.demand.cannot = map[string]int{}
	}
	r.demand.cannot[id] = phones
	r.demand.mu.Unlock()
	r.in.DemandChanged(id)
}

func TestFilmsThatNotEveryPhonePlays(t *testing.T) {
	films := realFilms(t, "av1-aac")
	for name, test := range map[string]func(*rig, *modernTools){
		"nothing is converted before somebody asks":              nothingIsConvertedBeforeSomebodyAsks,
		"who cannot play it has it converted beside":             whoCannotHasItConverted,
		"a restart finds both":                                   aRestartFindsBoth,
		"a pulled stick leaves what was converted":               aPulledStickLeavesWhatWasConverted,
		"a conversion that fails is tried again, ever later":     aFailingConversionIsTriedAgain,
		"what cannot be converted still plays as it is":          whatCannotBeConvertedStillPlays,
		"a machine without an encoder says so to who cannot":     aMachineWithoutAnEncoder,
		"what the packager does not read is converted for all":   whatIsNotReadIsConvertedForAll,
		"what cannot be cut while it is converted for others":    whatCannotBeCutWhileItIsConverted,
		"a refused conversion is not tried again":                aRefusedConversionIsNotTriedAgain,
		"who cannot, and has left, still leaves it to be played": whoHasLeftDoesNotUndo,
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				tools := &modernTools{packTools: packTools{r.tools}}
				r.change = func(c *Config) {
					c.Tools = tools
					c.Segments = packager.NewCache(0, 0)
				}
				r.put("a", "film.mp4", films["av1-aac"])
				test(r, tools)
			})
		})
	}
}

// asItIs checks that a film is served as it is, whatever becomes of its conversion.
func (r *rig) asItIs() library.Title {
	r.t.Helper()
	title := r.want("film", library.Ready)
	if !strings.HasPrefix(title.Codecs, "av01.") || !strings.Contains(title.Playlist, "/"+packedPrefix) || title.How != library.Direct || !title.Playable {
		r.t.Fatalf("%+v; log:\n%s", title, r.log)
	}
	return title
}

// other is the rendition for those who cannot play the first.
func (r *rig) other(state library.State) library.TitleRendition {
	r.t.Helper()
	title := r.asItIs()
	if len(title.Renditions) != 2 || title.Renditions[1].State != state || title.Renditions[1].Codecs != "" {
		r.t.Fatalf("want another rendition that is %s: %+v; log:\n%s", state, title.Renditions, r.log)
	}
	return title.Renditions[1]
}

func nothingIsConvertedBeforeSomebodyAsks(r *rig, _ *modernTools) {
	r.plugged()
	r.open("film", 3) // who can play it
	r.settle(time.Minute)
	if title := r.asItIs(); len(title.Renditions) != 1 || len(r.jobs()) > 0 {
		r.t.Errorf("%+v; jobs %v", title.Renditions, r.jobs())
	}
}

func whoCannotHasItConverted(r *rig, _ *modernTools) {
	before := r.plugged()
	r.cannot(1)
	r.settle(2500 * time.Millisecond)
	half := r.other(library.Converting)
	if half.Progress <= 0 || half.Progress >= 1 || half.SecondsLeft <= 0 || !strings.Contains(half.Playlist, "/video-") {
		r.t.Errorf("half-way: %+v", half)
	}
	r.settle(10 * time.Second)
	r.other(library.Ready)
	title := r.asItIs()
	if title.Playlist != before.Playlist || title.Codecs != before.Codecs || !slices.Equal(r.jobs(), []string{"convert"}) {
		r.t.Errorf("before %+v, now %+v; jobs %v", before, title, r.jobs())
	}
	r.settle(time.Minute)
	if !slices.Equal(r.jobs(), []string{"convert"}) {
		r.t.Errorf("it is converted again: %v", r.jobs())
	}
	if rec, _ := r.lib.Record(title.ID); rec.How != library.Direct || rec.Reason.Code != transcode.CodeModern {
		r.t.Errorf("it is kept as %s for %+v", rec.How, rec.Reason)
	}
}

func aRestartFindsBoth(r *rig, _ *modernTools) {
	before := r.plugged()
	r.cannot(1)
	r.settle(10 * time.Second)
	r.restart()
	r.settle(5 * time.Second)
	r.other(library.Ready)
	if title := r.asItIs(); title.Playlist != before.Playlist || title.Codecs != before.Codecs || len(r.jobs()) != 1 {
		r.t.Errorf("before %+v, now %+v; jobs %v", before, title, r.jobs())
	}
}

func aPulledStickLeavesWhatWasConverted(r *rig, _ *modernTools) {
	r.plugged()
	r.cannot(1)
	r.settle(10 * time.Second)
	r.pull("a")
	r.settle(2 * time.Second)
	title := r.want("film", library.Unplugged)
	if !title.Playable || title.Codecs != "" || title.Renditions != nil || !strings.Contains(title.Playlist, "/video-") {
		r.t.Errorf("without its stick: %+v", title)
	}
	r.plug("a")
	r.settle(3 * time.Second)
	r.other(library.Ready)
}

func aFailingConversionIsTriedAgain(r *rig, tools *modernTools) {
	tools.fails = []error{transcode.ErrKilled, transcode.ErrKilled}
	r.plugged()
	r.cannot(1)
	r.settle(5 * time.Second)
	if why := r.other(library.Blocked).Reason; why == nil || why.Code != CodeConversionFailed {
		r.t.Errorf("after the first failure: %+v", why)
	}
	r.settle(15 * time.Second) // 10 s later again, and then a minute
	if r.other(library.Blocked); len(r.jobs()) != 2 {
		r.t.Errorf("after the second: %v", r.jobs())
	}
	r.settle(40 * time.Second)
	if len(r.jobs()) != 2 {
		r.t.Errorf("it is tried again at once: %v", r.jobs())
	}
	r.settle(time.Minute)
	r.other(library.Ready)
}

func whatCannotBeConvertedStillPlays(r *rig, tools *modernTools) {
	refusal := &transcode.Refusal{Reason: transcode.Reason{Code: transcode.CodeCrash, Text: "it breaks the decoder"}, Err: errors.New("as told")}
	tools.fails = []error{refusal}
	r.plugged()
	r.cannot(1)
	r.settle(10 * time.Second)
	if why := r.other(library.Unplayable).Reason; why == nil || why.Code != transcode.CodeCrash {
		r.t.Errorf("%+v", why)
	}
	r.cannot(0)
	r.restart()
	r.settle(5 * time.Second)
	r.asItIs()
}

func aMachineWithoutAnEncoder(r *rig, tools *modernTools) {
	tools.noEncoder = true
	r.plugged()
	r.cannot(1)
	r.settle(10 * time.Second)
	if why := r.other(library.Unplayable).Reason; why == nil || why.Code != transcode.CodeNoEncoder || len(r.jobs()) > 0 {
		r.t.Errorf("%+v; jobs %v", why, r.jobs())
	}
}

func whatIsNotReadIsConvertedForAll(r *rig, _ *modernTools) {
	r.put("a", "odd.mp4", content(spec{Name: "odd", Codec: "hevc", Padding: 400_000}))
	r.plugged()
	r.settle(20 * time.Second)
	if title := r.want("odd", library.Ready); title.Codecs != "" || title.How != library.Convert || !strings.Contains(title.Playlist, "/video-") {
		r.t.Errorf("%+v", title)
	}
	r.asItIs()
}

func whoHasLeftDoesNotUndo(r *rig, _ *modernTools) {
	r.plugged()
	r.cannot(1)
	r.settle(1500 * time.Millisecond)
	r.cannot(0)
	r.settle(10 * time.Second)
	r.other(library.Ready)
}

func whatCannotBeCutWhileItIsConverted(r *rig, _ *modernTools) {
	r.plugged()
	r.cannot(1)
	r.settle(1500 * time.Millisecond)
	r.other(library.Converting)
	id := r.title("film").ID
	r.in.repack(id, r.packed(id), packager.ErrNotSegmentable)
	r.settle(20 * time.Second)
	title := r.want("film", library.Ready)
	if rec, _ := r.lib.Record(id); title.Codecs != "" || title.How != library.Convert || !slices.Equal(rec.Failed, []string{string(transcode.Direct)}) {
		r.t.Errorf("%+v; failed %v", title, rec.Failed)
	}
}

func aRefusedConversionIsNotTriedAgain(r *rig, tools *modernTools) {
	refusal := &transcode.Refusal{Reason: transcode.Reason{Code: transcode.CodeCrash, Text: "it breaks the decoder"}, Err: errors.New("as told")}
	tools.fails = []error{refusal, refusal, refusal, refusal}
	r.plugged()
	for _, again := range []func(){r.restart, func() { r.pull("a"); r.settle(2 * time.Second); r.plug("a") }, func() {}} {
		r.cannot(1)
		r.settle(10 * time.Second)
		if why := r.other(library.Unplayable).Reason; why == nil || why.Code != transcode.CodeCrash || why.Text != refusal.Reason.Text {
			r.t.Errorf("%+v", why)
		}
		if jobs := r.jobs(); len(jobs) != 1 {
			r.t.Errorf("it is tried again: %v", jobs)
		}
		r.cannot(0)
		again()
		r.settle(5 * time.Second)
	}
	if rec, _ := r.lib.Record(r.title("film").ID); len(rec.Failed) > 0 {
		r.t.Errorf("of the film as it is, %v failed", rec.Failed)
	}
}
