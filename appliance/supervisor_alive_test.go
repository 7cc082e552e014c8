package appliance

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheSupervisorAnswersWhileItRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		alive := func(s *Supervisor) error {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			return s.Alive(ctx)
		}
		held := make(chan struct{})
		s := &Supervisor{Services: []Service{
			{Name: "slow", Run: func(ctx context.Context) error { <-ctx.Done(); <-held; return nil }},
			{Name: "shaky", Run: func(context.Context) error { return errors.New("no luck") }},
		}}
		if err := alive(s); !errors.Is(err, errNotRunning) {
			t.Errorf("before Run: %v", err)
		}
		stop := start(t, s)
		synctest.Wait()
		if err := alive(s); err != nil {
			t.Errorf("while it runs: %v", err)
		}
		stopped := make(chan error, 1)
		go func() { stopped <- stop() }()
		synctest.Wait()
		if err := alive(s); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("while it stops: %v", err)
		}
		close(held)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

func TestChangesAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen [][]string
		s := &Supervisor{Services: []Service{{Name: "shaky", Run: func(context.Context) error { return errors.New("no luck") }}}}
		s.OnChange = func() { seen = append(seen, s.Failing()) }
		stop := start(t, s)
		time.Sleep(time.Minute) //nolint:forbidigo // the bubble's clock: nothing waits
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		// Running; failing; from then on it counts as failing in both; ended.
		if len(seen) < 4 || len(seen[0]) != 0 || !slices.Equal(seen[1], []string{"shaky"}) || len(seen[len(seen)-1]) != 0 {
			t.Errorf("told %v", seen)
		}
	})
}

// The LED, first in the list and so last to stop, goes off although a stick hangs.
func TestWhoseTurnDoesNotComeHasALastMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log syncBuffer
		release, dark := make(chan struct{}), false
		s := &Supervisor{
			Log: slog.New(slog.NewTextHandler(&log, nil)),
			Services: []Service{
				{Name: "panel", Run: func(ctx context.Context) error {
					<-ctx.Done()
					time.Sleep(100 * time.Millisecond) //nolint:forbidigo // the bubble's clock: nothing waits
					dark = true
					return nil
				}},
				{Name: "stick", Run: func(context.Context) error { <-release; return nil }},
				{Name: "http", Run: untilStopped},
			},
		}
		stop := start(t, s)
		synctest.Wait()
		asked := time.Now()
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(asked); !dark || took > 5*time.Second {
			t.Errorf("the LED is dark: %v, after %v", dark, took)
		}
		if got := log.String(); !strings.Contains(got, "service=stick") || strings.Contains(got, "service=panel") {
			t.Errorf("the log should name only the stick: %s", got)
		}
		close(release)
		synctest.Wait()
	})
}
