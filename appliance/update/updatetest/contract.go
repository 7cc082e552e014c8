package updatetest

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"streambox.local/appliance/update"
	"streambox.local/appliance/update/slots"
)

// Contract holds a kind of card to what update.Slots promises.
func Contract(t *testing.T, makeCard func(t *testing.T) *Card) {
	t.Helper()
	begin := func(t *testing.T) (*Card, update.Slots) {
		t.Helper()
		c := makeCard(t)
		return c, c.Slots(t)
	}
	t.Run("it knows what runs and what is chosen", func(t *testing.T) {
		_, s := begin(t)
		expect(t, s, slots.State{Running: slots.A, Chosen: slots.A})
	})
	t.Run("what is written goes to the slot that does not run, and is read from there", func(t *testing.T) {
		c, s := begin(t)
		for part, size := range map[slots.Part]int64{slots.Boot: BootBytes, slots.Root: RootBytes} {
			v, err := s.Open(part)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := v.SizeBytes(); err != nil || got != size {
				t.Errorf("it has %d bytes: %v", got, err)
			}
			want := bytes.Repeat([]byte("x"), 5000)
			if _, err := v.WriteAt(want, 4000); err != nil {
				t.Fatal(err)
			}
			if err := v.Forget(); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, 5000)
			if _, err := v.ReadAt(got, 4000); err != nil || !bytes.Equal(got, want) {
				t.Errorf("other bytes are read: %v", err)
			}
			if err := v.Close(); err != nil {
				t.Error(err)
			}
			if data := read(t, c.File(part, slots.B)); !bytes.Equal(data[4000:9000], want) || int64(len(data)) != size {
				t.Error("the medium has other bytes")
			}
			if data := read(t, c.File(part, slots.A)); len(bytes.Trim(data, "\x00")) != 0 {
				t.Error("the running slot was written")
			}
		}
		expect(t, s, slots.State{Running: slots.A, Chosen: slots.A})
	})
	t.Run("a try lasts for one start", func(t *testing.T) {
		c, s := begin(t)
		if err := s.TryOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Start(t)
		expect(t, c.Slots(t), slots.State{Running: slots.B, Chosen: slots.A})
		c.Start(t)
		expect(t, c.Slots(t), slots.State{Running: slots.A, Chosen: slots.A})
	})
	t.Run("a power cut ends a try, before it and in it", func(t *testing.T) {
		c, s := begin(t)
		if err := s.TryOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.CutPower()
		c.Start(t)
		expect(t, c.Slots(t), slots.State{Running: slots.A, Chosen: slots.A})
	})
	t.Run("on trial, the slot to come back to is neither written nor tried", func(t *testing.T) {
		c, s := begin(t)
		if err := s.TryOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Start(t)
		s = c.Slots(t)
		for _, part := range []slots.Part{slots.Boot, slots.Root} {
			if _, err := s.Open(part); !errors.Is(err, slots.ErrOnTrial) {
				t.Errorf("it may be written: %v", err)
			}
		}
		if err := s.TryOnce(t.Context()); !errors.Is(err, slots.ErrOnTrial) || len(c.Restarts()) != 1 {
			t.Errorf("it may be tried: %v", err)
		}
	})
	t.Run("what is committed is started from then on, back and forth", func(t *testing.T) {
		c, _ := begin(t)
		for _, want := range []slots.Slot{slots.B, slots.A, slots.B} {
			if err := c.Slots(t).TryOnce(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.Start(t)
			if err := c.Slots(t).Commit(); err != nil {
				t.Fatal(err)
			}
			expect(t, c.Slots(t), slots.State{Running: want, Chosen: want})
			c.CutPower()
			c.Start(t)
			expect(t, c.Slots(t), slots.State{Running: want, Chosen: want})
		}
	})
	t.Run("a commit changes one sector and nothing else", func(t *testing.T) {
		c, s := begin(t)
		before := read(t, c.Choice)
		if err := s.TryOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		c.Start(t)
		if err := c.Slots(t).Commit(); err != nil {
			t.Fatal(err)
		}
		after := read(t, c.Choice)
		if len(before) != len(after) || bytes.Equal(before, after) || c.At%slots.SectorBytes != 0 {
			t.Fatal("it is as long, and other")
		}
		copy(after[c.At:c.At+slots.SectorBytes], before[c.At:])
		if !bytes.Equal(before, after) {
			t.Error("more than the sector has changed")
		}
	})
	t.Run("a choice that is not ours is an error, and nothing is tried", func(t *testing.T) {
		c, s := begin(t)
		data := read(t, c.Choice)
		copy(data[c.At:], "[all]\nboot_partition=7\n##")
		write(t, c.Choice, data)
		if _, err := s.State(); err == nil {
			t.Error("it has a state")
		}
		if err := s.TryOnce(t.Context()); err == nil || len(c.Restarts()) != 0 {
			t.Errorf("it restarts: %v", err)
		}
		if _, err := s.Open(slots.Root); err == nil {
			t.Error("it may be written")
		}
	})
}

func expect(t *testing.T, s update.Slots, want slots.State) {
	t.Helper()
	if got, err := s.State(); err != nil || got != want {
		t.Errorf("runs %v, chosen %v (%v), want %v and %v", got.Running, got.Chosen, err, want.Running, want.Chosen)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
