package worker

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Stands for a stick of ext4 whose maker closed a film to everybody but the box.
func TestAFilmThatTheWorkerMayNotRead(t *testing.T) {
	for _, c := range []struct {
		sentence string
		bare     bool
		want     error
	}{
		{"with Landlock a child reads it", false, errOtherwise},
		{"without, nobody does", true, ErrUnreadable},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			if !c.bare && landlockABI() == 0 {
				t.Skip("not run here: this kernel has no Landlock")
			}
			var said bytes.Buffer
			u := &Unit{Socket: refusing(t, whyUnreadable), Otherwise: refuses{}, Log: slog.New(slog.NewTextHandler(&said, nil)), bare: c.bare}
			if _, err := u.Launch(t.Context(), command(t)); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if !strings.Contains(said.String(), "level=WARN") {
				t.Errorf("the log says %q", said.String())
			}
		})
	}
}

// refusing is the socket of a unit whose instances refuse all.
func refusing(t *testing.T, why string) string {
	t.Helper()
	return answering(t, func(conn *net.UnixConn) {
		_, files, _ := receive(conn, 0)
		closeFiles(files)
		_ = send(conn, answer{Version: Version, Is: isRefused, Why: why, Detail: "a test's"}, nil)
	})
}

// answering is the socket of a unit whose instances are answer.
func answering(t *testing.T, instance func(*net.UnixConn)) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "worker.sock")
	listener, err := net.ListenUnix("unixpacket", &net.UnixAddr{Name: path, Net: "unixpacket"})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); all.Wait() })
	all.Go(func() {
		for {
			conn, err := listener.AcceptUnix()
			if err != nil {
				return
			}
			t.Cleanup(func() { _ = conn.Close() })
			go func() {
				instance(conn)
				_ = conn.Close()
			}()
		}
	})
	return path
}

// Stands for a container that cannot keep the unit's rules, and for a drop-in that
// is wrong: systemd accepts connections, and no instance comes up.
func TestAUnitWhoseInstancesDoNotStart(t *testing.T) {
	for _, bare := range []bool{false, true} {
		want := errOtherwise
		if bare || landlockABI() == 0 {
			want = ErrNotStarted
		}
		var broken []bool
		var works atomic.Bool
		u := &Unit{
			Otherwise: refuses{}, Log: slog.New(slog.DiscardHandler), bare: bare,
			Broken: func(err error) { broken = append(broken, err != nil) },
		}
		u.Socket = answering(t, func(conn *net.UnixConn) {
			if works.Load() {
				_, files, _ := receive(conn, 0)
				closeFiles(files)
				_ = send(conn, answer{Version: Version, Is: isStarted}, nil)
			}
		})
		for range 2 {
			if _, err := u.Launch(t.Context(), command(t)); !errors.Is(err, want) {
				t.Errorf("without Landlock %t: got %v, want %v", bare, err, want)
			}
		}
		if _, found, err := UnitLayers(t.Context(), u.Socket); !found || err == nil || !strings.Contains(err.Error(), "do not start") {
			t.Errorf("doctor hears %t, %v", found, err)
		}
		works.Store(true)
		process, err := u.Launch(t.Context(), command(t))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = process.Wait() // it vanishes
		if !slices.Equal(broken, []bool{true, false}) {
			t.Errorf("it was told %v", broken)
		}
		_ = u.exchange(nil).Close()
	}
}

// Stands for a machine so busy that systemd takes half a minute, while who waits for
// the film goes away.
func TestWhoGivesUpDoesNotWaitForAnInstance(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	asked, over := make(chan struct{}), make(chan struct{})
	socket := answering(t, func(conn *net.UnixConn) {
		_, files, _ := receive(conn, 0)
		closeFiles(files)
		close(asked)
		<-over
	})
	defer close(over)
	u := &Unit{Socket: socket, Otherwise: refuses{}, Log: slog.New(slog.DiscardHandler)}
	ended := make(chan error, 1)
	go func() {
		_, err := u.Launch(ctx, command(t))
		ended <- err
	}()
	<-asked
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) || !errors.Is(err, ErrNotStarted) {
			t.Errorf("got %v", err)
		}
	case <-time.After(startLimit / 2):
		t.Error("it goes on waiting")
	}
}

// A service may be given a capability, to open port 80 for instance.
func TestAChildHasNoCapabilities(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts this program again, which -short leaves out (and qemu-user cannot)")
	}
	if os.Geteuid() != 0 {
		t.Skip("not run here: only root has capabilities to hand down")
	}
	stage := exec.CommandContext(t.Context(), ourselves, append((stage{}).arguments(), "--", "/bin/cat", "/proc/self/status")...)
	stage.Dir = "/"
	stage.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}, AmbientCaps: []uintptr{unix.CAP_NET_BIND_SERVICE}}
	out, err := stage.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, set := range []string{"CapInh", "CapPrm", "CapEff", "CapAmb"} {
		if !strings.Contains(string(out), set+":\t0000000000000000") {
			t.Errorf("%s is not empty:\n%s", set, out)
		}
	}
}
