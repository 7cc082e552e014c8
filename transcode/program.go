package transcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"streambox.local/transcode/worker"
)

// Launcher starts ffmpeg and ffprobe: confined in one way or another, or not at
// all. worker.Plain, *worker.Child and *worker.Unit are launchers.
type Launcher interface {
	Launch(ctx context.Context, c worker.Command) (worker.Process, error)
}

// program is one run of ffmpeg or ffprobe: its output is read by us, and it is
// dead, with all that it started, when run returns.
type program struct {
	launcher   Launcher // nil: an ordinary child
	path       string
	args       []string
	files      []*os.File            // the program's descriptors 3, 4 …
	consume    func(io.Reader) error // reads standard output to its end
	progress   func(io.Reader)       // when set, one more descriptor is the program's to write progress to
	told       io.Writer             // when set, it gets standard error as it comes
	background bool                  // yields to whoever watches a film
	hardware   bool                  // uses the nodes of the video encoder
	life       *liveness             // when set, a program that stalls is killed
}

// outcome is how a run ended.
type outcome struct {
	state  *worker.Exit // nil: it did not start, or how it ended is not known
	stderr string       // its end, bounded
	ended  bool         // by us: how it died says nothing
	short  float64      // shortBy, where something is made of a film
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
	if err := parent.Err(); err != nil {
		return outcome{}, err
	}
	ctx, cancel := context.WithCancelCause(parent)
	defer cancel(nil)

	pipes, err := p.pipes()
	if err != nil {
		return outcome{}, err
	}
	defer pipes.close()
	process, err := p.launch(ctx, pipes)
	if errors.Is(err, worker.ErrUnreadable) {
		return outcome{}, refuse(err, CodeOwnerOnly, "only its owner may read this file: let everybody read it")
	}
	if err != nil {
		return outcome{}, fmt.Errorf("start %s: %w", p.path, err)
	}
	stop := context.AfterFunc(ctx, process.Kill)
	defer stop()

	output := &pipeReader{file: pipes.out, life: p.life}
	stderr := &tail{}
	var readers sync.WaitGroup
	readers.Go(func() {
		var said io.Writer = stderr
		if p.told != nil {
			said = io.MultiWriter(p.told, stderr)
		}
		_, _ = io.Copy(said, pipes.err) // an error is its end
	})
	if p.progress != nil {
		readers.Go(func() { p.progress(pipes.progress) })
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

	exit, watchErr := p.await(ctx, cancel, process)
	byUs := ctx.Err() != nil
	if errors.Is(watchErr, errAbandoned) {
		pipes.close()
	}
	output.finish()
	pipes.drain()
	consumeErr := <-consumed
	readers.Wait()

	result := outcome{stderr: stderr.String(), ended: byUs}
	if watchErr == nil {
		result.state = &exit
	}
	switch cause := context.Cause(ctx); {
	case parent.Err() != nil && (watchErr != nil || consumeErr != nil || !exit.Success()):
		return result, parent.Err()
	case errors.Is(cause, ErrStalled) && !errors.Is(watchErr, errAbandoned):
		return result, cause
	case watchErr != nil:
		return result, watchErr
	case consumeErr != nil:
		return result, consumeErr
	}
	return result, exit.Err()
}

// launch starts the program and lets go of its ends of the pipes.
func (p program) launch(ctx context.Context, pipes *programPipes) (worker.Process, error) {
	defer closeAll(pipes.childs)
	launcher := p.launcher
	if launcher == nil {
		launcher = worker.Plain{}
	}
	command := worker.Command{
		Path: p.path, Arguments: p.args, Files: p.files, Stdout: pipes.childs[0], Stderr: pipes.childs[1],
		Background: p.background, Hardware: p.hardware,
	}
	if p.progress != nil {
		command.Progress = pipes.childs[2]
	}
	return launcher.Launch(ctx, command)
}

// await returns when the process is gone, or will not be.
func (p program) await(ctx context.Context, cancel context.CancelCauseFunc, process worker.Process) (worker.Exit, error) {
	type ending struct {
		exit worker.Exit
		err  error
	}
	ended := make(chan ending, 1)
	go func() {
		exit, err := process.Wait()
		ended <- ending{exit, err}
	}()
	ticker := time.NewTicker(watchPeriod)
	defer ticker.Stop()
	for {
		select {
		case end := <-ended:
			return end.exit, end.err
		case <-ctx.Done():
			timer := time.NewTimer(killWait)
			defer timer.Stop()
			select {
			case end := <-ended:
				return end.exit, end.err
			case <-timer.C:
				return worker.Exit{}, errAbandoned
			}
		case <-ticker.C:
			if p.life != nil && p.life.stalled(process.CPU()) {
				cancel(ErrStalled)
			}
		}
	}
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
