package transcode

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streambox.local/transcode/publish"
)

// fakeJob is a job for a fake ffmpeg; its input is a file of no meaning.
func fakeJob(t *testing.T, rung Rung) Job {
	t.Helper()
	file := filepath.Join(t.TempDir(), "film")
	if err := os.WriteFile(file, []byte("film"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := publish.Create(filepath.Join(t.TempDir(), "rendition"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Discard() })
	m := film(nil)
	m.DurationSeconds = 60
	return Job{Input: FileInput(file), Media: m, Plan: Plan{Rung: rung}, Out: out}
}

func TestWhatAPlaylistAnnounces(t *testing.T) {
	for _, c := range []struct {
		rung    Rung
		segment float64
		want    float64
	}{{Convert, 4, 5}, {Convert, 2, 3}, {Direct, 4, 20}, {AudioOnly, 4, 20}} {
		if got := mostSeconds(Job{Plan: Plan{Rung: c.rung}, SegmentSeconds: c.segment}); got != c.want {
			t.Errorf("%s with segments of %g s announces %g s, want %g", c.rung, c.segment, got, c.want)
		}
	}
}

func isRefusal(code string) func(error) bool {
	return func(err error) bool {
		refusal, ok := errors.AsType[*Refusal](err)
		return ok && refusal.Reason.Code == code
	}
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func TestDoTellsFailuresApart(t *testing.T) {
	for _, c := range []struct {
		how  string
		rung Rung
		want func(error) bool
	}{
		{"hang", Convert, is(ErrStalled)},
		{"ignore-sigterm", Direct, is(ErrStalled)},
		{"grandchild", Convert, func(err error) bool { return err != nil }}, // writes what is no film
		{"killed", Convert, is(ErrKilled)},
		{"killed", Direct, is(ErrKilled)},
		{"segfault", Convert, isRefusal(CodeCrash)},
		{"segfault", Direct, is(ErrNotSegmentable)},
		{"exit-memory", Convert, is(ErrNoMemory)},
		{"exit-1", Convert, isRefusal(CodeUnknownFormat)},
		{"exit-1", Direct, is(ErrNotSegmentable)},
		{"flood-stderr", Direct, is(ErrNotSegmentable)},
		{"exit-0", Convert, isRefusal(CodeDamaged)},
		{"exit-0", AudioOnly, is(ErrNotSegmentable)},
		{"flood-stdout", Direct, is(ErrNotSegmentable)},
	} {
		t.Run(fmt.Sprintf("%s on the rung %s", c.how, c.rung), func(t *testing.T) {
			tools := fakeTools(t, c.how)
			if err := tools.Do(t.Context(), fakeJob(t, c.rung)); !c.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a title that cannot be played is not tried", func(t *testing.T) {
		tools := fakeTools(t, "hang")
		if err := tools.Do(t.Context(), fakeJob(t, None)); !isRefusal(CodeNoVideo)(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		tools := fakeTools(t, "hang")
		tools.StallAfter = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(300*time.Millisecond, cancel)
		if err := tools.Do(ctx, fakeJob(t, Convert)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestFailedPassesOnWhatIsNotTheFilesFault(t *testing.T) {
	t.Parallel()
	for _, cause := range []error{publish.ErrNoSpace, context.Canceled, context.DeadlineExceeded, ErrStalled, errors.New("a bug")} {
		err := failed(Job{Plan: Plan{Rung: Direct}}, &sources{}, outcome{stderr: "said"}, fmt.Errorf("publish segment 7: %w", cause))
		if _, refused := errors.AsType[*Refusal](err); refused || errors.Is(err, ErrNotSegmentable) || !errors.Is(err, cause) {
			t.Errorf("%v became %v", cause, err)
		}
	}
}

// A film must be playable long before it is converted, and what was published
// before ffmpeg failed is kept only when the file is to blame.
func TestDoWithAFilmThatBreaksOff(t *testing.T) {
	realTools(t)
	stream := filepath.Join(t.TempDir(), "film.ts")
	ffmpeg(t, join(both(), x264, []string{"-c:a", "aac", "-f", "mpegts", stream})...)
	withFilm := func(t *testing.T, how string) *Tools {
		t.Helper()
		tools := fakeTools(t, how)
		if err := os.Symlink(stream, filepath.Join(filepath.Dir(tools.FFmpeg), fakeFilm)); err != nil {
			t.Fatal(err)
		}
		return tools
	}

	t.Run("the first segment is there while ffmpeg still runs", func(t *testing.T) {
		tools := withFilm(t, "film-then-hang")
		tools.StallAfter = time.Hour
		dir := filepath.Join(t.TempDir(), "rendition")
		out, err := publish.Create(dir)
		if err != nil {
			t.Fatal(err)
		}
		job := fakeJob(t, Convert)
		job.Out = out
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- tools.Do(ctx, job) }()
		for job.Out.Manifest().TotalBytes == 0 {
			select {
			case err = <-ended:
				t.Fatalf("ended before a segment was there: %v", err)
			case <-time.After(10 * time.Millisecond):
			}
		}
		cancel()
		if err = <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		playlist, err := os.ReadFile(filepath.Join(dir, "index.m3u8"))
		if err != nil || !strings.Contains(string(playlist), "#EXT-X-TARGETDURATION:5\n") {
			t.Errorf("a playlist that grows slowly is asked for too seldom: %v\n%s", err, playlist)
		}
	})
	for _, c := range []struct {
		how  string
		want func(error) bool // nil: it is kept, with a warning
	}{
		{"film-then-exit-1", nil},
		{"film-then-killed", is(ErrKilled)},
		{"film-then-memory", is(ErrNoMemory)},
		{"film-then-hang", is(ErrStalled)},
	} {
		t.Run(c.how, func(t *testing.T) {
			tools := withFilm(t, c.how)
			job := fakeJob(t, Convert)
			var warnings []Reason
			job.OnWarning = func(r Reason) { warnings = append(warnings, r) }
			err := tools.Do(t.Context(), job)
			switch {
			case c.want != nil && !c.want(err):
				t.Errorf("got %v", err)
			case c.want == nil && (err != nil || len(warnings) != 1 || warnings[0].Code != CodeEndsEarly):
				t.Errorf("got %v, %v", err, warnings)
			}
		})
	}
}

func TestPublisherThatFailsEndsFFmpeg(t *testing.T) {
	tools := realTools(t)
	file := ordinary(t, "a.mp4")
	media, err := tools.Probe(t.Context(), FileInput(file))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "rendition")
	out, err := publish.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err = os.RemoveAll(dir); err != nil { // the disk is gone
		t.Fatal(err)
	}
	err = tools.Do(t.Context(), Job{Input: FileInput(file), Media: media, Plan: Plan{Rung: Direct}, Out: out})
	if !errors.Is(err, os.ErrNotExist) || errors.Is(err, ErrNotSegmentable) {
		t.Errorf("got %v", err)
	}
}
