package notify

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

const (
	askAgain      = 50 * time.Millisecond // before READY
	askLimit      = 2 * time.Second       // for one question before READY, or without a watchdog
	statusEvery   = time.Second
	maxWords      = 200                    // runes of STATUS=
	sendLimit     = 500 * time.Millisecond // for one message; the whole box has 4 s to stop
	signsPerLimit = 3
)

// Config is what a Notifier needs.
type Config struct {
	Send     func(message string) error      // to the manager; nil: there is none; may block, as a full socket does
	Watchdog time.Duration                   // the manager wants a sign of life within this; 0: it does not
	Healthy  func(ctx context.Context) error // must end when ctx does
	Words    func() string                   // the state of the box in a line
	Changed  <-chan struct{}                 // Words may have changed; optional
	Log      *slog.Logger                    // optional: discards
}

// Notifier tells. Make one with New.
type Notifier struct {
	cfg   Config
	ready atomic.Bool
	well  atomic.Bool

	// Of Run's goroutine.
	said   string     // the last STATUS
	sent   chan error // the end of the message that is on its way; nil: none is
	unread bool       // the manager does not take what it is sent, and the log has it
}

// New starts nothing.
func New(cfg Config) *Notifier {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Notifier{cfg: cfg}
}

// Systemd is what the environment says of a manager: how to tell it something,
// nil where there is none, and its watchdog, 0 where there is none for this process.
func Systemd(getenv func(string) string) (send func(string) error, watchdog time.Duration, err error) {
	if getenv("NOTIFY_SOCKET") == "" {
		return nil, 0, nil
	}
	send = func(message string) error {
		_, sendErr := daemon.SdNotify(false, message)
		return sendErr //nolint:wrapcheck // Run says what it was about
	}
	watchdog, err = daemon.SdWatchdogEnabled(false)
	if err != nil {
		return send, 0, fmt.Errorf("reading WATCHDOG_USEC: %w", err)
	}
	return send, watchdog, nil
}

// Run tells until ctx ends; STOPPING=1 is its last word. It never returns an error:
// a manager that cannot be told will act by itself.
func (n *Notifier) Run(ctx context.Context) error {
	if n.cfg.Send == nil {
		<-ctx.Done()
		return nil
	}
	defer func() {
		if ctx.Err() != nil { // not when this part fails, and is begun anew
			n.send(daemon.SdNotifyStopping + "\nSTATUS=Stopping")
		}
	}()
	if !n.awaitListener(ctx) {
		return nil
	}
	n.said = n.words()
	n.send(daemon.SdNotifyReady + "\nSTATUS=" + n.said)
	n.ready.Store(true)
	n.well.Store(true)
	n.live(ctx)
	return nil
}

// awaitListener asks until the box answers; false: it was stopped before.
func (n *Notifier) awaitListener(ctx context.Context) bool {
	told := false
	for ctx.Err() == nil {
		err := n.ask(ctx, askLimit)
		if err == nil {
			return true
		}
		if !told && ctx.Err() == nil {
			told = true
			n.cfg.Log.Debug("Not ready yet", "error", err)
		}
		wait := time.NewTimer(askAgain)
		select {
		case <-ctx.Done():
		case <-wait.C:
		}
		wait.Stop()
	}
	return false
}

// live tells what changes and that the box lives, until ctx ends.
func (n *Notifier) live(ctx context.Context) {
	var signs <-chan time.Time
	if every := n.cfg.Watchdog / signsPerLimit; every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		signs = ticker.C
		n.sign(ctx) // READY took its time
	}
	pace := time.NewTimer(statusEvery)
	defer pace.Stop()
	changed, due := false, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-signs:
			n.sign(ctx)
		case <-n.cfg.Changed:
			changed = true
		case <-pace.C:
			due = true
		}
		if changed && due {
			changed, due = !n.status(), false
			pace.Reset(statusEvery)
		}
	}
}

// sign asks whether the box is well and, if so, sends the sign of life.
func (n *Notifier) sign(ctx context.Context) {
	err := n.ask(ctx, n.cfg.Watchdog/signsPerLimit)
	if ctx.Err() != nil {
		return
	}
	was := n.well.Swap(err == nil)
	switch {
	case err == nil:
		n.send(daemon.SdNotifyWatchdog)
		if !was {
			n.cfg.Log.Info("The box answers again")
		}
	case was:
		n.cfg.Log.Error("The box does not answer itself; without an answer the service manager restarts it", "error", err, "within", n.cfg.Watchdog)
	}
}

// ask puts the question and does not wait longer than limit for its answer,
// even if Healthy does not keep to its context.
func (n *Notifier) ask(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	answer := make(chan error, 1)
	go func() { answer <- n.cfg.Healthy(ctx) }()
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return fmt.Errorf("no answer within %v: %w", limit, context.Cause(ctx))
	}
}

// status tells the words if they are new; false: they are still to be told.
func (n *Notifier) status() bool {
	words := n.words()
	if words != n.said && n.send("STATUS="+words) {
		n.said = words
	}
	return words == n.said
}

// words makes one line of the words: a stick's label must not become a message of its own.
func (n *Notifier) words() string {
	line := []rune(strings.Join(strings.FieldsFunc(n.cfg.Words(), func(c rune) bool { return c < ' ' || c == 0x7f }), " "))
	if len(line) > maxWords {
		line = append(line[:maxWords-1], '…')
	}
	return strings.ToValidUTF8(string(line), "\uFFFD")
}

// send hands a message over, and waits for the manager no longer than sendLimit:
// one that does not read would hold up the stop of the whole box. What is late
// stays on its way; until it has arrived the next ones are left out, so that the
// order stays and at most one goroutine waits. false: left out.
func (n *Notifier) send(message string) bool {
	limit := time.NewTimer(sendLimit)
	defer limit.Stop()
	if !n.arrived(limit.C) {
		return false
	}
	sent := make(chan error, 1)
	n.sent = sent
	go func() { sent <- n.cfg.Send(message) }()
	n.arrived(limit.C)
	return true
}

// arrived waits until nothing is on its way; false: that is not so within the limit.
func (n *Notifier) arrived(limit <-chan time.Time) bool {
	if n.sent == nil {
		return true
	}
	select {
	case err := <-n.sent:
		n.sent = nil
		switch {
		case err != nil:
			n.cfg.Log.Warn("The service manager could not be told", "error", err)
		case n.unread:
			n.cfg.Log.Info("The service manager reads again")
		}
		n.unread = false
		return true
	case <-limit:
		if !n.unread {
			n.unread = true
			n.cfg.Log.Warn("The service manager does not read what it is told", "within", sendLimit)
		}
		return false
	}
}

// Health is how the box and its service manager are with each other: whether
// there is one, and whether it hears signs of life.
func (n *Notifier) Health() (managed, watched, well bool) {
	return n.cfg.Send != nil, n.cfg.Send != nil && n.cfg.Watchdog > 0, !n.ready.Load() || n.well.Load()
}
