package panel

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	pollState  = 100 * time.Millisecond // where nobody tells that the state changed
	checkState = time.Second            // where somebody does
)

// Config is what a Panel needs.
type Config struct {
	Settings Settings
	Board    Board           // nil: &Machine{}
	Terminal *Terminal       // instead of the board's parts
	State    func() State    // what the box is doing; called often, must not block
	Changed  <-chan struct{} // optional: a value for each change of the state
	Press    func(Action)    // called from Run, must not block for long
	Log      *slog.Logger    // optional: discards
}

// Panel is the button and the LEDs. Make one with New.
type Panel struct {
	cfg    Config
	health health
}

// New starts nothing. State and Press must be given.
func New(cfg Config) *Panel {
	if cfg.Board == nil {
		cfg.Board = &Machine{}
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Settings.Debounce <= 0 {
		cfg.Settings.Debounce = Defaults().Debounce
	}
	return &Panel{cfg: cfg, health: health{log: cfg.Log, quiet: true}}
}

// Health is how the parts are that the settings ask for, once Run has looked.
func (p *Panel) Health() []Part { return p.health.all() }

// Troubled is those of them that are broken for so long that a person should know.
func (p *Panel) Troubled() []Part { return p.health.troubled() }

// Run shows the state and reads the button until ctx ends; then the LED is dark.
// It never fails: parts that do not work are tried again.
func (p *Panel) Run(ctx context.Context) error {
	r := p.newRun()
	p.health.begin()
	var readers sync.WaitGroup
	defer readers.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer r.dark()
	r.show(time.Now())
	switch {
	case p.cfg.Terminal != nil:
		readers.Go(func() { p.cfg.Terminal.read(ctx, r.samples) })
	case p.cfg.Settings.Button != "":
		b := &button{board: p.cfg.Board, settings: p.cfg.Settings, health: &p.health, out: r.samples}
		line := b.open()
		readers.Go(func() { b.run(ctx, line) })
	}
	p.health.begun()
	for {
		timer := time.NewTimer(r.wait(time.Now()))
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case s := <-r.samples:
			r.sample(s)
		case <-p.cfg.Changed:
		case <-timer.C:
		}
		timer.Stop()
		r.settle(time.Now())
		r.show(time.Now())
	}
}

// run is what Run's goroutine knows.
type run struct {
	cfg      Config
	lamps    []*keptLamp
	samples  chan sample
	debounce Debounce
	gestures Gestures
	warned   bool // of the press that goes on

	now   Show
	since time.Time // when it began
	lit   bool
	lasts time.Duration // until lit changes; 0: not by itself
}

func (p *Panel) newRun() *run {
	s := p.cfg.Settings
	r := &run{cfg: p.cfg, samples: make(chan sample), debounce: Debounce{Rest: s.Debounce}}
	if p.cfg.Terminal != nil {
		return r
	}
	if s.LED != "" {
		r.lamps = append(r.lamps, &keptLamp{name: "led", what: s.LED, health: &p.health, log: p.cfg.Log, open: func() (Lamp, error) {
			return openLineLamp(p.cfg.Board, s.LED, s.ActiveLow)
		}})
	}
	if s.BoardLED != "" {
		r.lamps = append(r.lamps, &keptLamp{name: "boardLed", what: s.BoardLED, health: &p.health, log: p.cfg.Log, open: func() (Lamp, error) {
			return p.cfg.Board.Lamp(s.BoardLED)
		}})
	}
	return r
}

// sample takes what the line said. A terminal's keys do not bounce.
func (r *run) sample(s sample) {
	if s.anew {
		r.debounce, r.gestures = Debounce{Rest: r.cfg.Settings.Debounce}, Gestures{}
	}
	if r.cfg.Terminal != nil {
		r.level(s.at, s.down)
		return
	}
	r.debounce = r.debounce.Sample(s.at, s.down, s.moved)
}

// settle acts on a level that has rested.
func (r *run) settle(now time.Time) {
	after, at, down, edge := r.debounce.Settle(now)
	r.debounce = after
	if edge {
		r.level(at, down)
	}
}

func (r *run) level(at time.Time, down bool) {
	var actions []Action
	r.gestures, actions = r.gestures.Level(at, down)
	r.warned = r.warned && down
	for _, action := range actions {
		r.cfg.Log.Info("Button pressed", "action", action)
		r.cfg.Press(action)
	}
}

// show brings the LED to what it has to be now.
func (r *run) show(now time.Time) {
	phase, _ := r.gestures.At(now)
	r.warn(phase)
	next := Show{State: r.cfg.State(), Phase: phase, WasLit: r.now.WasLit}
	if next != r.now {
		next.WasLit = r.lit
		if phase == Pressed && r.now.Phase == Pressed {
			next.WasLit = r.now.WasLit // the state changed below the finger
		}
		r.now, r.since = next, now
	}
	r.lit, r.lasts = r.now.At(now.Sub(r.since))
	if r.cfg.Terminal != nil {
		r.cfg.Terminal.draw(r.lit, r.now)
	}
	for _, lamp := range r.lamps {
		lamp.set(now, r.lit)
	}
}

// warn says once of a press that it means nothing.
func (r *run) warn(phase Phase) {
	if r.warned || phase != HeldBoot && phase != HeldLong {
		return
	}
	r.warned = true
	if phase == HeldBoot {
		r.cfg.Log.Warn("The button is down already; it is ignored until it is let go", "hint", "is it wired between its pin and ground?")
		return
	}
	r.cfg.Log.Warn("The button is stuck; it is ignored until it is let go", "after", stuckAt)
}

// wait is how long nothing is to do; at most until the state must be looked at.
func (r *run) wait(now time.Time) time.Duration {
	wait := pollState
	if r.cfg.Changed != nil {
		wait = checkState
	}
	sooner := func(d time.Duration) {
		if d > 0 {
			wait = min(wait, d)
		}
	}
	sooner(r.lasts) // asked right after show
	_, lasts := r.gestures.At(now)
	sooner(lasts)
	sooner(r.debounce.Wait(now))
	for _, lamp := range r.lamps {
		sooner(lamp.due(now))
	}
	return wait
}

func (r *run) dark() {
	for _, lamp := range r.lamps {
		lamp.close()
	}
	if r.cfg.Terminal != nil {
		r.cfg.Terminal.clear()
	}
}
