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
	"time"

	"streambox.local/appliance/update"
	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
	"streambox.local/appliance/update/updatetest"
)

func TestAnUpdateFromPlugToKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		system, data := ours(t, 101)
		r.plug(data)
		must(t, r.update())
		if r.code() != update.CodeWaiting || !r.holds(slots.B, system) || r.told[0].Code != update.CodeChecking || !r.holds(slots.A, updatetest.NewSystem(100)) {
			t.Fatalf("%+v\n%s", r.told, r.log.String())
		}
		r.expect(slots.A, slots.A)

		must(t, r.start()) // the next start
		if r.code() != update.CodeTrying || len(r.card.Restarts()) != 1 {
			t.Fatalf("%+v %q", r.told, r.card.Restarts())
		}
		r.triedAndKept(101)

		must(t, r.update()) // its stick is still in
		if last := r.told[len(r.told)-1]; last.Code != bundle.CodeSame || last.Problem {
			t.Errorf("%+v", last)
		}
		system, data = ours(t, 102)
		r.plug(data)
		must(t, r.update())
		if r.code() != update.CodeWaiting || !r.holds(slots.A, system) {
			t.Errorf("the way back is not used for the next one: %+v", r.told[len(r.told)-1])
		}
	})
}

func TestBundlesThatAreRefused(t *testing.T) {
	_, good := ours(t, 101)
	changed := func(at int) []byte {
		data := bytes.Clone(good)
		data[(at+len(data))%len(data)] ^= 1
		return data
	}
	s := updatetest.NewSystem(101)
	for _, tt := range []struct {
		sentence string
		data     []byte
		code     string
		problem  bool
	}{
		{"signed by somebody else", s.Bundle(t, 101, "1.1", []string{board}, updatetest.Key("theirs")), bundle.CodeUnsigned, true},
		{"not signed", s.Bundle(t, 101, "1.1", []string{board}), bundle.CodeUnsigned, true},
		{"a changed manifest", bytes.Replace(good, []byte(`"build": 101`), []byte(`"build": 999`), 1), bundle.CodeTampered, true},
		{"a changed last byte of the root", changed(-1), bundle.CodeTampered, true},
		{"a changed byte of the boot image", changed(100_000), bundle.CodeTampered, true},
		{"a byte too few", good[:len(good)-1], bundle.CodeTruncated, true},
		{"half of it", good[:len(good)/2], bundle.CodeTruncated, true},
		{"a piece of its front", good[:50], bundle.CodeTruncated, true},
		{"a byte too many", append(bytes.Clone(good), 0), bundle.CodeTampered, true},
		{"another board's", s.Bundle(t, 101, "1.1", []string{"raspberrypi,4-model-b"}, updatetest.Key("ours")), bundle.CodeWrongBoard, true},
		{"an older one", s.Bundle(t, 99, "0.9", []string{board}, updatetest.Key("ours")), bundle.CodeOlder, true},
		{"the running one", s.Bundle(t, 100, "1.0", []string{board}, updatetest.Key("ours")), bundle.CodeSame, false},
		{"a later schema", bundle.Sign([]byte(`{"schema":2,"kind":"streambox-update","build":{}}`), keysOf("ours")), bundle.CodeNewerSchema, true},
		{"something else that the key has signed", bundle.Sign([]byte(`{"schema":1,"kind":"a letter"}`), keysOf("ours")), bundle.CodeNoBundle, true},
		{"a film", bytes.Repeat([]byte("film"), 1000), bundle.CodeNoBundle, true},
		{"nothing", nil, bundle.CodeNoBundle, true},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			r := newRig(t)
			r.plug(tt.data)
			err := r.update()
			if len(r.told) == 0 {
				t.Fatalf("nothing is said: %v", err)
			}
			last := r.told[len(r.told)-1]
			if last.Code != tt.code || last.Problem != tt.problem || last.Text == "" || last.Stick != filepath.Base(r.stick) {
				t.Errorf("%+v: %v", last, err)
			}
			if r.startable() || r.records(t) != 0 {
				t.Error("the card was written")
			}
		})
	}
}

// records counts the files that the helper keeps.
func (r *rig) records(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir(r.dir)
	must(t, err)
	return len(entries)
}

func TestWhichOfSeveralBundles(t *testing.T) {
	put := func(r *rig, name string, build int64, key string) updatetest.System {
		s := updatetest.NewSystem(uint64(build))
		must(r.t, os.WriteFile(filepath.Join(r.stick, name+".STREAMBOX-update"), s.Bundle(r.t, build, "1.0", []string{board}, updatetest.Key(key)), 0o600))
		return s
	}
	t.Run("the newest that is believed", func(t *testing.T) {
		r := newRig(t)
		put(r, "a", 101, "ours")
		want := put(r, "b", 103, "next")
		put(r, "c", 102, "ours")
		put(r, "d", 200, "theirs")
		must(t, r.update())
		if !r.holds(slots.B, want) || r.code() != update.CodeWaiting {
			t.Errorf("%+v", r.told)
		}
	})
	t.Run("a newer one than what waits takes its place, an older one does not", func(t *testing.T) {
		r := newRig(t)
		want := put(r, "a", 105, "ours")
		must(t, r.update())
		must(t, os.Remove(filepath.Join(r.stick, "a.STREAMBOX-update")))
		put(r, "b", 103, "ours")
		must(t, r.update())
		if !r.holds(slots.B, want) || r.code() != update.CodeWaiting {
			t.Errorf("%+v", r.told)
		}
		want = put(r, "c", 106, "ours")
		must(t, r.update())
		if !r.holds(slots.B, want) || r.code() != update.CodeWaiting {
			t.Errorf("%+v", r.told)
		}
	})
	t.Run("all releases on one stick, the last of them runs: that is said, and is no problem", func(t *testing.T) {
		r := newRig(t)
		put(r, "a", 98, "ours")
		put(r, "b", 100, "ours")
		put(r, "c", 99, "ours")
		must(t, r.update())
		if last := r.told[len(r.told)-1]; last.Code != bundle.CodeSame || last.Problem {
			t.Errorf("%+v", last)
		}
	})
	t.Run("no links, no folders, nothing hidden, no pipes", func(t *testing.T) {
		r := newRig(t)
		elsewhere := filepath.Join(t.TempDir(), "x.streambox-update")
		_, data := ours(t, 101)
		must(t, os.WriteFile(elsewhere, data, 0o600))
		must(t, os.Symlink(elsewhere, filepath.Join(r.stick, "link.streambox-update")))
		must(t, os.Mkdir(filepath.Join(r.stick, "folder.streambox-update"), 0o700))
		must(t, os.WriteFile(filepath.Join(r.stick, "._x.streambox-update"), data, 0o600))
		must(t, os.Mkdir(filepath.Join(r.stick, "sub"), 0o700))
		must(t, os.WriteFile(filepath.Join(r.stick, "sub", "x.streambox-update"), data, 0o600))
		pipe(t, filepath.Join(r.stick, "pipe.streambox-update"))
		must(t, r.update())
		if len(r.told) != 0 {
			t.Errorf("%+v", r.told)
		}
	})
}

func TestASlotIsNotWrittenWhileTheMachineRestartsIntoIt(t *testing.T) {
	r := newRig(t)
	system, data := ours(t, 101)
	r.plug(data)
	must(t, r.update())
	must(t, r.try())
	_, newer := ours(t, 102)
	r.plug(newer) // and the next stick comes while the machine goes down
	must(t, r.update())
	if !r.holds(slots.B, system) {
		t.Error("what is about to be tried was written over")
	}
}

func TestHelpersWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		first, err := update.OpenRecords(t.Context(), dir)
		must(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err = update.OpenRecords(ctx, dir); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("there are two at a time: %v", err)
		}
		must(t, first.Close())
		second, err := update.OpenRecords(t.Context(), dir)
		must(t, err)
		must(t, second.Close())
	})
}

func TestWhatWaitsIsNotForgottenForARefusal(t *testing.T) {
	r := newRig(t)
	_, data := ours(t, 101)
	r.plug(data)
	must(t, r.update())
	r.plug([]byte("no bundle"))
	must(t, r.update())
	if last := r.told[len(r.told)-1]; last.Code != bundle.CodeNoBundle || last.Waiting != "1.101.0" {
		t.Errorf("%+v", last)
	}
}
