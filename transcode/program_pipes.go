package transcode

import (
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// programPipes are what a program writes to: our ends and its own.
type programPipes struct {
	out, err, progress *os.File
	childs             []*os.File // in this order
}

func (p program) pipes() (*programPipes, error) {
	pipes := &programPipes{}
	ends := []**os.File{&pipes.out, &pipes.err}
	if p.progress != nil {
		ends = append(ends, &pipes.progress)
	}
	for _, end := range ends {
		ours, childs, err := os.Pipe()
		if err != nil {
			pipes.close()
			return nil, fmt.Errorf("make a pipe: %w", err)
		}
		*end = ours
		pipes.childs = append(pipes.childs, childs)
	}
	enlarge(pipes.out, pipeBytes)
	return pipes, nil
}

// drain gives an orphan that holds stderr or progress a little time.
func (p *programPipes) drain() {
	for _, f := range []*os.File{p.err, p.progress} {
		if f != nil {
			_ = f.SetReadDeadline(time.Now().Add(drainWait)) // pipes have deadlines
		}
	}
}

func (p *programPipes) close() {
	closeAll(p.childs, []*os.File{p.out, p.err, p.progress})
}

func closeAll(lists ...[]*os.File) {
	for _, list := range lists {
		for _, f := range list {
			_ = f.Close() // pipes; closing twice, or none, is harmless
		}
	}
}

// pipeReader reads the program's output. Reading is a sign of life; the time
// between two reads is ours and no stall. Once the program is gone, an orphan
// that still holds the pipe may keep us for drainWait.
type pipeReader struct {
	file *os.File
	life *liveness

	mutex sync.Mutex
	gone  bool
	end   bool // seen
}

func (r *pipeReader) Read(p []byte) (int, error) {
	r.mutex.Lock()
	if r.gone {
		_ = r.file.SetReadDeadline(time.Now().Add(drainWait)) // pipes have deadlines
	}
	r.mutex.Unlock()
	r.life.reading()
	n, err := r.file.Read(p)
	r.life.working(n)
	if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, os.ErrClosed) {
		err = io.EOF
	}
	if errors.Is(err, io.EOF) {
		r.mutex.Lock()
		r.end = true
		r.mutex.Unlock()
	}
	return n, err
}

func (r *pipeReader) atEnd() bool {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.end
}

func (r *pipeReader) finish() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.gone = true
	_ = r.file.SetReadDeadline(time.Now().Add(drainWait)) // wakes a Read that waits for an orphan
}
