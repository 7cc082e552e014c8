package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Command is one run of ffmpeg or ffprobe. Everything the program may touch is
// an open descriptor of ours; the command names nothing that a stick holds.
type Command struct {
	Path      string // of the program, as exec.LookPath gives it
	Arguments []string
	Files     []*os.File // films, opened for reading: the program's descriptors 3, 4 …
	Progress  *os.File   // nil, or the end of a pipe: the descriptor after the films
	Stdout    *os.File   // the writing end of a pipe
	Stderr    *os.File   // the same

	Background bool // gives way to whoever watches a film
	Hardware   bool // needs the nodes of the video encoder
}

// Launcher starts programs.
type Launcher interface {
	// Launch starts the program. ctx is for the start alone.
	Launch(ctx context.Context, c Command) (Process, error)
}

// SocketPath is where the unit's socket is.
const SocketPath = "/run/streambox/worker.sock"

// Process is a program that runs. Its methods may be called by any goroutine.
type Process interface {
	// Wait returns when the program and all that it started are gone. It is
	// called once. The error is for a program whose end could not be learned.
	Wait() (Exit, error)
	// Kill ends all of it at once. Killing what is gone does nothing.
	Kill()
	// CPU is the processor time used so far; 0 where that is not known.
	CPU() time.Duration
}

// Exit is how a program ended, and what it took.
type Exit struct {
	Code         int            // its exit status; -1 when a signal ended it
	Signal       syscall.Signal // 0: none
	User, System time.Duration
	MaxRSSBytes  int64
}

// Success tells whether the program was content with itself.
func (e Exit) Success() bool { return e.Code == 0 && e.Signal == 0 }

// Err is nil for a success, else an *ExitError.
func (e Exit) Err() error {
	if e.Success() {
		return nil
	}
	return &ExitError{Exit: e}
}

// ExitError is the error of a program that did not end well.
type ExitError struct{ Exit }

func (e *ExitError) Error() string {
	if e.Signal != 0 {
		return "signal: " + e.Signal.String()
	}
	return fmt.Sprintf("exit status %d", e.Code)
}

var (
	// ErrNotStarted is a program that never ran: what is wrong is this machine.
	ErrNotStarted = errors.New("the program could not be started")
	// ErrVanished is a worker that went away without a word of its program's end.
	ErrVanished = errors.New("the worker went away")
	// ErrNoDevices is a program that needs the video encoder where only the list of
	// system calls would stand between a device and every other file of our user's.
	ErrNoDevices = errors.New("without Landlock or the worker's unit a film's reader gets no devices")
	// ErrUnreadable is a film that our user may read and the worker's may not.
	ErrUnreadable = errors.New("the worker may not read the film")
)

// environment is all that a program gets: with FFREPORT, for instance, ffmpeg
// would write files, and with proxy variables it would ask hosts. C makes its
// messages the ones that are looked for.
func environment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "AV_LOG_FORCE_NOCOLOR=1"}
}
