package transcode

import (
	"errors"
	"io"
	"testing"
	"time"
)

func TestVerdictByWhatIsSaid(t *testing.T) {
	t.Parallel()
	cause := errors.New("exit status 1")
	for says, code := range map[string]string{
		"[mov] moov atom not found\nfile:/dev/fd/3: Invalid data found when processing input": CodeIncomplete,
		"[hls] Format not on whitelist 'mov,matroska'":                                        CodeUnknownFormat,
		"file:/dev/fd/3: Invalid data found when processing input":                            CodeUnknownFormat,
		"Decoder (codec vvc) not found for input stream #0:0":                                 CodeNoDecoder,
		"Decoding requested, but no decoder found for: vvc":                                   CodeNoDecoder,
		"Stream map '0:V:0' matches no streams.":                                              CodeDamaged,
		"Output file #0 does not contain any stream":                                          CodeDamaged,
	} {
		var refusal *Refusal
		if err := verdict(outcome{stderr: says}, cause); !errors.As(err, &refusal) || refusal.Reason.Code != code || !errors.Is(err, cause) {
			t.Errorf("%q: got %v", says, err)
		}
	}
	if err := verdict(outcome{stderr: "x264 [error]: malloc failed\nCannot allocate memory"}, cause); !errors.Is(err, ErrNoMemory) {
		t.Errorf("memory: got %v", err)
	}
	var refusal *Refusal
	if err := verdict(outcome{stderr: "something new"}, cause); errors.As(err, &refusal) || !errors.Is(err, cause) {
		t.Errorf("an unknown complaint is no verdict on the file: got %v", err)
	}
}

func TestVerdictByHowItDied(t *testing.T) {
	for how, want := range map[string]func(error) bool{
		"segfault": func(err error) bool {
			var refusal *Refusal
			return errors.As(err, &refusal) && refusal.Reason.Code == CodeCrash
		},
		"killed":      func(err error) bool { return errors.Is(err, ErrKilled) },
		"exit-memory": func(err error) bool { return errors.Is(err, ErrNoMemory) },
		"exit-1": func(err error) bool {
			var refusal *Refusal
			return errors.As(err, &refusal) && refusal.Reason.Code == CodeUnknownFormat
		},
	} {
		tools := fakeTools(t, how)
		result, err := program{path: tools.FFmpeg, consume: discard}.run(t.Context())
		if err == nil {
			t.Fatalf("%s ended well", how)
		}
		if got := verdict(result, err); !want(got) {
			t.Errorf("%s: got %v", how, got)
		}
	}
}

func TestLiveness(t *testing.T) {
	t.Parallel()
	const limit = 20 * time.Second
	for _, c := range []struct {
		name string
		does func(l *liveness, pass func(time.Duration) bool)
		want bool
	}{
		{"nothing happens", func(_ *liveness, pass func(time.Duration) bool) { pass(limit) }, true},
		{"not yet", func(_ *liveness, pass func(time.Duration) bool) { pass(limit - time.Second) }, false},
		{"bytes come", func(l *liveness, pass func(time.Duration) bool) {
			pass(limit - time.Second)
			l.working(10)
			l.reading()
			pass(limit - time.Second)
		}, false},
		{"progress comes", func(l *liveness, pass func(time.Duration) bool) {
			pass(limit - time.Second)
			l.sign()
			pass(limit - time.Second)
		}, false},
		{"we are the slow ones", func(l *liveness, pass func(time.Duration) bool) {
			l.working(10)
			pass(10 * limit)
			l.reading()
			pass(limit - time.Second)
		}, false},
		{"it hangs after we were slow", func(l *liveness, pass func(time.Duration) bool) {
			l.working(10)
			pass(10 * limit)
			l.reading()
			pass(limit)
		}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			now := time.Unix(0, 0)
			l := newLiveness(func() time.Time { return now }, limit)
			stalled := false
			c.does(l, func(d time.Duration) bool {
				for end := now.Add(d); now.Before(end); {
					now = now.Add(time.Second)
					stalled = l.stalled(0)
				}
				return stalled
			})
			if stalled != c.want {
				t.Errorf("got %t", stalled)
			}
		})
	}
	t.Run("computing without a result is given longer, not for ever", func(t *testing.T) {
		t.Parallel()
		now := time.Unix(0, 0)
		l := newLiveness(func() time.Time { return now }, limit)
		var cpu time.Duration
		for range int(busyFactor*limit/time.Second) - 1 {
			now, cpu = now.Add(time.Second), cpu+time.Second
			if l.stalled(cpu) {
				t.Fatalf("killed after %s of work", now.Sub(time.Unix(0, 0)))
			}
		}
		if now = now.Add(time.Second); !l.stalled(cpu + time.Second) {
			t.Error("an endless loop is never ended")
		}
	})
}

func TestProgressAt(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                      string
		at, made, speed, duration float64
		want                      Progress
	}{
		{"half-way", 50, 50, 2, 100, Progress{Fraction: 0.5, Speed: 2, SecondsLeft: 25}},
		{"the length is unknown", 50, 50, 2, 0, Progress{Speed: 2}},
		{"the speed is unknown", 50, 50, 0, 100, Progress{Fraction: 0.5}},
		{"longer than announced", 150, 150, 2, 100, Progress{Fraction: 1, Speed: 2}},
		{"before the start", -1, -1, 2, 100, Progress{Speed: 2}},
		{"so little that nothing is foreseen", 4.9, 4.9, 2, 100, Progress{Fraction: 0.049, Speed: 2}},
		{"a twentieth", 5, 5, 2, 100, Progress{Fraction: 0.05, Speed: 2, SecondsLeft: 47.5}},
		{"a minute of a long film", 60, 60, 2, 6000, Progress{Fraction: 0.01, Speed: 2, SecondsLeft: 2970}},
		{"gone on with in the middle", 3010, 10, 2, 6000, Progress{Fraction: 3010.0 / 6000, Speed: 2}},
	} {
		if got := progressAt(c.at, c.made, c.speed, c.duration); got != c.want {
			t.Errorf("%s: got %+v", c.name, got)
		}
	}
}

func TestEndsEarly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name                 string
		announced, published float64
		text                 string
	}{
		{"whole", 3600, 3599, ""},
		{"nearly whole", 3600, 3500, ""},
		{"half", 1500, 725, "the film ends early: the file is damaged after 12 minutes"},
		{"seconds", 60, 20, "the film ends early: the file is damaged after 20 seconds"},
		{"a minute", 600, 80, "the film ends early: the file is damaged after 1 minute"},
		{"a short clip that is rounded", 10, 6, ""},
		{"unknown length", 0, 20, ""},
		{"longer than announced", 10, 20, ""},
	} {
		reason, early := endsEarly(c.announced, c.published, outcome{})
		if early != (c.text != "") || reason.Text != c.text {
			t.Errorf("%s: got %q", c.name, reason.Text)
		}
	}
}

func TestReadBounded(t *testing.T) {
	t.Parallel()
	if _, err := readBounded(io.LimitReader(zeros{}, 11), 10); !errors.Is(err, errTooMuch) {
		t.Errorf("got %v", err)
	}
	if data, err := readBounded(io.LimitReader(zeros{}, 10), 10); err != nil || len(data) != 10 {
		t.Errorf("got %d bytes, %v", len(data), err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
