package vm

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Machine is one run of QEMU. Its parts are there from New on, and speak once Run goes on.
type Machine struct {
	QMP     *QMP
	QTest   *QTest
	GPIO    *GPIO    // nil where the board has no controller
	Console *Console // the kernel's
	Shell   *Shell   // nil without Config.Shell
	Peer    *Peer    // nil without Config.Cable

	config Config
	log    *slog.Logger
	lines  []*Console // console and shell
	fds    []*os.File // QEMU's ends, in the order of its descriptors
	logs   []io.Closer
	ours   []io.Closer // our ends, which the parts close once they run

	up    chan struct{}
	ended chan struct{}
	once  sync.Once
	err   error // how QEMU ended; valid once ended is closed
}

const defaultQuitWait = 5 * time.Second

// New prepares a machine: descriptors and log files are open, nothing runs. A
// machine that is not run must be given up with Close.
func New(c Config) (*Machine, error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.QuitWait == 0 {
		c.QuitWait = defaultQuitWait
	}
	if c.Emulator == "" {
		c.Emulator = c.Board.Emulator
	}
	m := &Machine{config: c, log: c.Log, up: make(chan struct{}), ended: make(chan struct{})}
	if err := m.connect(); err != nil {
		m.Close()
		return nil, fmt.Errorf("preparing a virtual machine: %w", err)
	}
	return m, nil
}

// Close gives up a machine that was never run; after Run it does nothing.
func (m *Machine) Close() {
	m.once.Do(func() { m.finish(errors.New("it was never started")) })
}

// finish closes what is still open: nothing depends on how that goes.
func (m *Machine) finish(err error) {
	for _, c := range m.ours {
		_ = c.Close()
	}
	for _, f := range m.fds {
		_ = f.Close()
	}
	for _, l := range m.logs {
		_ = l.Close()
	}
	m.err = err
	close(m.ended)
}

// Run starts QEMU and returns when it has ended: nil when the guest switched
// itself off or ctx ended, else what went wrong, with QEMU's own words.
func (m *Machine) Run(ctx context.Context) error {
	err := errors.New("running a virtual machine: it has run already")
	m.once.Do(func() {
		err = m.run(ctx)
		m.finish(err)
	})
	return err
}

func (m *Machine) run(ctx context.Context) error {
	stderr, err := m.logFile("qemu")
	if err != nil {
		return err
	}
	// Who reads outlives ctx, so that QEMU can be asked to quit; it ends with QEMU.
	reading, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	readers, reading := errgroup.WithContext(reading)
	readers.Go(func() error { return m.QMP.Run(reading) })
	readers.Go(func() error { return m.QTest.Run(reading) })
	for _, l := range m.lines {
		readers.Go(func() error { return l.Run(reading) })
	}
	if m.Peer != nil {
		readers.Go(func() error { return m.Peer.Run(reading) })
	}
	readers.Go(func() error { return m.greet(reading) })
	if m.GPIO != nil {
		resets := m.QMP.Subscribe("RESET")
		readers.Go(func() error { return m.GPIO.hold(reading, resets) })
	}

	m.log.Info("Starting QEMU", "emulator", m.config.Emulator, "arguments", m.config.arguments(m.numbers()))
	processErr := m.process(ctx, stderr)
	stop()
	readErr := readers.Wait()
	if processErr != nil {
		return processErr
	}
	if readErr != nil && !errors.Is(readErr, context.Canceled) && !errors.Is(readErr, ErrEnded) {
		return readErr
	}
	return nil
}

// greet makes what Up waits for true.
func (m *Machine) greet(ctx context.Context) error {
	var status struct{ Status string }
	if err := m.QMP.Execute(ctx, "query-status", nil, &status); err != nil {
		return err
	}
	if m.GPIO != nil {
		if err := m.GPIO.attach(ctx, m.QMP, m.config.Board.GPIOType); err != nil {
			return err
		}
	}
	close(m.up)
	return nil
}

// Up waits until QEMU listens. Its processors stand still until PowerOn.
func (m *Machine) Up(ctx context.Context) error {
	select {
	case <-m.up:
		return nil
	case <-m.ended:
		return fmt.Errorf("waiting for QEMU: %w: %w", ErrEnded, m.err)
	case <-ctx.Done():
		return fmt.Errorf("waiting for QEMU: %w", ctx.Err())
	}
}

// PowerOn lets the processors run.
func (m *Machine) PowerOn(ctx context.Context) error { return m.QMP.Execute(ctx, "cont", nil, nil) }

// Ended is closed when QEMU is gone.
func (m *Machine) Ended() <-chan struct{} { return m.ended }

// hostForward is a line of QEMU's table of its built-in network.
var hostForward = regexp.MustCompile(`TCP\[HOST_FORWARD\]\s+\d+\s+127\.0\.0\.1\s+(\d+)\s+\S+\s+(\d+)\s`)

// Forwarded returns host:port at which the host reaches a port of Config.Forward.
func (m *Machine) Forwarded(ctx context.Context, guestPort int) (string, error) {
	var table string
	err := m.QMP.Execute(ctx, "human-monitor-command", map[string]any{"command-line": "info usernet"}, &table)
	if err != nil {
		return "", fmt.Errorf("looking for the forwarded port %d: %w", guestPort, err)
	}
	for _, row := range hostForward.FindAllStringSubmatch(table, -1) {
		if row[2] == strconv.Itoa(guestPort) {
			return "127.0.0.1:" + row[1], nil
		}
	}
	return "", fmt.Errorf("looking for the forwarded port %d: QEMU forwards none", guestPort)
}
