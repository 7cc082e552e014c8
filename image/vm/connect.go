package vm

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// firstFD is the number of the first descriptor that a child inherits (0 to 2 are the usual ones).
const firstFD = 3

// connect makes all channels and the parts that speak over them.
func (m *Machine) connect() error {
	qmp, err := m.channel(stream)
	if err != nil {
		return err
	}
	qtest, err := m.channel(stream)
	if err != nil {
		return err
	}
	m.QMP, m.QTest = NewQMP(qmp), NewQTest(qtest)
	if m.config.Board.GPIOType != "" {
		m.GPIO = &GPIO{qtest: m.QTest}
	}
	if m.Console, err = m.line("console"); err != nil {
		return err
	}
	if m.config.Shell {
		line, lineErr := m.line("shell")
		if lineErr != nil {
			return lineErr
		}
		m.Shell = NewShell(line)
	}
	for _, d := range m.config.Disks {
		if d.WriteLog == "" {
			continue
		}
		// QEMU writes into it, and does not make it.
		if err := os.WriteFile(d.WriteLog, nil, 0o600); err != nil {
			return fmt.Errorf("recording the writes to %s: %w", d.Path, err)
		}
	}
	if m.config.Cable {
		cable, cableErr := m.channel(datagram)
		if cableErr != nil {
			return cableErr
		}
		m.Peer = NewPeer(cable)
	}
	return nil
}

// channel makes a socket pair: QEMU gets one end, the other is returned.
func (m *Machine) channel(kind int) (io.ReadWriteCloser, error) {
	ours, theirs, err := socketPair(kind)
	if err != nil {
		return nil, fmt.Errorf("making a channel to QEMU: %w", err)
	}
	m.ours = append(m.ours, ours)
	m.fds = append(m.fds, theirs)
	return ours, nil
}

// line makes a serial line whose log is kept in the machine's folder.
func (m *Machine) line(name string) (*Console, error) {
	conn, err := m.channel(stream)
	if err != nil {
		return nil, err
	}
	log, err := m.logFile(name)
	if err != nil {
		return nil, err
	}
	c := NewConsole(name, conn, log)
	m.lines = append(m.lines, c)
	return c, nil
}

func (m *Machine) logFile(name string) (*os.File, error) {
	f, err := os.Create(filepath.Join(m.config.Dir, name+".log"))
	if err != nil {
		return nil, fmt.Errorf("keeping the log of %s: %w", name, err)
	}
	m.logs = append(m.logs, f)
	return f, nil
}

// numbers says which descriptor is what, in the order of connect.
func (m *Machine) numbers() channels {
	fd := channels{qmp: firstFD, qtest: firstFD + 1, console: firstFD + 2}
	next := firstFD + 3
	if m.config.Shell {
		fd.shell = next
		next++
	}
	if m.config.Cable {
		fd.cable = next
	}
	return fd
}
