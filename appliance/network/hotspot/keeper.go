package hotspot

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"
)

const (
	lookEvery = 2 * time.Second
	blindFor  = 5 // looks in a row that did not see all are passed over
)

// Config is what a Keeper needs; all but Every and Log must be given.
type Config struct {
	Look     func() (Facts, error) // what is seen now; Now is set by the keeper, an error beside facts is logged
	Ask      func(role Role, frequency int) error
	Changed  func(Status) // told from Run when something is different; must not block
	Every    time.Duration
	Now      func() time.Time
	Log      *slog.Logger
	Stopping func() bool // optional: nothing is asked for any more
}

// Status is what the page shows.
type Status struct {
	Role      Role
	Why       Why
	Frequency int  // MHz, of an access point
	Up        bool // the access point is there
	Failing   bool // and does not come
}

// Keeper looks after the radio. Make one with New.
type Keeper struct {
	cfg Config

	mu     sync.Mutex
	status Status
	said   string
}

// New starts nothing.
func New(cfg Config) *Keeper {
	if cfg.Every <= 0 {
		cfg.Every = lookEvery
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Keeper{cfg: cfg}
}

// Status is what the last look gave. Safe for concurrent use.
func (k *Keeper) Status() Status {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.status
}

// Run looks until ctx ends, and returns nil then. The radio stays as it is: a
// program that is started anew must not cost the phones their network.
func (k *Keeper) Run(ctx context.Context) error {
	tick := time.NewTicker(k.cfg.Every)
	defer tick.Stop()
	var state State
	done, blind := 0, 0 // of state.Asked; looks in a row that did not see all
	for {
		facts, err := k.cfg.Look()
		k.complain(err)
		facts.Now = k.cfg.Now()
		if err == nil {
			blind = 0
		} else {
			blind++ // a driver that is busy with what was asked for answers late: that is no news of the air
		}
		if len(facts.Frequencies) > 0 && (blind == 0 || blind > blindFor) {
			before := state
			state = state.Next(facts)
			k.tell(before, state, facts)
			if state.Asked != done {
				done = k.ask(state, done)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// ask asks for what the state wants; it returns what has been asked for.
func (k *Keeper) ask(s State, done int) int {
	if k.cfg.Stopping != nil && k.cfg.Stopping() {
		return done
	}
	if err := k.cfg.Ask(s.Role, s.Frequency); err != nil {
		k.complain(err)
		return done // at the next look
	}
	return s.Asked
}

func (k *Keeper) tell(before, now State, f Facts) {
	if before.Role != now.Role || before.Frequency != now.Frequency {
		k.cfg.Log.Info("The radio's role", "role", now.Role, "why", now.Why, "frequencyMHz", now.Frequency)
	}
	status := Status{Role: now.Role, Why: now.Why, Frequency: now.Frequency, Up: now.Role == AccessPoint && f.Hosting, Failing: now.Failing}
	k.mu.Lock()
	same := status == k.status
	k.status = status
	k.mu.Unlock()
	if !same && k.cfg.Changed != nil {
		k.cfg.Changed(status)
	}
}

// complain logs what is wrong once, and again when it is something else.
func (k *Keeper) complain(err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	if text != "" && text != k.said {
		k.cfg.Log.Warn("The radio cannot be looked after", "error", err)
	}
	k.said = text
}

// Frequencies are those for an access point, best first: 5 GHz only where the
// radio has it and the country is known, since without one hardly any channel
// there may be used.
func Frequencies(band string, fiveGHz bool, country string) []int {
	const channel6, channel36 = 2437, 5180
	all := []int{channel36, channel6}
	switch {
	case band == "2.4" || !fiveGHz || country == "":
		return all[1:]
	default:
		return slices.Clone(all)
	}
}
