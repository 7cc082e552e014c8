//go:build linux

package update_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"streambox.local/appliance/update"
	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
	"streambox.local/appliance/update/updatetest"
)

const board = "linux,dummy-virt"

// rig is a box with a card, and one stick.
type rig struct {
	t     *testing.T
	card  *updatetest.Card
	stick string
	dir   string // records
	build int64  // of the running system
	told  []update.Status
	well  func(ctx context.Context) error
	wrap  func(update.Slots) update.Slots
	aside uint64
	log   bytes.Buffer
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{t: t, card: updatetest.Kinds()[0].Make(t), stick: t.TempDir(), dir: filepath.Join(t.TempDir(), "update"), build: 100}
	r.well = func(context.Context) error { return nil }
	old := updatetest.NewSystem(100)
	must(t, os.WriteFile(r.card.File(slots.Boot, slots.A), pad(old.On(slots.A), updatetest.BootBytes), 0o600))
	must(t, os.WriteFile(r.card.File(slots.Root, slots.A), pad(old.Root, updatetest.RootBytes), 0o600))
	return r
}

// run does one thing as a helper that is started for it.
func (r *rig) run(do func(h *update.Helper, ctx context.Context) error) error {
	r.t.Helper()
	records, err := update.OpenRecords(r.t.Context(), r.dir)
	must(r.t, err)
	defer records.Close()
	var s update.Slots = r.card.Slots(r.t)
	if r.wrap != nil {
		s = r.wrap(s)
	}
	h := &update.Helper{
		Slots: s, Keys: bundle.NewKeys(updatetest.Public("ours"), updatetest.Public("next")), Build: r.build, Boards: []string{board, "other"}, Records: records,
		Sticks:  func() ([]update.Candidate, error) { return update.OnStick(r.stick) },
		Tell:    func(s update.Status) { r.told = append(r.told, s) },
		Restart: func(ctx context.Context) error { return r.card.Restart(ctx, "") },
		Healthy: func(ctx context.Context) error { return r.well(ctx) }, SetAside: func() uint64 { return r.aside },
		Log: slog.New(slog.NewTextHandler(&r.log, nil)),
	}
	return do(h, r.t.Context())
}

func (r *rig) update() error {
	return r.run(func(h *update.Helper, ctx context.Context) error { return h.Update(ctx) })
}

func (r *rig) try() error {
	return r.run(func(h *update.Helper, ctx context.Context) error { return h.Try(ctx) })
}

func (r *rig) start() error {
	return r.run(func(h *update.Helper, ctx context.Context) error { return h.Start(ctx) })
}

// plug puts a bundle on the stick.
func (r *rig) plug(data []byte) {
	r.t.Helper()
	must(r.t, os.WriteFile(filepath.Join(r.stick, "StreamBox 2.streambox-update"), data, 0o600))
}

// code is what the page says now.
func (r *rig) code() string {
	if len(r.told) == 0 {
		return ""
	}
	return r.told[len(r.told)-1].Code
}

// holds tells whether a slot has all of a system.
func (r *rig) holds(slot slots.Slot, s updatetest.System) bool {
	boot, err := os.ReadFile(r.card.File(slots.Boot, slot))
	must(r.t, err)
	root, err := os.ReadFile(r.card.File(slots.Root, slot))
	must(r.t, err)
	return bytes.HasPrefix(boot, s.On(slot)[:1200<<10]) && bytes.HasPrefix(root, s.Root)
}

// startable tells whether the firmware would find something in the other slot's boot partition.
func (r *rig) startable() bool {
	boot, err := os.ReadFile(r.card.File(slots.Boot, slots.B))
	must(r.t, err)
	return len(bytes.Trim(boot[:bundle.HeadBytes], "\x00")) > 0
}

func (r *rig) expect(running, chosen slots.Slot) {
	r.t.Helper()
	got, err := r.card.Slots(r.t).State()
	if err != nil || got != (slots.State{Running: running, Chosen: chosen}) {
		r.t.Errorf("runs %v, chosen %v (%v)", got.Running, got.Chosen, err)
	}
}

func ours(t *testing.T, build int64) (updatetest.System, []byte) {
	t.Helper()
	s := updatetest.NewSystem(uint64(build))
	return s, s.Bundle(t, build, fmt.Sprintf("1.%d.0", build), []string{"another", board}, updatetest.Key("ours"))
}

func pad(data []byte, size int) []byte {
	return append(bytes.Clone(data), make([]byte, size-len(data))...)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var errCut = errors.New("the power went")

func keysOf(names ...string) (keys []ed25519.PrivateKey) {
	for _, name := range names {
		keys = append(keys, updatetest.Key(name))
	}
	return keys
}

func says(err error, words string) bool { return err != nil && strings.Contains(err.Error(), words) }

// triedAndKept is the start of the new system, in the other slot, which is well, and the start after it.
func (r *rig) triedAndKept(build int64) {
	r.t.Helper()
	r.card.Start(r.t)
	r.expect(slots.B, slots.A)
	r.build = build
	must(r.t, r.start())
	if r.code() != update.CodeDone {
		r.t.Fatalf("%+v\n%s", r.told, r.log.String())
	}
	r.card.Start(r.t)
	r.expect(slots.B, slots.B)
}
