//go:build card

package cardtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
	"streambox.local/image/blklog"
	"streambox.local/image/boxtest"
)

// lookAt checks every moment at which the power could have gone while the update was
// written: the slot that runs is never touched, and nothing is staged that is not whole.
func (u *updates) lookAt(t *testing.T, diary *boxtest.Diary, said *recorded) {
	t.Helper()
	k := newChecker(t, u.card, said)
	log := boxtest.ReadLog(t, said.record.Path)
	within := func(e blklog.Entry, parts ...int) bool {
		for _, n := range parts {
			if p := k.final[n]; e.Writes() && e.Offset < p.Offset+p.Bytes && e.Offset+e.Length > p.Offset {
				return true
			}
		}
		return false
	}
	slot := slotWrites{head: blklog.Part{Name: "head3", Offset: k.final[3].Offset, Bytes: bundle.HeadBytes}}
	stretch := said.stretches[0]
	for n, e := range log.Entries {
		if within(e, 1, 2, 5) {
			t.Errorf("entry %d writes at %d: settings or the slot that runs", n, e.Offset)
		}
		if n >= stretch.From && n < stretch.To && within(e, 3, 6) {
			slot.add(n, e)
		}
	}
	cuts := boxtest.Cuts{Log: log, Base: said.base, Parts: append(k.parts, slot.head), Promised: func(at blklog.Point) string {
		return fmt.Sprint(k.promised(at), slot.missing(at))
	}, Check: func(dir string, images []string, at blklog.Point) error {
		if err := k.check(dir, images, at); err != nil {
			return err
		}
		if slot.missing(at) == "" {
			return nil
		}
		if exists(filepath.Join(dir, "system", "update", "staged.json")) {
			return fmt.Errorf("an update is staged, and %s may not be there", slot.missing(at))
		}
		head, err := os.ReadFile(images[len(images)-1])
		if err == nil && slot.missing(at) != onlyHead && len(bytes.Trim(head, "\x00")) > 0 {
			err = fmt.Errorf("the other slot could be started, and %s may not be there", slot.missing(at))
		}
		return err
	}}
	diary.Try("power cuts: update", func(t *testing.T) {
		t.Helper()
		diary.Note("%s", cuts.Run(t, stretch))
	})
	diary.Try("power cuts: trying and keeping", func(t *testing.T) {
		t.Helper()
		k := newChecker(t, u.card, &u.keeping)
		k.boots = u.boots
		diary.Note("%s", k.cuts(t).Run(t, u.keeping.stretches[0]))
	})
}

// slotWrites are the writes that make the slot which does not run.
type slotWrites struct {
	head       blklog.Part // without which it cannot be started
	rest, last int         // the last entry that writes the rest of it, and the last that writes the head
}

const onlyHead = "its head"

func (s *slotWrites) add(n int, e blklog.Entry) {
	if e.Offset < s.head.Offset+s.head.Bytes && e.Offset+e.Length > s.head.Offset {
		s.last = n
		return
	}
	s.rest = n
}

// missing is what of the slot had not been flushed at a point; "": it is whole.
func (s *slotWrites) missing(at blklog.Point) string {
	switch {
	case s.rest >= at.Durable:
		return "its system"
	case s.last >= at.Durable:
		return onlyHead
	default:
		return ""
	}
}

// boots: autoboot.txt is the old one or the new one, never a piece of both or nothing. With the
// old one there is a record of the try: the old system, which starts then, knows of it.
func (u *updates) boots(p1, state string) error {
	text, err := exec.Command("mtype", "-i", p1, "::"+slots.AutobootName).CombinedOutput()
	if err != nil {
		return fmt.Errorf("reading autoboot.txt: %w: %.200s", err, text)
	}
	switch slices.Index(u.words, string(text)) {
	case 1:
		return nil
	case 0:
		if !exists(filepath.Join(state, "system", "update", "trial.json")) {
			return errors.New("the try is forgotten, and the new system was not kept")
		}
		return nil
	default:
		return fmt.Errorf("autoboot.txt is neither the old nor the new one: %q", text)
	}
}
