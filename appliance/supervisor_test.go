package appliance

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// untilStopped is the part that does nothing but stop when told to.
func untilStopped(ctx context.Context) error { <-ctx.Done(); return nil }

// start runs s and returns what stops it and gives Run's error.
func start(t *testing.T, s *Supervisor) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() { result <- s.Run(ctx) }()
	return func() error { cancel(); return <-result }
}

func TestAFailingPartIsStartedAgainWithGrowingWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var starts []time.Duration
		s := &Supervisor{Services: []Service{{Name: "shaky", Run: func(context.Context) error {
			starts = append(starts, time.Since(began))
			return errors.New("no luck")
		}}}}
		stop := start(t, s)
		time.Sleep(2 * time.Minute) //nolint:forbidigo // the bubble's clock: nothing waits
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatalf("Run = %v, want nil after a stop", err)
		}
		want := []time.Duration{
			0, 500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond, 7500 * time.Millisecond,
			15500 * time.Millisecond, 31500 * time.Millisecond, 61500 * time.Millisecond, 91500 * time.Millisecond,
		}
		if !slices.Equal(starts, want) {
			t.Errorf("starts at %v,\nwant %v", starts, want)
		}
	})
}

func TestAPartThatRanWellStartsAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var starts []time.Duration
		s := &Supervisor{Services: []Service{{Name: "tired", Run: func(ctx context.Context) error {
			starts = append(starts, time.Since(began))
			if len(starts) < 4 {
				return errors.New("no luck")
			}
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(2 * time.Minute):
				return errors.New("tired")
			}
		}}}}
		stop := start(t, s)
		time.Sleep(3 * time.Minute) //nolint:forbidigo // the bubble's clock: nothing waits
		synctest.Wait()
		if got, want := starts[len(starts)-1]-starts[len(starts)-2], 2*time.Minute+firstWait; got != want {
			t.Errorf("after two good minutes the next start came after %v, want %v", got, want)
		}
		if got := s.Health()[0].Failures; got != 1 {
			t.Errorf("Failures = %d after a good run, want 1", got)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAPanicIsCaughtLoggedAndTheOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log syncBuffer
		s := &Supervisor{
			Log: slog.New(slog.NewTextHandler(&log, nil)),
			Services: []Service{
				{Name: "calm", Run: untilStopped},
				{Name: "wild", Run: func(context.Context) error { panic("index out of luck") }},
			},
		}
		stop := start(t, s)
		time.Sleep(time.Second) //nolint:forbidigo // the bubble's clock: nothing waits
		synctest.Wait()
		if got := s.Failing(); !slices.Equal(got, []string{"wild"}) {
			t.Errorf("Failing = %v, want only wild", got)
		}
		if !strings.Contains(log.String(), "index out of luck") || !strings.Contains(log.String(), "supervisor_test.go") {
			t.Errorf("the log lacks the panic or its stack: %s", log.String())
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestACriticalPartThatFailsEndsTheBox(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("address already in use")
		for returned, want := range map[error]error{cause: cause, nil: errEndedByItself} {
			var order []string
			s := &Supervisor{OnStop: func() { order = append(order, "told") }, Services: []Service{
				{Name: "library", Run: func(ctx context.Context) error { <-ctx.Done(); order = append(order, "stopped"); return nil }},
				{Name: "http", Critical: true, Run: func(context.Context) error { return returned }},
			}}
			err := s.Run(t.Context())
			if !errors.Is(err, want) || !strings.Contains(err.Error(), "http") {
				t.Errorf("it returned %v: Run = %v, want %v with the part's name", returned, err, want)
			}
			if !slices.Equal(order, []string{"told", "stopped"}) {
				t.Errorf("it returned %v: the others were %v", returned, order)
			}
		}
	})
}

func TestPartsStopInTheOppositeOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var order []string
		named := func(name string) Service {
			return Service{Name: name, Run: func(ctx context.Context) error {
				<-ctx.Done()
				order = append(order, name) // one at a time, or the race detector says so
				return nil
			}}
		}
		s := &Supervisor{Services: []Service{named("library"), named("intake"), named("http")}, OnStop: func() { order = append(order, "told") }}
		stop := start(t, s)
		synctest.Wait()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if want := []string{"told", "http", "intake", "library"}; !slices.Equal(order, want) {
			t.Errorf("stopped in the order %v, want %v", order, want)
		}
	})
}

func TestAPartThatDoesNotStopIsLeftBehindAndNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log syncBuffer
		release := make(chan struct{})
		s := &Supervisor{
			Log: slog.New(slog.NewTextHandler(&log, nil)),
			Services: []Service{
				{Name: "polite", Run: untilStopped},
				{Name: "stubborn", Run: func(context.Context) error { <-release; return nil }},
			},
		}
		stop := start(t, s)
		synctest.Wait()
		asked := time.Now()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(asked); took > 5*time.Second {
			t.Errorf("stopping took %v, more than 5 s", took)
		}
		if !strings.Contains(log.String(), "stubborn") || strings.Contains(log.String(), "polite") {
			t.Errorf("the log should name only the stubborn part: %s", log.String())
		}
		close(release)
		synctest.Wait()
	})
}

func TestAPartThatIsDoneStaysDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runs := 0
		s := &Supervisor{Services: []Service{
			{Name: "once", Run: func(context.Context) error { runs++; return nil }},
			{Name: "http", Critical: true, Run: untilStopped},
		}}
		stop := start(t, s)
		time.Sleep(time.Hour) //nolint:forbidigo // the bubble's clock: nothing waits
		synctest.Wait()
		if runs != 1 || s.Health()[0].Condition != Ended || s.Health()[1].Condition != Running {
			t.Errorf("runs = %d, health = %+v", runs, s.Health())
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAPartJustStartedAgainStillCountsAsFailing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := true
		s := &Supervisor{Services: []Service{{Name: "shaky", Run: func(ctx context.Context) error {
			if first {
				first = false
				return errors.New("no luck")
			}
			return untilStopped(ctx)
		}}}}
		stop := start(t, s)
		time.Sleep(2 * time.Second) //nolint:forbidigo // the bubble's clock: nothing waits
		if got := s.Health()[0].Condition; got != Failing {
			t.Errorf("2 s after the failure: %s, want failing", got)
		}
		time.Sleep(10 * time.Second) //nolint:forbidigo // the bubble's clock: nothing waits
		if got := s.Health()[0].Condition; got != Running {
			t.Errorf("12 s after the failure: %s, want running", got)
		}
		if err := stop(); err != nil {
			t.Fatal(err)
		}
	})
}

// syncBuffer is a bytes.Buffer for several goroutines.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
