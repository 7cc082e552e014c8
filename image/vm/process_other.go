//go:build !linux

package vm

import (
	"context"
	"errors"
	"net"
	"os"
)

const (
	stream   = 1
	datagram = 2
)

var errOnlyLinux = errors.New("virtual machines are driven from Linux only")

func socketPair(int) (net.Conn, *os.File, error) { return nil, nil, errOnlyLinux }

func (m *Machine) process(context.Context, *os.File) error { return errOnlyLinux }
