package web

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"time"
)

// A reader that takes less than progressBytes within progressTimeout is
// dropped: about 140 kbit/s, below which no film can be watched. Files go out
// in steps of stepBytes (what one sendfile(2) of package net takes at most),
// each with as much time as that rate needs: most segments are one step.
const (
	progressBytes   = 1 << 20
	progressTimeout = 60 * time.Second
	stepBytes       = 4 << 20
)

// recorder stands around net/http's ResponseWriter, counts what is sent and
// moves the write deadline as long as the reader makes progress. It hands an
// *os.File on as *io.LimitedReader{*os.File}, the one shape that reaches
// sendfile(2); there is a test for that.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// extend gives the reader the time for another so many bytes, progressTimeout
// at least. Each request sets it anew, so that no deadline is left over for the
// next one on the connection.
func (w *recorder) extend(size int64) {
	// Test recorders have none; they cannot stall. Not by http.ResponseController,
	// which is an allocation and says no more.
	if conn, ok := w.ResponseWriter.(interface{ SetWriteDeadline(t time.Time) error }); ok {
		_ = conn.SetWriteDeadline(time.Now().Add(timeFor(size))) // a closed one needs none
	}
}

// timeFor is progressTimeout for each progressBytes begun.
func timeFor(size int64) time.Duration {
	return progressTimeout * time.Duration(max(1, (size+progressBytes-1)/progressBytes))
}

// WriteHeader notes the final status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// ReadFrom sends src in steps of stepBytes.
func (w *recorder) ReadFrom(src io.Reader) (int64, error) {
	to, ok := w.ResponseWriter.(io.ReaderFrom)
	if !ok {
		return io.Copy(struct{ io.Writer }{w}, src)
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	all, ok := src.(*io.LimitedReader)
	if !ok {
		all = &io.LimitedReader{R: src, N: math.MaxInt64}
	}
	var sent int64
	for all.N > 0 {
		step := &io.LimitedReader{R: all.R, N: min(all.N, stepBytes)}
		want := step.N
		w.extend(want)
		n, err := to.ReadFrom(step)
		sent += n
		w.bytes += n
		all.N -= n
		if err != nil || n < want {
			return sent, err
		}
	}
	return sent, nil
}

// Hijack is for the WebSocket, which asks for the interface itself.
func (w *recorder) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, rw, err := http.NewResponseController(w.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, fmt.Errorf("taking over the connection: %w", err)
	}
	w.status = http.StatusSwitchingProtocols
	return conn, rw, nil
}

// Unwrap is for http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
