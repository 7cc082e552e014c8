package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"streambox.local/appliance/panel"
	"streambox.local/appliance/report"
)

// buttons is the panel as serve wires it: where it is, and what a press does.
type buttons struct {
	*panel.Panel
	terminal *panelTerminal // nil: on the board
	off      bool
}

// newButtons makes the panel that the settings ask for. do says what presses do;
// state and changed are the box's.
func (a *app) newButtons(s settings, state func() panel.State, changed <-chan struct{}, do func(panel.Action), log *slog.Logger) *buttons {
	b := &buttons{off: s.Panel == "off"}
	cfg := panel.Config{Settings: s.PanelParts, State: state, Changed: changed, Press: do, Log: log}
	cfg.Board = &panel.Machine{Memory: filepath.Dir(a.logPath(s.Data))}
	if s.Panel == "terminal" {
		terminal, err := a.openTerminal()
		if err != nil {
			log.Warn("There is no terminal to draw the panel in", "error", err)
			b.off = true
		} else {
			b.terminal, cfg.Terminal = terminal, terminal.panel
		}
	}
	b.Panel = panel.New(cfg)
	return b
}

// ledState is the state in the LED's words, which are the same.
func (b *box) ledState() panel.State { return panel.State(b.State()) }

// Run is the part "panel".
func (b *buttons) Run(ctx context.Context) error {
	switch {
	case b.off:
		return nil
	case b.terminal != nil:
		return b.terminal.run(ctx, b.Panel.Run)
	default:
		return b.Panel.Run(ctx)
	}
}

// checks are what doctor and the box's API are told of the panel's parts.
func (b *buttons) checks() []func() report.Check {
	names := []string{"button", "led", "boardLed"}
	checks := make([]func() report.Check, len(names))
	for i, name := range names {
		checks[i] = func() report.Check { return b.check(name) }
	}
	return checks
}

func (b *buttons) check(name string) report.Check {
	switch {
	case b.off:
		return report.Check{Name: name, State: report.Absent, Detail: "switched off"}
	case b.terminal != nil && name != "boardLed":
		return report.Check{Name: name, State: report.Present, Detail: "drawn in the terminal"}
	}
	for _, part := range b.Health() {
		if part.Name == name {
			return partCheck(part)
		}
	}
	return report.Check{Name: name, State: report.Absent, Detail: "not wanted"}
}

func partCheck(part panel.Part) report.Check {
	states := map[panel.Condition]report.State{panel.Present: report.Present, panel.Absent: report.Absent, panel.Broken: report.Broken}
	return report.Check{Name: part.Name, State: states[part.Condition], Detail: part.Text, Mend: part.Mend}
}

// hand is what a press of the button, and the host, do to the box.
type hand struct {
	rescan   func() error
	openHost func()
	off      *shutdown
	forget   func() error
	log      *slog.Logger
}

func (h *hand) press(action panel.Action) {
	switch action {
	case panel.Host:
		h.openHost()
	case panel.Rescan:
		if err := h.rescan(); err != nil {
			h.log.Info("No rescan now", "error", err)
		}
	case panel.Shutdown:
		if err := h.off.ask(); err != nil {
			h.log.Warn("The box cannot switch itself off", "error", err)
		}
	case panel.Forget:
		if err := h.forget(); err != nil {
			h.log.Error("Settings could not be forgotten", "error", err)
			return
		}
		h.log.Warn("Forgotten: the name that the host chose, who is host, and the viewers' places; films are kept")
	}
}

// offWithin is how long switching off may take; after that it has failed.
const offWithin = time.Minute

// shutdown asks the helper to switch the machine off.
type shutdown struct {
	dir     string // where requests go
	changed func() // told when the box begins to stop
	log     *slog.Logger

	mu    sync.Mutex
	asked time.Time // zero: nobody asked
}

// possible is whether there is a door to a helper, which a run by hand has not.
func (s *shutdown) possible() bool {
	info, err := os.Stat(s.dir)
	return err == nil && info.IsDir()
}

func (s *shutdown) ask() error {
	if err := request(s.dir, requestPoweroff); err != nil {
		return err
	}
	s.mu.Lock()
	s.asked = time.Now()
	s.mu.Unlock()
	s.log.Info("Switching off")
	s.changed()
	return nil
}

// withdraw takes a request back that was not answered.
func (s *shutdown) withdraw() {
	if err := withdraw(s.dir, requestPoweroff); err != nil {
		s.log.Error("The machine may go off later", "error", err)
	}
}

// underway says whether the machine is about to go off.
func (s *shutdown) underway() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked.IsZero() {
		return false
	}
	if time.Since(s.asked) < offWithin {
		return true
	}
	s.asked = time.Time{}
	s.withdraw() // else it would go off in the middle of a film, when somebody mends the helper
	s.log.Error("The machine was not switched off; does streambox-poweroff.path run?")
	return false
}
