package main

import (
	"context"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance"
	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
)

// restingBox is a box with a real library and nothing around it.
type restingBox struct {
	*box
	t       *testing.T
	working atomic.Bool
	ill     atomic.Pointer[[]string]
	told    <-chan struct{}
}

func newRestingBox(t *testing.T) *restingBox {
	t.Helper()
	titles, err := library.Open(library.Config{Dir: filepath.Join(t.TempDir(), "library")})
	if err != nil {
		t.Fatal(err)
	}
	r := &restingBox{t: t}
	r.ill.Store(&[]string{})
	r.box = &box{
		name: func() string { return "streambox" }, leaving: func() bool { return false }, listening: netip.MustParseAddrPort("[::]:3003"),
		lan:     func() ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("192.168.1.5")}, nil },
		library: titles, working: r.working.Load, failing: func() []string { return *r.ill.Load() }, viewers: func() int { return 0 },
		nudged: make(chan struct{}, 1), log: slog.New(slog.DiscardHandler),
	}
	r.told = r.changed()
	return r
}

// becomes lets half a second pass, and checks the state and that it was told.
func (r *restingBox) becomes(want appliance.State, words string) {
	r.t.Helper()
	time.Sleep(stateEvery + stateAtMost) //nolint:forbidigo // the bubble's clock: nothing waits
	synctest.Wait()
	if got := r.State(); got != want || !strings.Contains(r.Words(), words) {
		r.t.Errorf("state %s, %q; want %s, %q", got, r.Words(), want, words)
	}
	select {
	case <-r.told:
	default:
		r.t.Errorf("who follows the box was not told that it is %s", want)
	}
}

func (r *restingBox) film(id string, state library.State) {
	r.t.Helper()
	if err := r.library.Update(id, false, func(rec *library.Record) {
		rec.Name, rec.State, rec.Sources = "Film", state, []library.Place{{Stick: "sda1", File: "film.mp4"}}
	}); err != nil {
		r.t.Fatal(err)
	}
}

func TestTheBoxFollowsItsParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRestingBox(t)
		if r.State() != appliance.Starting || r.Words() != "Starting" {
			t.Errorf("before Run: %s, %q", r.State(), r.Words())
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		r.becomes(appliance.Starting, "Starting")

		r.sticksLookedFor()
		r.becomes(appliance.Ready, "no stick is plugged in, http://192.168.1.5:3003")
		r.library.SetSticks([]library.Stick{{ID: "sda1", State: library.StickScanning}})
		r.becomes(appliance.Working, "reading a stick")
		r.library.SetSticks([]library.Stick{{ID: "sda1", State: library.StickReady, Titles: 1}})
		r.film("aaaaaaaaaaaaaaaa", library.Unplayable)
		r.becomes(appliance.Attention, "nothing on the stick can be played")
		r.film("bbbbbbbbbbbbbbbb", library.Converting)
		r.working.Store(true)
		r.becomes(appliance.Working, "preparing films")
		r.library.SetProblem("no_room", &library.Problem{Code: "no_room", Text: "The box is full"})
		r.becomes(appliance.Attention, "The box is full")
		r.ill.Store(&[]string{"mdns"})
		r.nudge()
		r.becomes(appliance.Fault, "mdns does not run")
		r.ill.Store(&[]string{})
		r.library.SetProblem("no_room", nil)
		r.becomes(appliance.Working, "preparing films")
		r.box.stop()
		r.becomes(appliance.Stopping, "Stopping")
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestTheNameIsOnlySaidWhereThereIsANetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRestingBox(t)
		network, lan := true, r.lan
		r.lan = func() ([]netip.Addr, error) {
			if !network {
				return nil, nil
			}
			return lan()
		}
		r.hostName = func() string { return "streambox" } // also when the network has gone
		for _, want := range []string{"http://streambox.local:3003", "http://127.0.0.1:3003", "http://streambox.local:3003"} {
			r.lookForAddresses()
			if got := r.bestURL(); got != want {
				t.Errorf("with a network %v: %s, want %s", network, got, want)
			}
			network = !network
		}
	})
}

// A press, a failing part, the stop: the LED is told at once, not at the next look.
func TestWhoFollowsTheBoxIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRestingBox(t)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Run(ctx) }()
		synctest.Wait()
		<-r.told
		began := time.Now()
		r.sticksLookedFor()
		<-r.told
		if took := time.Since(began); took > 100*time.Millisecond || r.State() != appliance.Ready {
			t.Errorf("told after %v, %s", took, r.State())
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func TestFoldersThatAreNotThere(t *testing.T) {
	problems := map[string]string{}
	m := missingFolders{given: []string{"/media/a", "/media/b"}, problem: func(code string, p *library.Problem) {
		delete(problems, code)
		if p != nil {
			problems[code] = p.Text
		}
	}}
	for _, step := range []struct {
		plugged []string
		says    string
	}{
		{nil, `"a"`},
		{[]string{"/media/a"}, `"b"`},
		{nil, `"b"`}, // a was there: it has been pulled
		{[]string{"/media/b"}, ""},
		{nil, ""},
	} {
		var sticks []usb.Stick
		for _, root := range step.plugged {
			sticks = append(sticks, usb.Stick{Root: root})
		}
		m.look(sticks)
		got := problems[codeMediaMissing]
		if (step.says == "") != (got == "") || !strings.Contains(got, step.says) || strings.Contains(got, "/media") {
			t.Errorf("with %v: %q, want %q", step.plugged, got, step.says)
		}
	}
}

func TestTheNoteIsNoProblem(t *testing.T) {
	r := newRestingBox(t)
	r.note = "port 80 is taken by nginx.service"
	status := r.Status()
	if len(status.Notes) != 1 || status.Notes[0].Text != "Port 80 is taken by nginx.service" || status.Notes[0].Parameters["port"] != 3003 {
		t.Errorf("notes %+v", status.Notes)
	}
	if slices.Contains(r.facts().Problems, r.note) || !strings.HasSuffix(appliance.Words(r.facts()), "Starting") {
		t.Errorf("facts %+v", r.facts())
	}
	r.sticksLookedFor()
	r.lookForAddresses()
	if words := appliance.Words(r.facts()); words != "Ready: no stick is plugged in, http://192.168.1.5:3003, port 80 is taken by nginx.service" {
		t.Errorf("words %q", words)
	}
}
