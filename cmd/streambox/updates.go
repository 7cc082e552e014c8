package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"

	"streambox.local/appliance/library"
	"streambox.local/appliance/report"
	"streambox.local/appliance/update"
	"streambox.local/appliance/update/slots"
)

// updates is the program's side of updates from a stick, as serve wires it.
type updates struct {
	*update.Watch

	absent  string // why there are no updates
	unnamed error  // this is a card, whose partitions had no names yet when the program began
	find    func() (*slots.Card, error)
	problem func(code string, p *library.Problem)
	log     *slog.Logger

	mu     sync.Mutex
	card   *slots.Card // nil: not on this board
	broken error
	told   string // code of the problem that is shown; "" none
	note   []library.Reason
}

// newUpdates looks whether this machine takes updates. Nothing is opened.
func newUpdates(viewers func() int, problem func(code string, p *library.Problem), log *slog.Logger) *updates {
	return updatesOf(slots.Machine{}.Find, viewers, problem, log)
}

// updatesOf is newUpdates with another machine.
func updatesOf(find func() (*slots.Card, error), viewers func() int, problem func(code string, p *library.Problem), log *slog.Logger) *updates {
	u := &updates{problem: problem, find: find, log: log}
	card, err := find()
	switch {
	case err == nil:
		u.card = card
	case errors.Is(err, slots.ErrNone):
		u.absent = err.Error()
	case errors.Is(err, fs.ErrNotExist):
		u.unnamed = err
	default:
		u.broken = err
		log.Error("This card cannot be updated", "error", err)
	}
	u.Watch = update.NewWatch(update.WatchConfig{
		Here: u.card != nil || u.unnamed != nil, Status: update.StatusFile, Viewers: viewers, Show: u.show, Log: log,
		Ask: func(what string) error { return request(requestDir, what) },
	})
	return u
}

// Run follows updates, where there are any; a card's partitions may get their names only now.
func (u *updates) Run(ctx context.Context) error {
	if u.unnamed != nil {
		card, err := findCard(ctx, u.find)
		u.mu.Lock()
		u.card, u.broken = card, err
		u.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			u.log.Error("This card cannot be updated", "error", err)
		}
		if err != nil {
			return nil //nolint:nilerr // said above, and shown by check; the rest of the box goes on
		}
	}
	return u.Watch.Run(ctx)
}

// show puts what is to be said into the box's problems, or beside them.
func (u *updates) show(now update.Status) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.told != "" && (u.told != now.Code || !now.Problem) {
		u.problem(u.told, nil)
		u.told = ""
	}
	u.note = nil
	reason := library.Reason{Code: now.Code, Text: now.Text, Parameters: now.Parameters}
	switch {
	case now.Code == "":
	case now.Problem:
		u.told = now.Code
		u.problem(now.Code, &reason)
	default:
		u.note = []library.Reason{reason}
	}
}

// notes are what is no problem.
func (u *updates) notes() []library.Reason {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.note
}

// check is what doctor and the box's API are told.
func (u *updates) check() report.Check {
	u.mu.Lock()
	defer u.mu.Unlock()
	c := report.Check{Name: "updates", State: report.Present}
	switch {
	case u.broken != nil:
		c.State, c.Detail, c.Mend = report.Broken, u.broken.Error(), "flash the card anew"
	case u.card == nil && u.unnamed != nil:
		c.State, c.Detail = report.Absent, u.unnamed.Error()
	case u.card == nil:
		c.State, c.Detail = report.Absent, u.absent
	default:
		build, err := readBuild(buildFile)
		c.Detail = fmt.Sprintf("from a stick; this is build %d in slot %v", build, u.card.Running)
		if err != nil {
			c.State, c.Detail, c.Mend = report.Broken, err.Error(), "flash the card anew"
		}
	}
	return c
}
