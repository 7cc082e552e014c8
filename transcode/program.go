package transcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// program is one run of ffmpeg or ffprobe: a process group of its own whose
// output is read by us and which is dead, whole, when run returns.
type program struct {
	path       string
	args       []string
	files      []*os.File            // the child's descriptors 3, 4 …
	consume    func(io.Reader) error // reads standard output to its end
	progress   func(io.Reader)       // when set, one more descriptor is the child's to write progress to
	background bool                  // yields to whoever watches a film
	life       *liveness             // when set, a program that stalls is killed
}

// outcome is how a run ended.
type outcome struct {
	state  *os.ProcessState // nil: it did not start
	stderr string           // its end, bounded
	ended  bool             // by us: how it died says nothing
}

// errAbandoned is a process that not even SIGKILL ends: it waits inside the
// kernel, for a device that does not answer.
var errAbandoned = errors.New("the program does not end: a device does not answer")

const (
	killWait    = 10 * time.Second // until a killed process is given up
	drainWait   = 2 * time.Second  // until an orphan that holds the pipe is given up
	watchPeriod = 250 * time.Millisecond
	pipeBytes   = 1 << 20
)

// run starts the program and returns when it and all its children are gone.
// The error is, in this order: the context's, a stall, consume's, the exit's.
func (p program) run(parent context.Context) (outcome, error) {
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)

	out, outChild, err := os.Pipe()
	if err != nil {
		return outcome{}, fmt.Errorf("make a pipe: %w", err)
	}
	enlarge(out, pipeBytes)
	output := &pipeReader{file: out, life: p.life}
	stderr := &tail{}
	ours, childs := []*os.File{out}, []*os.File{outChild}
	command := exec.CommandContext(ctx, p.path, p.args...)
	command.Stdout, command.Stderr, command.ExtraFiles = outChild, stderr, p.files
	command.Env = environment()
	command.SysProcAttr = ownGroup()
	command.WaitDelay = drainWait
	command.Cancel = func() error { return killGroup(command.Process.Pid) }

	var readers sync.WaitGroup
	if p.progress != nil {
		in, inChild, err := os.Pipe()
		if err != nil {
			closeAll(ours, childs)
			return outcome{}, fmt.Errorf("make a pipe: %w", err)
		}
		ours, childs = append(ours, in), append(childs, inChild)
		command.ExtraFiles = append(append([]*os.File(nil), p.files...), inChild)
	}
	defer closeAll(ours)

	ended := make(chan error, 1)
	started := make(chan error, 1)
	go func() { // returns when the process is reaped
		// The parent-death signal is tied to the thread that started the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		closeAll(childs)
		started <- err
		if err != nil {
			return
		}
		unreaped := awaitExit(command.Process.Pid)
		if unreaped { // its children, if any; the group's number is still ours
			_ = killGroup(command.Process.Pid)
		}
		err = command.Wait()
		if !unreaped {
			_ = killGroup(command.Process.Pid)
		}
		ended <- err
	}()
	if err := <-started; err != nil {
		return outcome{}, fmt.Errorf("start %s: %w", p.path, err)
	}
	if p.background {
		yieldToOthers(command.Process.Pid)
	}

	consumed := make(chan error, 1)
	go func() {
		err := p.consume(output)
		if err != nil && !output.atEnd() {
			cancel(err) // nobody reads any more: the program must not wait for us
		}
		p.life.reading() // if it does not end now, that is a stall
		consumed <- err
	}()
	if p.progress != nil {
		readers.Go(func() { p.progress(ours[1]) })
	}

	exit, watchErr := p.await(ctx, cancel, command.Process.Pid, ended)
	byUs := ctx.Err() != nil
	if errors.Is(watchErr, errAbandoned) {
		closeAll(ours)
	}
	output.finish()
	consumeErr := <-consumed
	closeAll(ours[1:]) // progress of an orphan
	readers.Wait()

	result := outcome{stderr: stderr.String(), ended: byUs}
	if watchErr == nil {
		result.state = command.ProcessState
	}
	switch cause := context.Cause(ctx); {
	case parent.Err() != nil && (exit != nil || consumeErr != nil || watchErr != nil):
		return result, parent.Err()
	case watchErr != nil:
		return result, watchErr
	case errors.Is(cause, ErrStalled):
		return result, cause
	case consumeErr != nil:
		return result, consumeErr
	case errors.Is(exit, exec.ErrWaitDelay): // an orphan held stderr open; the program itself ended well
		return result, nil
	}
	return result, exit
}

// await returns when the process is reaped, or will not be.
func (p program) await(ctx context.Context, cancel context.CancelCauseFunc, pid int, ended <-chan error) (exit, abandoned error) {
	ticker := time.NewTicker(watchPeriod)
	defer ticker.Stop()
	for {
		select {
		case exit := <-ended:
			return exit, nil
		case <-ctx.Done():
			timer := time.NewTimer(killWait)
			defer timer.Stop()
			select {
			case exit := <-ended:
				return exit, nil
			case <-timer.C:
				return nil, errAbandoned
			}
		case <-ticker.C:
			if p.life != nil && p.life.stalled(cpuTime(pid)) {
				cancel(ErrStalled)
			}
		}
	}
}

// environment is all that a program gets: with FFREPORT, for instance, ffmpeg
// would write files, and with proxy variables it would ask hosts. C makes its
// messages the ones that are looked for.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1"}
}

func closeAll(lists ...[]*os.File) {
	for _, list := range lists {
		for _, f := range list {
			_ = f.Close() // pipes; closing twice is harmless
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

// tail keeps the first lines of stderr, which tend to name the cause, and the
// last ones, however much there is.
type tail struct {
	mutex sync.Mutex
	head  []byte
	end   []byte
	lost  bool
}

const headBytes, tailBytes = 4 << 10, 12 << 10

func (t *tail) Write(p []byte) (int, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	n := len(p)
	k := min(len(p), headBytes-len(t.head))
	t.head, p = append(t.head, p[:k]...), p[k:]
	t.end = append(t.end, p...)
	if over := len(t.end) - tailBytes; over > 0 {
		t.end, t.lost = append(t.end[:0], t.end[over:]...), true
	}
	return n, nil
}

func (t *tail) String() string {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	between := ""
	if t.lost {
		between = "\n…\n"
	}
	return string(bytes.ToValidUTF8(bytes.TrimSpace([]byte(string(t.head)+between+string(t.end))), []byte("?")))
}

var errTooMuch = errors.New("the program prints more than it should")

// readBounded reads all of r, but not without end.
func readBounded(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, errTooMuch
	}
	return data, nil
}
