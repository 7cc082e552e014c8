package vm

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	stream   = unix.SOCK_STREAM
	datagram = unix.SOCK_DGRAM
)

// socketPair returns our end, with Go's poller behind it, and QEMU's.
func socketPair(kind int) (net.Conn, *os.File, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	mine, theirs := os.NewFile(uintptr(pair[0]), "ours"), os.NewFile(uintptr(pair[1]), "QEMU's")
	conn, err := net.FileConn(mine)
	_ = mine.Close() // conn has a copy
	if err != nil {
		_ = theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}

// process runs QEMU to its end. When ctx ends it is asked to quit, then killed.
func (m *Machine) process(ctx context.Context, stderr *os.File) error {
	// Pdeathsig is sent when the thread that started the child ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, m.config.Emulator, m.config.arguments(m.numbers())...)
	cmd.ExtraFiles = m.fds
	cmd.Stdout, cmd.Stderr = stderr, stderr
	cmd.SysProcAttr = &unix.SysProcAttr{Pdeathsig: unix.SIGKILL}
	cmd.Cancel = func() error {
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.config.QuitWait)
		defer cancel()
		// QEMU may end before it has answered; whether it has ended is seen below.
		_ = m.QMP.Execute(asking, "quit", nil, nil)
		return nil
	}
	cmd.WaitDelay = m.config.QuitWait
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting QEMU: %w", err)
	}
	for _, f := range m.fds {
		_ = f.Close() // QEMU has them; ours must see their end
	}
	started := time.Now()
	err := cmd.Wait()
	m.log.Info("QEMU has ended", "after", time.Since(started).Round(time.Second), "error", err)
	if err == nil || ctx.Err() != nil {
		return nil
	}
	return fmt.Errorf("QEMU has ended: %w: %s", err, said(stderr))
}

// said is the last that QEMU wrote.
func said(stderr *os.File) string {
	const most = 2000
	data, err := os.ReadFile(stderr.Name())
	if err != nil {
		return "and what it wrote cannot be read: " + err.Error()
	}
	return strings.TrimSpace(string(data[max(0, len(data)-most):]))
}
