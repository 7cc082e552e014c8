//go:build linux

package update_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"streambox.local/appliance/update"
	"streambox.local/appliance/update/slots"
)

func TestASystemThatIsNotWell(t *testing.T) {
	for sentence, sick := range map[string]func(r *rig){
		"the box does not answer": func(r *rig) { r.well = func(context.Context) error { return errors.New("no answer") } },
		"the box hangs": func(r *rig) {
			r.well = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		},
		"it sets the memory aside": func(r *rig) { r.aside = 7 },
		"it starts again and again": func(r *rig) {
			n := 0
			r.well = func(context.Context) error {
				if n++; n%9 == 0 {
					return errors.New("it does not run")
				}
				return nil
			}
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				_, data := ours(t, 101)
				r.plug(data)
				must(t, r.update())
				must(t, r.try())
				r.card.Start(t)
				sick(r)
				must(t, r.start())
				if got := r.card.Restarts(); len(got) != 2 || got[1] != "" {
					t.Fatalf("restarts: %q\n%s", got, r.log.String())
				}
				r.card.Start(t)
				r.expect(slots.A, slots.A)
				r.well, r.aside = func(context.Context) error { return nil }, 0
				must(t, r.start())
				if last := r.told[len(r.told)-1]; last.Code != update.CodeFailed || !last.Problem || len(r.card.Restarts()) != 2 {
					t.Fatalf("%+v", last)
				}
				must(t, r.update()) // its stick is still in
				must(t, r.try())
				if r.code() != update.CodeFailed || len(r.card.Restarts()) != 2 {
					t.Errorf("it is tried again: %+v", r.told[len(r.told)-1])
				}
				again, data := ours(t, 102)
				r.plug(data)
				must(t, r.update())
				if r.code() != update.CodeWaiting || !r.holds(slots.B, again) {
					t.Errorf("a newer one is not taken: %+v", r.told[len(r.told)-1])
				}
			})
		})
	}
}

func TestATrialWithoutAWordGetsOneMore(t *testing.T) {
	r := newRig(t)
	_, data := ours(t, 101)
	r.plug(data)
	must(t, r.update())
	must(t, r.try())
	for attempt := 2; ; attempt++ {
		r.card.Start(t) // the new system, in which nothing of ours runs
		r.expect(slots.B, slots.A)
		r.card.CutPower()
		r.card.Start(t)
		r.expect(slots.A, slots.A)
		must(t, r.start())
		if attempt > 2 {
			break
		}
		if r.code() != update.CodeTrying || len(r.card.Restarts()) != attempt {
			t.Fatalf("attempt %d: %+v", attempt, r.told)
		}
	}
	if r.code() != update.CodeFailed || len(r.card.Restarts()) != 2 {
		t.Errorf("%+v %q", r.told, r.card.Restarts())
	}
}

func TestWhatWaitsIsDoubtedBeforeItIsTried(t *testing.T) {
	for sentence, spoil := range map[string]func(r *rig){
		"the card lost a byte": func(r *rig) {
			path := r.card.File(slots.Root, slots.B)
			data, err := os.ReadFile(path)
			must(r.t, err)
			data[1<<20] ^= 1
			must(r.t, os.WriteFile(path, data, 0o600))
		},
		"the running system is as new": func(r *rig) { r.build = 101 },
		"the record was changed": func(r *rig) {
			path := filepath.Join(r.dir, "staged.json")
			data, err := os.ReadFile(path)
			must(r.t, err)
			must(r.t, os.WriteFile(path, bytes.Replace(data, []byte(`"front":"`), []byte(`"front":"AAAA`), 1), 0o600))
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			r := newRig(t)
			_, data := ours(t, 101)
			r.plug(data)
			must(t, r.update())
			spoil(r)
			if err := r.try(); err == nil || len(r.card.Restarts()) != 0 {
				t.Errorf("it is tried: %v", err)
			}
			if err := r.start(); err != nil || len(r.card.Restarts()) != 0 {
				t.Errorf("it is tried with the next start: %v", err)
			}
		})
	}
}

func TestSettle(t *testing.T) {
	fresh, second := update.Trial{Staged: update.Staged{Slot: slots.B, Attempts: 1}}, update.Trial{Staged: update.Staged{Slot: slots.B, Attempts: 2}}
	sick := fresh
	sick.Verdict = "no answer"
	for _, tt := range []struct {
		sentence string
		trial    update.Trial
		state    slots.State
		want     update.Outcome
	}{
		{"the new system, not chosen", fresh, slots.State{Running: slots.B, Chosen: slots.A}, update.OnTrial},
		{"the new system, chosen: the power went after it", fresh, slots.State{Running: slots.B, Chosen: slots.B}, update.Kept},
		{"the old system, nobody knows why", fresh, slots.State{Running: slots.A, Chosen: slots.A}, update.Again},
		{"the old system, for the second time", second, slots.State{Running: slots.A, Chosen: slots.A}, update.CameBack},
		{"the old system, and the new one said why", sick, slots.State{Running: slots.A, Chosen: slots.A}, update.CameBack},
		{"the old system, though the new one was kept", fresh, slots.State{Running: slots.A, Chosen: slots.B}, update.CameBack},
	} {
		if got := update.Settle(tt.trial, tt.state); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.sentence, got, tt.want)
		}
	}
}

func TestATryThatEndsInTheMiddleCountsAsOne(t *testing.T) {
	r := newRig(t)
	_, data := ours(t, 101)
	r.plug(data)
	must(t, r.update())
	for range 2 {
		func() {
			defer func() { _ = recover() }() // as if killed while it reads the slot
			r.wrap = func(s update.Slots) update.Slots { return deadly{s} }
			_ = r.try()
		}()
	}
	r.wrap = nil
	if err := r.try(); err == nil || len(r.card.Restarts()) != 0 {
		t.Errorf("it is tried for ever: %v", err)
	}
	must(t, r.try())
}

// deadly ends the program that opens a slot.
type deadly struct{ update.Slots }

func (deadly) Open(slots.Part) (slots.Volume, error) { panic("killed") }

// The restart that it asks for ends the helper as well, or what would have told it of the restart.
func TestATryWhoseRestartEndsTheHelperIsNoFailure(t *testing.T) {
	for _, stopped := range []bool{true, false} {
		t.Run(map[bool]string{true: "it is stopped", false: "it goes on"}[stopped], func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t)
				_, data := ours(t, 101)
				r.plug(data)
				must(t, r.update())
				_ = r.run(func(h *update.Helper, ctx context.Context) error {
					ctx, cancel := context.WithCancel(ctx)
					defer cancel()
					ends := func() {}
					if stopped {
						ends = cancel
					}
					h.Slots = unheard{h.Slots, ends}
					return h.Try(ctx)
				})
				if len(r.card.Restarts()) != 1 {
					t.Fatalf("%q", r.card.Restarts())
				}
				r.triedAndKept(101)
			})
		})
	}
}

// unheard restarts, and says that it could not.
type unheard struct {
	update.Slots
	ends func()
}

func (u unheard) TryOnce(ctx context.Context) error {
	if err := u.Slots.TryOnce(ctx); err != nil {
		return err
	}
	u.ends()
	return errors.New("nobody answers")
}
