package mdns

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"streambox.local/web/room/netnstest"
)

// TestMain lets the test binary be a box of its own: a network namespace belongs
// to a thread, and a responder has many.
func TestMain(m *testing.M) {
	if name := os.Getenv("MDNS_TEST_BOX"); name != "" {
		runBox(name)
		return
	}
	os.Exit(m.Run())
}

// fileStore is a NameStore.
type fileStore string

func (f fileStore) LoadName() (string, error) {
	b, err := os.ReadFile(string(f))
	if errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	return string(b), err
}

func (f fileStore) SaveName(name string) error { return os.WriteFile(string(f), []byte(name), 0o600) }

func runBox(name string) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	port := 8080
	if text := os.Getenv("MDNS_TEST_PORT"); text != "" {
		port, _ = strconv.Atoi(text) // a test's own number
	}
	cfg := Config{
		Name: name, Version: "1.2.3", Port: func() int { return port },
		OnName: func(name string) { _, _ = fmt.Fprintln(os.Stdout, "NAME "+name) },
		Log:    slog.New(slog.NewTextHandler(os.Stdout, nil)),
	}
	if store := os.Getenv("MDNS_TEST_STORE"); store != "" {
		cfg.Remembered = fileStore(store)
	}
	if err := New(cfg).Run(ctx); err != nil {
		_, _ = fmt.Fprintln(os.Stdout, err)
	}
	_, _ = fmt.Fprintln(os.Stdout, "STOPPED")
}

// process is a program in a namespace, with what it prints.
type process struct {
	t    testing.TB
	cmd  *exec.Cmd
	done chan struct{}

	mu    sync.Mutex
	lines []string
}

// start runs a program until the test ends or stop.
func start(tb testing.TB, n *netnstest.Namespace, env []string, args ...string) *process {
	tb.Helper()
	p := &process{t: tb, done: make(chan struct{})}
	p.cmd = exec.CommandContext(context.WithoutCancel(tb.Context()), args[0], args[1:]...)
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.WaitDelay = 5 * time.Second
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	p.cmd.Stderr = p.cmd.Stdout
	n.Do(func() { err = p.cmd.Start() })
	if err != nil {
		tb.Fatalf("%s: %v", args[0], err)
	}
	go func() {
		defer close(p.done)
		p.read(out)
		_ = p.cmd.Wait() // ended by us
	}()
	tb.Cleanup(func() {
		p.stop()
		if tb.Failed() {
			tb.Logf("%s:\n%s", strings.Join(args, " "), strings.Join(p.output(), "\n"))
		}
	})
	return p
}

func (p *process) read(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		p.mu.Lock()
		p.lines = append(p.lines, lines.Text())
		p.mu.Unlock()
	}
}

func (p *process) output() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.lines)
}

// stop ends the program as systemd does, and at last without asking.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(5 * time.Second):
		p.t.Errorf("%s does not stop", p.cmd.Path)
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// says waits for a line.
func (p *process) says(line string) {
	p.t.Helper()
	eventually(p.t, "it says "+line, func() error {
		for _, l := range p.output() {
			if strings.Contains(l, line) {
				return nil
			}
		}
		return errors.New(strings.Join(p.output(), "\n"))
	})
}

// box starts a responder that asks for the name streambox.
func box(tb testing.TB, n *netnstest.Namespace, env ...string) *process {
	tb.Helper()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	return start(tb, n, append(env, "MDNS_TEST_BOX=streambox"), self)
}

// eventually asks until there is no error, for 20 seconds: multicast may wait
// for IGMP and for addresses that are still being checked.
func eventually(tb testing.TB, what string, ask func() error) {
	tb.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		err := ask()
		if err == nil {
			return
		}
		select {
		case <-deadline.C:
			tb.Fatalf("not in 20 s: %s: %v", what, err)
		case <-again.C:
		}
	}
}
