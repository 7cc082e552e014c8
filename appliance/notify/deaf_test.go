package notify

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fullSocket is that of a manager that has stopped reading: it takes no more.
func fullSocket(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "notify")
	at := &net.UnixAddr{Name: path, Net: "unixgram"}
	socket, err := net.ListenUnixgram("unixgram", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() }) // whoever still sends fails then
	for {
		// A connection for each message, as sd_notify makes: one alone could also be held up by its own buffer.
		sender, err := net.DialUnix("unixgram", nil, at)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = sender.Close() })
		if err = sender.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err = sender.Write([]byte("WATCHDOG=1")); errors.Is(err, os.ErrDeadlineExceeded) {
			return path
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAManagerThatDoesNotReadHoldsNobodyUp(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", fullSocket(t))
	send, _, err := Systemd(os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan struct{}, 1)
	n := New(Config{Send: send, Words: func() string { return "Ready" }, Healthy: func(context.Context) error { asked <- struct{}{}; return nil }})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	<-asked // READY is next, and finds no room
	cancel()
	select {
	case err := <-done:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it still waits for the manager")
	}
}

// What is late arrives, once and in order, when the manager reads again; what was
// left out meanwhile is told by its newest words.
func TestAManagerThatReadsAgainHearsTheNewestWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		box := &manager{words: "Starting"}
		cfg := box.config(0)
		cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		reads, hear := make(chan struct{}), cfg.Send
		cfg.Send = func(message string) error { <-reads; return hear(message) }
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- New(cfg).Run(ctx) }()
		for _, words := range []string{"Working", "Ready", "Fault", "Attention"} {
			<-time.After(1500 * time.Millisecond)
			box.set(func() { box.words = words })
		}
		<-time.After(4 * time.Second)
		close(reads)
		<-time.After(3 * time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		for i, message := range box.heard {
			_, box.heard[i], _ = strings.Cut(message, " ")
		}
		if want := []string{"READY=1 STATUS=Starting", "STATUS=Attention", "STOPPING=1 STATUS=Stopping"}; !slices.Equal(box.heard, want) {
			t.Errorf("heard %q, want %q", box.heard, want)
		}
		if strings.Count(log.String(), "does not read") != 1 || strings.Count(log.String(), "reads again") != 1 {
			t.Errorf("the log:\n%s", &log)
		}
	})
}
