package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	startLimit = 30 * time.Second // systemd starts an instance; a busy Pi takes a second
	goneLimit  = 10 * time.Second // from a program's end to that of its instance
)

// Unit starts each program in an instance of streambox-worker@.service, through
// its socket.
type Unit struct {
	Socket    string
	Otherwise Launcher // for what the unit cannot do: it is gone, it is of another version, it may not read a film
	Log       *slog.Logger
	// Broken is told when instances do not start although the socket is there, and
	// nil when they do again; it may be nil itself.
	Broken func(error)

	bare bool // a test's: as on a kernel without Landlock

	mutex sync.Mutex
	away  bool          // as far as was logged
	fails bool          // as far as Broken was told
	spare *net.UnixConn // to an instance that waits for its film, so that the next need not wait for systemd
}

var errVersion = errors.New("the worker's unit is of another version of StreamBox")

// Launch starts the program.
func (u *Unit) Launch(ctx context.Context, c Command) (Process, error) {
	process, err := u.start(ctx, c)
	switch {
	case err == nil:
		u.reached(nil)
		u.starts(nil)
		return process, nil
	case errors.Is(err, syscall.ENOENT), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, fs.ErrPermission), errors.Is(err, errVersion):
		u.reached(err)
		return u.Otherwise.Launch(ctx, c)
	case errors.Is(err, errStale): // a new instance, too: a rule of the unit that this machine cannot keep, or too many of them
		u.starts(err)
		if u.guarded() {
			return u.Otherwise.Launch(ctx, c)
		}
	case errors.Is(err, ErrUnreadable) && u.guarded(): // a child of the service has no encoder; who starts one with it knows
		u.Log.Warn("A film is closed to the worker's user and read by a confined child", "error", err)
		return u.Otherwise.Launch(ctx, c)
	case errors.Is(err, ErrUnreadable):
		u.Log.Warn("A film is closed to the worker's user and not read: this kernel has no Landlock to confine another", "error", err)
	}
	return nil, err
}

// guarded tells whether a child may do what the unit should. It has the service's
// user, so only Landlock keeps it from all that this user may read: whoever made
// the stick must not be able to choose less, by a file's owner and mode.
func (u *Unit) guarded() bool { return !u.bare && landlockABI() > 0 }

// reached logs that the unit is away, and that it is back, once each.
func (u *Unit) reached(err error) {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	if away := err != nil; away != u.away {
		u.away = away
		if away {
			u.Log.Warn("Films are read by confined children: the worker's unit cannot be used", "error", err)
		} else {
			u.Log.Info("Films are read by the worker's unit")
		}
	}
}

// starts tells that instances do not start, and that they do again, once each.
func (u *Unit) starts(err error) {
	u.mutex.Lock()
	changed := u.fails != (err != nil)
	u.fails = err != nil
	u.mutex.Unlock()
	if !changed {
		return
	}
	if err != nil {
		u.Log.Error("The worker's unit does not start: journalctl -u 'streambox-worker@*' says why", "childrenInstead", u.guarded(), "error", err)
	}
	if u.Broken != nil {
		u.Broken(err)
	}
}

func (u *Unit) start(ctx context.Context, c Command) (*remote, error) {
	asked := request{
		Version: Version, Want: wantRun, Program: filepath.Base(c.Path), Arguments: c.Arguments,
		Films: len(c.Files), Progress: c.Progress != nil, Background: c.Background, Hardware: c.Hardware,
	}
	files := append([]*os.File{c.Stdout, c.Stderr}, c.Files...)
	if c.Progress != nil {
		files = append(files, c.Progress)
	}
	if err := asked.check(len(files)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	r, err := u.begin(ctx, u.exchange(nil), asked, files)
	if errors.Is(err, errStale) {
		var conn *net.UnixConn
		if conn, err = dial(ctx, u.Socket); err == nil {
			r, err = u.begin(ctx, conn, asked, files)
		}
	}
	if err != nil {
		return nil, err
	}
	if next, dialErr := dial(ctx, u.Socket); dialErr == nil { // returns at once; what it starts waits requestLimit
		u.exchange(next)
	}
	go r.listen()
	return r, nil
}

// errStale is an instance that has waited too long, or none.
var errStale = errors.New("the worker waits no more")

// begin asks an instance; errStale: another one may do it.
func (u *Unit) begin(ctx context.Context, conn *net.UnixConn, asked request, files []*os.File) (*remote, error) {
	if conn == nil {
		return nil, errStale
	}
	r := &remote{conn: conn, ended: make(chan ending, 1)}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // an instance may take startLimit
	err := r.begin(asked, files)
	if !stop() {
		_ = conn.Close() // as it does now
		return nil, fmt.Errorf("%w: %w", ErrNotStarted, context.Cause(ctx))
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return r, nil
}

// exchange puts a connection aside for the next program and returns the one that
// was there. nil puts none.
func (u *Unit) exchange(next *net.UnixConn) *net.UnixConn {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	was := u.spare
	u.spare = next
	if next == nil || was == nil {
		return was
	}
	_ = was.Close() // two programs were started side by side
	return nil
}

// remote is a program in an instance.
type remote struct {
	conn  *net.UnixConn
	cpu   atomic.Int64 // nanoseconds
	ended chan ending
}

// begin returns when the program runs.
func (r *remote) begin(asked request, files []*os.File) error {
	if err := send(r.conn, asked, files); err != nil {
		if hungUp(err) {
			err = fmt.Errorf("%w: %w", errStale, err)
		}
		return fmt.Errorf("%w: %w", ErrNotStarted, err)
	}
	said, err := r.hear(startLimit)
	switch {
	case hungUp(err):
		return fmt.Errorf("%w: %w", ErrNotStarted, errStale)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrNotStarted, err)
	case said.Is == isStarted:
		return nil
	case said.Is == isRefused && said.Why == whyVersion:
		return errVersion
	case said.Is == isRefused && said.Why == whyUnreadable:
		return fmt.Errorf("%w: %s", ErrUnreadable, said.Detail)
	}
	return fmt.Errorf("%w: the worker says %s %s", ErrNotStarted, said.Is, said.Detail)
}

func (r *remote) hear(limit time.Duration) (answer, error) {
	data, files, err := receive(r.conn, limit)
	if err != nil {
		return answer{}, err
	}
	closeFiles(files) // none are awaited
	if versionOf(data) != Version {
		return answer{}, errVersion
	}
	var said answer
	err = decode(data, &said)
	return said, err
}

// listen ends with the connection. The program and its group are gone before
// their end is told; the instance goes after it has hung up.
func (r *remote) listen() {
	end := ending{err: ErrVanished}
	limit := time.Duration(0)
	for {
		said, err := r.hear(limit)
		if err != nil {
			if end.err != nil && !errors.Is(err, io.EOF) {
				end.err = fmt.Errorf("%w: %w", ErrVanished, err)
			}
			break
		}
		switch said.Is {
		case isRunning:
			r.cpu.Store(int64(time.Duration(said.CPUMilliseconds) * time.Millisecond))
		case isEnded:
			if said.Exit != nil {
				end = ending{exit: said.Exit.exit()}
			}
			limit = goneLimit
		case isRefused:
			end.err = fmt.Errorf("%w: %s", ErrNotStarted, said.Detail)
		}
	}
	_ = r.conn.Close() // nothing was left to be sent
	r.ended <- end
}

func (e exited) exit() Exit {
	return Exit{
		Code: e.Code, Signal: syscall.Signal(e.Signal), MaxRSSBytes: e.MaxRSSBytes,
		User: time.Duration(e.UserMicroseconds) * time.Microsecond, System: time.Duration(e.SystemMicroseconds) * time.Microsecond,
	}
}

func (r *remote) Wait() (Exit, error) {
	end := <-r.ended
	return end.exit, end.err
}

// Kill hangs up: the instance kills its program, tells its end, and ends.
func (r *remote) Kill() { _ = r.conn.CloseWrite() } // an error is: it is gone

func (r *remote) CPU() time.Duration { return time.Duration(r.cpu.Load()) }
