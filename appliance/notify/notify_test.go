package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// manager is a service manager that listens, with a box to look after.
type manager struct {
	mu      sync.Mutex
	began   time.Time
	heard   []string // "0.5 READY=1 STATUS=…": seconds and message
	words   string
	sick    error
	hangs   bool
	changed chan struct{}
}

func (m *manager) config(watchdog time.Duration) Config {
	m.began, m.changed = time.Now(), make(chan struct{}, 1)
	return Config{
		Send: func(message string) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.heard = append(m.heard, fmt.Sprintf("%.2g %s", time.Since(m.began).Seconds(), strings.ReplaceAll(message, "\n", " ")))
			return nil
		},
		Watchdog: watchdog, Changed: m.changed,
		Words: func() string { m.mu.Lock(); defer m.mu.Unlock(); return m.words },
		Healthy: func(ctx context.Context) error {
			m.mu.Lock()
			sick, hangs := m.sick, m.hangs
			m.mu.Unlock()
			if hangs {
				<-ctx.Done()
				return ctx.Err()
			}
			return sick
		},
	}
}

func (m *manager) set(edit func()) {
	m.mu.Lock()
	edit()
	m.mu.Unlock()
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

// run runs a notifier and does what the steps say, in seconds since the start.
func run(t *testing.T, watchdog time.Duration, m *manager, end float64, steps map[float64]func()) []string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cfg := m.config(watchdog)
	done := make(chan error, 1)
	go func() { done <- New(cfg).Run(ctx) }()
	var times []float64
	for at := range steps {
		times = append(times, at)
	}
	slices.Sort(times)
	for _, at := range append(times, end) {
		time.Sleep(time.Duration(at*float64(time.Second)) - time.Since(m.began)) //nolint:forbidigo // the bubble's clock: nothing waits
		if step := steps[at]; step != nil {
			step()
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("Run = %v", err)
	}
	return m.heard
}

func TestWhatTheManagerHears(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		watchdog time.Duration
		box      *manager
		steps    func(m *manager) map[float64]func()
		end      float64
		want     []string
	}{
		{
			"ready, and stopping", 0, &manager{words: "Ready"}, nil, 3,
			[]string{"0 READY=1 STATUS=Ready", "3 STOPPING=1 STATUS=Stopping"},
		},
		{
			"not ready before the listener answers", 0, &manager{words: "Ready", sick: errors.New("refused")},
			func(m *manager) map[float64]func() {
				return map[float64]func(){0.51: func() { m.set(func() { m.sick = nil }) }}
			}, 1,
			[]string{"0.55 READY=1 STATUS=Ready", "1 STOPPING=1 STATUS=Stopping"},
		},
		{
			"stopped before it was ready", 0, &manager{hangs: true}, nil, 5,
			[]string{"5 STOPPING=1 STATUS=Stopping"},
		},
		{
			"words follow the box, once a second, and are not said twice", 0, &manager{words: "Starting"},
			func(m *manager) map[float64]func() {
				say := func(words string) func() { return func() { m.set(func() { m.words = words }) } }
				return map[float64]func(){0.1: say("Working"), 0.2: say("Working more"), 2.5: say("Ready"), 3: say("Fault"), 3.1: say("Ready"), 7: say("Ready")}
			}, 9,
			[]string{"0 READY=1 STATUS=Starting", "1 STATUS=Working more", "2.5 STATUS=Ready", "9 STOPPING=1 STATUS=Stopping"},
		},
		{
			"a label cannot become a message", 0, &manager{words: "Attention: \"x\nSTOPPING=1\r\x00\x1b[2J\" \xff"}, nil, 1,
			[]string{"0 READY=1 STATUS=Attention: \"x STOPPING=1 [2J\" \uFFFD", "1 STOPPING=1 STATUS=Stopping"},
		},
		{
			"signs of life three times as often as needed", 3 * time.Second, &manager{words: "Ready"}, nil, 3.5,
			[]string{"0 READY=1 STATUS=Ready", "0 WATCHDOG=1", "1 WATCHDOG=1", "2 WATCHDOG=1", "3 WATCHDOG=1", "3.5 STOPPING=1 STATUS=Stopping"},
		},
		{
			"none while the box does not answer, and again when it does", 3 * time.Second, &manager{words: "Ready"},
			func(m *manager) map[float64]func() {
				return map[float64]func(){0.5: func() { m.set(func() { m.sick = errors.New("refused") }) }, 2.5: func() { m.set(func() { m.sick = nil }) }}
			}, 3.5,
			[]string{"0 READY=1 STATUS=Ready", "0 WATCHDOG=1", "3 WATCHDOG=1", "3.5 STOPPING=1 STATUS=Stopping"},
		},
		{
			"none while the answer never comes", 3 * time.Second, &manager{words: "Ready"},
			func(m *manager) map[float64]func() {
				return map[float64]func(){0.5: func() { m.set(func() { m.hangs = true }) }}
			}, 60,
			[]string{"0 READY=1 STATUS=Ready", "0 WATCHDOG=1", "60 STOPPING=1 STATUS=Stopping"},
		},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var steps map[float64]func()
				if tt.steps != nil {
					steps = tt.steps(tt.box)
				}
				if heard := run(t, tt.watchdog, tt.box, tt.end, steps); !slices.Equal(heard, tt.want) {
					t.Errorf("heard\n%s\nwant\n%s", strings.Join(heard, "\n"), strings.Join(tt.want, "\n"))
				}
			})
		})
	}
}

func TestHealth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		box := manager{words: "Ready"}
		n := New(box.config(3 * time.Second))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- n.Run(ctx) }()
		for _, sick := range []error{nil, errors.New("refused"), nil} {
			box.set(func() { box.sick = sick })
			time.Sleep(2 * time.Second) //nolint:forbidigo // the bubble's clock: nothing waits
			if managed, watched, well := n.Health(); !managed || !watched || well != (sick == nil) {
				t.Errorf("with %v: %v, %v, %v", sick, managed, watched, well)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestWithoutAManagerNothingIsDone(t *testing.T) {
	send, watchdog, err := Systemd(func(string) string { return "" })
	if send != nil || watchdog != 0 || err != nil {
		t.Errorf("a manager without NOTIFY_SOCKET: %v, %v", watchdog, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := New(Config{
		Healthy: func(context.Context) error { t.Error("was asked"); return nil },
		Words:   func() string { t.Error("was asked"); return "" },
	})
	cancel()
	if err := n.Run(ctx); err != nil {
		t.Error(err)
	}
}

func TestAManagerThatCannotBeToldChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		n := New(Config{
			Send:    func(string) error { return errors.New("no such file") },
			Healthy: func(context.Context) error { return nil }, Words: func() string { return "Ready" }, Watchdog: time.Second,
		})
		if err := n.Run(ctx); err != nil {
			t.Error(err)
		}
	})
}
