package worker

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// stageFailed is the exit status of a stage whose program could not be started.
// ffmpeg and ffprobe have no such status.
const stageFailed = 125

// The words after "streambox helper worker" that make it a stage. Without one
// it is an instance of the unit.
const (
	stageRun    = "run"    // confine yourself, then become the program
	stageLayers = "layers" // confine yourself, and say how that went
)

// Asked tells whether this program was started as a worker. It is to be asked
// before anything else is done, so that a stage costs no more than it must.
func Asked(args []string) bool { return len(args) > 2 && args[1] == "helper" && args[2] == "worker" }

// Main is the program that was started as a worker; args are os.Args. It
// returns the exit status.
func Main(args []string) int {
	var err error
	switch word := append(args[3:], "")[0]; word {
	case "":
		err = serveInstance(os.Stdin)
	case stageRun:
		err = becomeProgram(args[4:])
	case stageLayers:
		err = json.NewEncoder(os.Stdout).Encode(confineAndTell())
	default:
		err = fmt.Errorf("there is no stage %q of a worker", word)
	}
	if err != nil {
		_, _ = fmt.Fprintf(os.Stderr, "streambox: %v\n", err)
		return stageFailed
	}
	return 0
}

// stage is how a child confines itself.
type stage struct {
	films     int  // open from descriptor 3 on
	hardware  bool // the program opens devices for writing
	contained bool // around it are the unit's rules
	bare      bool // a test's: Landlock is left out
}

// arguments are those by which this program is started as the stage.
func (s stage) arguments() []string {
	list := []string{"helper", "worker", stageRun, "-films", strconv.Itoa(s.films)}
	for name, set := range map[string]bool{"-hardware": s.hardware, "-contained": s.contained, "-bare": s.bare} {
		if set {
			list = append(list, name)
		}
	}
	return list
}

// mayOpenDevices: what opens a device for writing could open any file of our
// user's so, and map it, shorten it or, of a process, write its memory, all of
// which RLIMIT_FSIZE does not stop. The list of calls knows no names: that takes
// Landlock, or a user who owns nothing.
func (s stage) mayOpenDevices() bool {
	return !s.hardware || s.contained || !s.bare && landlockABI() > 0
}

// becomeProgram returns only if it fails.
func becomeProgram(args []string) error {
	flags := flag.NewFlagSet(stageRun, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var s stage
	flags.IntVar(&s.films, "films", 0, "how many films are open, from descriptor 3 on")
	flags.BoolVar(&s.hardware, "hardware", false, "the program uses the video encoder")
	flags.BoolVar(&s.contained, "contained", false, "the program runs in the worker's unit")
	flags.BoolVar(&s.bare, "bare", false, "for tests: as on a kernel without Landlock")
	if err := flags.Parse(args); err != nil {
		return fmt.Errorf("start a program: %w", err)
	}
	if flags.NArg() == 0 {
		return errors.New("start a program: which one is not said")
	}
	if !s.mayOpenDevices() {
		return fmt.Errorf("start %s: %w", flags.Arg(0), ErrNoDevices)
	}
	filters := hasFilters() // the filter may refuse to be asked
	if err := confine(flags.Arg(0), s).err(filters); err != nil {
		return fmt.Errorf("confine %s: %w", flags.Arg(0), err)
	}
	err := syscall.Exec(flags.Arg(0), flags.Args(), os.Environ())
	return fmt.Errorf("start %s: %w", flags.Arg(0), err)
}

// confinement is what came of each layer; nil: it is at work.
type confinement struct{ rights, files, limits, calls error }

// err is why nothing is started: a layer that the kernel has and that is not at
// work. Without Landlock there is no error.
func (c confinement) err(filters bool) error {
	calls := c.calls
	if noFilters(calls, filters) {
		calls = nil
	}
	return errors.Join(c.rights, c.files, c.limits, calls)
}

// noFilters tells a machine without filters from one whose filter fails, which says
// EINVAL, too: for one that is wrong.
func noFilters(err error, filters bool) bool {
	return errors.Is(err, errNoFilter) || !filters && (errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EINVAL))
}

// hasFilters asks the kernel, and in the unit, which hides the place, whether one
// is at work already.
func hasFilters() bool {
	_, err := os.Stat("/proc/sys/kernel/seccomp/actions_avail")
	mode, modeErr := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	return err == nil || modeErr == nil && mode == unix.SECCOMP_MODE_FILTER
}

// confine puts on what this machine has; no layer needs another. It ties the calling goroutine to its thread,
// which is the one that must become the program: a filter belongs to a thread.
func confine(program string, s stage) confinement {
	runtime.LockOSThread()
	var c confinement
	filter, err := callFilter(uint32(os.Getpid()), s.hardware) //nolint:gosec // a number of a process
	c.calls = err
	// Whatever happens to memory, the program goes before the box.
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte(firstToDie), 0) // a favour
	c.rights = errors.Join(dropRights(), unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
	if !s.bare {
		c.files = restrictFiles(program, s.films, s.hardware)
	}
	c.limits = setLimits()
	if c.calls == nil { // the last: it refuses what the others need
		c.calls = filter.install()
	}
	return c
}

// confineAndTell puts the layers on and tries them.
func confineAndTell() []Layer {
	abi, filters := landlockABI(), hasFilters()
	c := confine("/proc/self/exe", stage{})
	layers := []Layer{
		{"seccomp", Active, "system calls are limited to those of reading and computing"},
		{"landlock", Active, "files are limited to the film and the system's libraries (version " + strconv.Itoa(abi) + ")"},
		{"limits", Active, "memory, threads and descriptors are limited; files cannot grow"},
	}
	spoil := func(i int, err error, tried bool) {
		switch {
		case err != nil && noFilters(err, filters):
			layers[i].State, layers[i].Detail = Absent, "this machine has none: "+err.Error()
		case err != nil:
			layers[i].State, layers[i].Detail = Broken, err.Error()
		case !tried:
			layers[i].State, layers[i].Detail = Broken, "it was put on, and refuses nothing"
		}
	}
	spoil(0, c.calls, errors.Is(try(func() (int, error) { return unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM, 0) }), unix.EPERM))
	if abi == 0 {
		layers[1].State, layers[1].Detail = Absent, "the kernel of this machine has none"
	} else {
		spoil(1, c.files, errors.Is(try(func() (int, error) { return unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY, 0) }), unix.EACCES))
	}
	var core unix.Rlimit
	spoil(2, errors.Join(c.limits, c.rights), unix.Getrlimit(unix.RLIMIT_CORE, &core) == nil && core.Max == 0)
	return layers
}

func try(attempt func() (int, error)) error {
	fd, err := attempt()
	if err == nil {
		_ = unix.Close(fd)
	}
	return err
}
