package network

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type answer struct {
	list []Interface
	err  error
}

// fakeDevice gives its answers one after the other, the last one for ever.
type fakeDevice struct {
	answers []answer
	asked   int
}

func (d *fakeDevice) Interfaces() ([]Interface, error) {
	a := d.answers[min(d.asked, len(d.answers)-1)]
	d.asked++
	return a.list, a.err
}

func TestChangesAreNoticedAndTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		w := New(Config{
			Device: &fakeDevice{answers: []answer{{list: []Interface{station}}, {list: []Interface{station}}, {list: []Interface{hotspot}}}},
			Log:    slog.New(slog.NewTextHandler(&log, nil)),
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- w.Run(ctx) }()
		synctest.Wait()
		if got := w.Role(); got != Client {
			t.Errorf("role %s after the first look, want client", got)
		}
		time.Sleep(11 * time.Second) //nolint:forbidigo // the bubble's clock
		synctest.Wait()
		if got := w.Role(); got != AccessPoint {
			t.Errorf("role %s after the third look, want accessPoint", got)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if got := strings.Count(log.String(), "Network link"); got != 2 {
			t.Errorf("%d lines, want one for each of two states:\n%s", got, &log)
		}
	})
}

func TestTroubleIsToldOnceAndChangesNothing(t *testing.T) {
	var log bytes.Buffer
	broken := errors.New("no netlink for you")
	w := New(Config{
		Device: &fakeDevice{answers: []answer{
			{[]Interface{hotspot}, nil},
			{nil, broken},
			{nil, broken},
			{[]Interface{cable}, ErrNoWireless},
			{[]Interface{cable}, ErrNoWireless},
			{[]Interface{cable}, nil},
		}},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	for _, want := range []Role{AccessPoint, AccessPoint, AccessPoint, Wired, Wired, Wired} {
		w.Look()
		if got := w.Role(); got != want {
			t.Errorf("role %s, want %s", got, want)
		}
	}
	for line, want := range map[string]int{"level=WARN": 1, "No wireless on this machine": 1, "can be read again": 1} {
		if got := strings.Count(log.String(), line); got != want {
			t.Errorf("%q %d times, want %d:\n%s", line, got, want, &log)
		}
	}
}
