package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// socketFile is the unit's socket: of sequenced packets, so that a message is
// read whole or not at all and descriptors come with the message they belong to.
func dial(ctx context.Context, path string) (*net.UnixConn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "unixpacket", path)
	if err != nil {
		return nil, fmt.Errorf("reach the worker's unit: %w", err)
	}
	return conn.(*net.UnixConn), nil //nolint:forcetypeassert // what a Unix socket is dialled as
}

// inherited is the connection that systemd gave as a descriptor.
func inherited(file *os.File) (*net.UnixConn, error) {
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, fmt.Errorf("take over the connection: %w", err)
	}
	unixConn, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errors.Join(errors.New("take over the connection: it is none of a unit's socket"), conn.Close())
	}
	return unixConn, nil
}

// send writes one message with descriptors.
func send(conn *net.UnixConn, message any, files []*os.File) error {
	data, err := encode(message)
	if err != nil {
		return err
	}
	var beside []byte
	if len(files) > 0 {
		fds := make([]int, 0, len(files))
		for _, f := range files {
			fds = append(fds, int(f.Fd()))
		}
		beside = unix.UnixRights(fds...)
	}
	if err := conn.SetWriteDeadline(time.Now().Add(sendLimit)); err != nil {
		return fmt.Errorf("speak with the worker: %w", err)
	}
	if _, _, err := conn.WriteMsgUnix(data, beside, nil); err != nil {
		return fmt.Errorf("speak with the worker: %w", err)
	}
	return nil
}

// receive reads one message and its descriptors, which the caller closes. limit
// 0: as long as it takes. io.EOF: the other side has hung up.
func receive(conn *net.UnixConn, limit time.Duration) ([]byte, []*os.File, error) {
	deadline := time.Time{}
	if limit > 0 {
		deadline = time.Now().Add(limit)
	}
	if err := conn.SetReadDeadline(deadline); err != nil {
		return nil, nil, fmt.Errorf("listen to the worker: %w", err)
	}
	data := make([]byte, messageBytes+1)
	beside := make([]byte, unix.CmsgSpace(4*(mostFilms+3)))
	n, m, flags, _, err := conn.ReadMsgUnix(data, beside)
	files, fileErr := filesOf(beside[:m])
	switch {
	case errors.Is(err, io.EOF), err == nil && n == 0:
		err = io.EOF
	case err != nil:
		err = fmt.Errorf("listen to the worker: %w", err)
	case fileErr != nil:
		err = fileErr
	case flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 || n > messageBytes:
		err = fmt.Errorf("%w: it is too long", errMessage)
	}
	if err != nil {
		closeFiles(files)
		return nil, nil, err
	}
	return data[:n], files, nil
}

// hungUp tells whether the error is that the other side is gone.
func hungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET)
}

func filesOf(beside []byte) ([]*os.File, error) {
	messages, err := unix.ParseSocketControlMessage(beside)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMessage, err)
	}
	var files []*os.File
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			closeFiles(files)
			return nil, fmt.Errorf("%w: %w", errMessage, err)
		}
		for _, fd := range fds {
			files = append(files, os.NewFile(uintptr(fd), "descriptor"))
		}
	}
	return files, nil
}

func closeFiles(files []*os.File) {
	for _, f := range files {
		_ = f.Close() // only read, or a pipe
	}
}
