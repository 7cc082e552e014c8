package worker

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"time"
)

// Plain starts programs as ordinary children: a group of their own, a bare
// environment, the descriptors of the command and no others. It confines
// nothing; tests use it, and [Child] builds on it.
type Plain struct {
	Environment []string // beside the bare one; a test's simulator is preloaded by it
}

// Launch starts the program.
func (p Plain) Launch(_ context.Context, c Command) (Process, error) {
	return launch(exec.Command(c.Path, c.Arguments...), c, append(environment(), p.Environment...)) //nolint:noctx // killed by Process.Kill, as a group
}

func launch(command *exec.Cmd, c Command, environment []string) (Process, error) {
	command.Stdout, command.Stderr = c.Stdout, c.Stderr
	command.ExtraFiles = slices.Clone(c.Files)
	if c.Progress != nil {
		command.ExtraFiles = append(command.ExtraFiles, c.Progress)
	}
	command.Env = environment
	command.SysProcAttr = ownGroup()

	started := make(chan error, 1)
	child := &child{command: command, ended: make(chan ending, 1)}
	go func() { // returns when the process is reaped
		// The parent-death signal is tied to the thread that started the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := command.Start()
		started <- err
		if err == nil {
			child.reap()
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrNotStarted, c.Path, err)
	}
	if c.Background {
		yieldToOthers(command.Process.Pid)
	}
	return child, nil
}

// child is a process group below us.
type child struct {
	command *exec.Cmd
	ended   chan ending

	mutex sync.Mutex
	gone  bool // its number may be another's
}

type ending struct {
	exit Exit
	err  error
}

// reap waits for the program and kills what it leaves behind in its group.
func (c *child) reap() {
	unreaped := awaitExit(c.command.Process.Pid)
	if unreaped { // its children, if any; the group's number is still ours
		c.Kill()
		c.mutex.Lock()
		c.gone = true
		c.mutex.Unlock()
	}
	err := c.command.Wait()
	if !unreaped {
		c.Kill()
	}
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		err = nil
	}
	end := ending{err: err}
	if err == nil {
		end.exit = exitOf(c.command.ProcessState)
	}
	c.ended <- end
}

func (c *child) Wait() (Exit, error) {
	end := <-c.ended
	return end.exit, end.err
}

func (c *child) Kill() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !c.gone {
		_ = killGroup(c.command.Process.Pid) // an error is: it is gone
	}
}

func (c *child) CPU() time.Duration { return cpuTime(c.command.Process.Pid) }

func exitOf(state *os.ProcessState) Exit {
	exit := Exit{Code: state.ExitCode(), User: state.UserTime(), System: state.SystemTime()}
	exit.Signal, exit.MaxRSSBytes = deathOf(state)
	return exit
}
