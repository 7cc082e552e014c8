//go:build linux

package update_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/update"
	"streambox.local/appliance/usb"
)

// watched is a Watch in a bubble, and what it did.
type watched struct {
	*update.Watch

	status  string
	viewers int

	mu    sync.Mutex
	asked []string
	shown []string
}

func watch(t *testing.T, here bool) *watched {
	t.Helper()
	w := &watched{status: filepath.Join(t.TempDir(), "update.json")}
	w.Watch = update.NewWatch(update.WatchConfig{
		Here: here, Status: w.status, Log: slog.New(slog.DiscardHandler),
		Viewers: func() int { w.mu.Lock(); defer w.mu.Unlock(); return w.viewers },
		Ask:     func(what string) error { w.mu.Lock(); defer w.mu.Unlock(); w.asked = append(w.asked, what); return nil },
		Show:    func(s update.Status) { w.mu.Lock(); defer w.mu.Unlock(); w.shown = append(w.shown, s.Code) },
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = w.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return w
}

func (w *watched) says(t *testing.T, s update.Status) {
	t.Helper()
	must(t, update.WriteStatus(w.status, s))
}

func (w *watched) expect(t *testing.T, what string, got *[]string, want ...string) {
	t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(*got, want) {
		t.Errorf("%s: %q, want %q", what, *got, want)
	}
}

func TestABundleOnAStickIsAskedForOnceAPlug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, true)
		with, without := t.TempDir(), t.TempDir()
		must(t, os.WriteFile(filepath.Join(with, "a.streambox-update"), nil, 0o600))
		must(t, os.WriteFile(filepath.Join(without, "a.streambox-update.mp4"), nil, 0o600))
		sticks := []usb.Stick{{ID: "sda1", Root: with, Plugged: 1}, {ID: "sdb1", Root: without, Plugged: 2}, {ID: "sdc1", Reason: "silent"}}
		w.SetSticks(sticks)
		w.expect(t, "plugged", &w.asked, update.RequestUpdate)
		w.SetSticks(sticks[:2])
		w.expect(t, "still plugged", &w.asked, update.RequestUpdate)
		sticks[0].Plugged = 3
		w.SetSticks(sticks)
		w.expect(t, "plugged anew", &w.asked, update.RequestUpdate, update.RequestUpdate)
	})
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, false)
		with := t.TempDir()
		must(t, os.WriteFile(filepath.Join(with, "a.streambox-update"), nil, 0o600))
		w.SetSticks([]usb.Stick{{ID: "sda1", Root: with, Plugged: 1}})
		w.expect(t, "where there are no slots", &w.asked)
	})
}

func TestWhatWaitsIsTriedWhenNobodyHasWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, true)
		set := func(n int) { w.mu.Lock(); defer w.mu.Unlock(); w.viewers = n }
		after := func(d time.Duration) { time.Sleep(d) } //nolint:forbidigo // the bubble's time
		after(time.Hour)
		w.expect(t, "nothing waits", &w.asked)
		set(1)
		w.says(t, update.Status{Code: update.CodeWaiting})
		after(time.Hour)
		w.expect(t, "somebody watches", &w.asked)
		set(0)
		after(9 * time.Minute)
		set(1)
		after(time.Minute)
		set(0)
		after(9 * time.Minute)
		w.expect(t, "somebody has watched", &w.asked)
		after(2 * time.Minute)
		w.expect(t, "nobody has watched for 10 minutes", &w.asked, update.RequestTry)
		w.says(t, update.Status{Code: update.CodeNoTry, Problem: true})
		after(time.Hour)
		w.expect(t, "it could not be tried", &w.asked, update.RequestTry)
		w.expect(t, "what is shown", &w.shown, update.CodeWaiting, update.CodeNoTry)
	})
}

func TestWhatIsSaidOfAStickEndsWithIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, true)
		root := filepath.Join(t.TempDir(), "sda1")
		must(t, os.Mkdir(root, 0o700))
		plugged := []usb.Stick{{ID: "sda1", Root: root, Plugged: 1}}
		w.SetSticks(plugged)
		w.says(t, update.Status{Code: "update_older", Problem: true, Stick: "sda1"})
		time.Sleep(5 * time.Second) //nolint:forbidigo // the bubble's time
		w.expect(t, "plugged", &w.shown, "update_older")
		w.SetSticks(nil)
		w.expect(t, "pulled", &w.shown, "update_older", "")
		must(t, os.WriteFile(w.status, []byte("{half"), 0o600))
		time.Sleep(5 * time.Second) //nolint:forbidigo // the bubble's time
		w.expect(t, "a status that cannot be read says nothing", &w.shown, "update_older", "")
	})
}
