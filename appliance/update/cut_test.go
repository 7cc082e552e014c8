//go:build linux

package update_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"streambox.local/appliance/update"
	"streambox.local/appliance/update/slots"
)

// cutter cuts the power at the nth thing that is done to the card. keep says which of the writes
// that nobody had synced are on the medium then.
type cutter struct {
	update.Slots

	mu     sync.Mutex
	left   int
	keep   func(i, of int) bool
	opened []*cutVolume
}

func (c *cutter) Open(part slots.Part) (slots.Volume, error) {
	v, err := c.Slots.Open(part)
	if err != nil {
		return nil, err
	}
	cut := &cutVolume{Volume: v, c: c}
	c.opened = append(c.opened, cut)
	return cut, nil
}

// step is one thing that is done; errCut after the last one.
func (c *cutter) step() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left--; c.left >= 0 {
		return nil
	}
	if c.left == -1 {
		for _, v := range c.opened {
			v.fall(c.keep)
		}
	}
	return errCut
}

type pending struct {
	at   int64
	data []byte
}

// cutVolume keeps what is written in memory until it is synced.
type cutVolume struct {
	slots.Volume
	c       *cutter
	waiting []pending
}

func (v *cutVolume) WriteAt(data []byte, at int64) (int, error) {
	if err := v.c.step(); err != nil {
		return 0, err
	}
	v.waiting = append(v.waiting, pending{at, bytes.Clone(data)})
	return len(data), nil
}

func (v *cutVolume) Sync() error { return v.Forget() }

func (v *cutVolume) Forget() error {
	if err := v.c.step(); err != nil {
		return err
	}
	for _, p := range v.waiting {
		if _, err := v.Volume.WriteAt(p.data, p.at); err != nil {
			return err
		}
	}
	v.waiting = nil
	return nil
}

func (v *cutVolume) ReadAt(data []byte, at int64) (int, error) {
	if len(v.waiting) > 0 {
		return 0, errors.New("what is not synced is read back: that proves nothing")
	}
	if err := v.c.step(); err != nil {
		return 0, err
	}
	return v.Volume.ReadAt(data, at)
}

// fall writes what reaches the medium by chance.
func (v *cutVolume) fall(keep func(i, of int) bool) {
	for i, p := range v.waiting {
		if keep(i, len(v.waiting)) {
			_, _ = v.Volume.WriteAt(p.data, p.at) // a file: it can be written
		}
	}
}

func TestThePowerGoesWhileASlotIsWritten(t *testing.T) {
	system, data := ours(t, 101)
	for name, keep := range map[string]func(i, of int) bool{
		"and what was not synced is lost":       func(int, int) bool { return false },
		"and all that was written is there":     func(int, int) bool { return true },
		"and only the last of what was written": func(i, of int) bool { return i == of-1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.plug(data)
			steps := 0
			for ; ; steps++ {
				c := &cutter{left: steps, keep: keep}
				r.wrap = func(s update.Slots) update.Slots { c.Slots = s; return c }
				err := r.update()
				r.wrap = nil
				if err == nil {
					break
				}
				if !errors.Is(err, errCut) {
					t.Fatalf("at %d: %v", steps, err)
				}
				r.card.CutPower()
				r.card.Start(t)
				r.expect(slots.A, slots.A)
				if r.startable() && !r.holds(slots.B, system) {
					t.Fatalf("at %d: the other slot is half written and can be started", steps)
				}
				if must(t, r.start()); len(r.card.Restarts()) != 0 {
					t.Fatalf("at %d: something is tried", steps)
				}
			}
			if steps < 10 || !r.holds(slots.B, system) || r.code() != update.CodeWaiting {
				t.Errorf("after %d cuts: %+v", steps, r.told[len(r.told)-1])
			}
		})
	}
}

// hostile is a stick's file that changes between reads, or goes.
type hostile struct {
	data []byte
	read func(h *hostile, at int64) error // before each read
}

func (h *hostile) Close() error { return nil }
func (h *hostile) ReadAt(p []byte, at int64) (int, error) {
	if err := h.read(h, at); err != nil {
		return 0, err
	}
	return bytes.NewReader(h.data).ReadAt(p, at)
}

// from is the rig's update with one hostile file.
func (r *rig) from(h *hostile) error {
	size := int64(len(h.data))
	return r.run(func(helper *update.Helper, ctx context.Context) error {
		helper.Sticks = func() ([]update.Candidate, error) {
			return []update.Candidate{{Stick: "sda1", File: h, Bytes: size}}, nil
		}
		return helper.Update(ctx)
	})
}

func TestAStickThatIsPulledAtAnyRead(t *testing.T) {
	system, data := ours(t, 101)
	r := newRig(t)
	for n := 0; ; n++ {
		reads := 0
		err := r.from(&hostile{data: data, read: func(*hostile, int64) error {
			if reads++; reads > n {
				return io.ErrUnexpectedEOF
			}
			return nil
		}})
		if r.startable() && !r.holds(slots.B, system) {
			t.Fatalf("at %d: the other slot is half written and can be started", n)
		}
		if r.code() == update.CodeWaiting {
			if n < 8 || err != nil {
				t.Errorf("after %d reads, %v", n, err)
			}
			return
		}
		if n > 3 && (err == nil || r.code() != update.CodeInterrupted || r.told[len(r.told)-1].Problem) {
			t.Fatalf("at %d: %v, %+v", n, err, r.told[len(r.told)-1])
		}
	}
}

func TestAStickThatShowsOtherBytesLater(t *testing.T) {
	_, data := ours(t, 101)
	evil := slices.Clone(data)
	evil[len(evil)-1000] ^= 1
	evil[200_000] ^= 1
	r := newRig(t)
	passed := 0
	err := r.from(&hostile{data: slices.Clone(data), read: func(h *hostile, at int64) error {
		last := at > int64(len(data))-600<<10
		if last {
			passed++
		} else if passed > 0 { // it was read to its end once
			copy(h.data, evil)
		}
		return nil
	}})
	if !says(err, "other bytes") || r.code() != update.CodeChanged || r.startable() {
		t.Errorf("%v, %+v", err, r.told[len(r.told)-1])
	}
	must(t, r.try())
	if len(r.card.Restarts()) != 0 {
		t.Error("it is tried")
	}
}

// badCard keeps other bytes than were written, or refuses them.
type badCard struct {
	update.Slots
	write func(data []byte) error
}

func (b *badCard) Open(part slots.Part) (slots.Volume, error) {
	v, err := b.Slots.Open(part)
	return &badVolume{v, b}, err
}

type badVolume struct {
	slots.Volume
	card *badCard
}

func (v *badVolume) WriteAt(data []byte, at int64) (int, error) {
	data = bytes.Clone(data)
	if err := v.card.write(data); err != nil {
		return 0, err
	}
	return v.Volume.WriteAt(data, at)
}

func TestACardThatDoesNotKeepWhatIsWritten(t *testing.T) {
	_, data := ours(t, 101)
	for n := range 6 {
		for name, spoil := range map[string]func(data []byte) error{
			"refuses":          func([]byte) error { return errors.New("input/output error") },
			"changes a byte":   func(data []byte) error { data[len(data)/2] ^= 1; return nil },
			"keeps only zeros": func(data []byte) error { clear(data); return nil },
		} {
			t.Run(fmt.Sprintf("write %d: it %s", n, name), func(t *testing.T) {
				r := newRig(t)
				r.plug(data)
				writes := 0
				r.wrap = func(s update.Slots) update.Slots {
					return &badCard{s, func(data []byte) error {
						if writes++; writes == n+1 {
							return spoil(data)
						}
						return nil
					}}
				}
				err := r.update()
				if n == 0 && name == "keeps only zeros" { // what it was told to keep
					if err != nil || r.code() != update.CodeWaiting {
						t.Errorf("%v, %+v", err, r.told)
					}
					return
				}
				if err == nil || r.code() != update.CodeCard || !r.told[len(r.told)-1].Problem {
					t.Errorf("%v, %+v", err, r.told[len(r.told)-1])
				}
				r.wrap = nil
				if must(t, r.start()); len(r.card.Restarts()) != 0 {
					t.Error("it is tried")
				}
			})
		}
	}
}

func TestAfterABundleThatGoesTheNextOneIsTaken(t *testing.T) {
	want, data := ours(t, 101)
	_, newer := ours(t, 102)
	newer[len(newer)-1] ^= 1
	r := newRig(t)
	must(t, r.run(func(h *update.Helper, ctx context.Context) error {
		h.Sticks = func() ([]update.Candidate, error) {
			calm := func(*hostile, int64) error { return nil }
			return []update.Candidate{
				{Stick: "sda1", File: &hostile{data: newer, read: calm}, Bytes: int64(len(newer))},
				{Stick: "sdb1", File: &hostile{data: data, read: calm}, Bytes: int64(len(data))},
			}, nil
		}
		return h.Update(ctx)
	}))
	if !r.holds(slots.B, want) || r.code() != update.CodeWaiting {
		t.Errorf("%+v", r.told[len(r.told)-1])
	}
}
