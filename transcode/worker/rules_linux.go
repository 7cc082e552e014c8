package worker

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// unitRule is one thing that systemd's unit is to keep an instance from; nil: it was tried, and it does.
type unitRule struct {
	what string
	err  error
}

var errPossible = errors.New("it is possible")

// unitLayer says whether the rules of the unit are at work, by trying what they
// forbid: from inside, before anything of this program's own is put on. box is the
// user of whoever asks.
func unitLayer(box uint32) Layer {
	return judgeRules([]unitRule{
		{"a user of its own", ownUser(os.Geteuid(), box)},
		{"no sockets", noSocket()},
		{"no file to write", noFileToWrite("/tmp", "/var/tmp", "/dev/shm", "/run", "/")},
		{"no library, home or stick to see", nothingIn("/home", "/root", "/media", "/mnt", "/srv", "/opt", "/boot", "/var/lib/streambox")},
		{"no rights of root", noRights()},
		{"a list of system calls", filtered()},
		{"as many threads as one program needs", limited(unix.RLIMIT_NPROC, 1024)},
		{"no more addresses than one program needs", limited(unix.RLIMIT_AS, 16<<30)},
	}, groupLimits("/proc/self/cgroup", "/sys/fs/cgroup"))
}

// judgeRules puts what was found into words. It is pure.
func judgeRules(rules []unitRule, groups string) Layer {
	var kept, broken []string
	for _, r := range rules {
		if r.err == nil {
			kept = append(kept, r.what)
		} else {
			broken = append(broken, fmt.Sprintf("%s (%v)", r.what, r.err))
		}
	}
	if len(broken) > 0 {
		return Layer{"unit", Broken, "systemd's rules are not all at work: " + strings.Join(broken, "; ")}
	}
	return Layer{"unit", Active, "by systemd's rules: " + strings.Join(kept, ", ") + "; " + groups}
}

// ownUser: systemd draws one for each instance, above all that people and services have.
func ownUser(user int, box uint32) error {
	if user == 0 || user == int(box) {
		return fmt.Errorf("it is user %d", user)
	}
	return nil
}

func noSocket() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil //nolint:nilerr // as it should
	}
	return errors.Join(errPossible, unix.Close(fd))
}

func noFileToWrite(dirs ...string) error {
	var possible error
	for _, dir := range dirs {
		name := filepath.Join(dir, ".streambox-"+strconv.Itoa(os.Getpid()))
		file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			continue
		}
		possible = errors.Join(possible, fmt.Errorf("in %s %w", dir, errPossible), file.Close(), os.Remove(name))
	}
	return possible
}

func nothingIn(dirs ...string) error {
	var seen error
	for _, dir := range dirs {
		list, err := os.ReadDir(dir)
		if err == nil && len(list) > 0 {
			seen = errors.Join(seen, fmt.Errorf("%s has %d names", dir, len(list)))
		}
	}
	return seen
}

// noRights: neither any, nor a way to any.
func noRights() error {
	if set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || set != 1 {
		return errors.Join(errors.New("programs may gain some"), err)
	}
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		if has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, c, 0, 0, 0); err == nil && has == 1 {
			return fmt.Errorf("capability %d", c)
		}
	}
	return nil
}

func filtered() error {
	mode, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	if err == nil && mode != unix.SECCOMP_MODE_FILTER {
		err = errors.New("there is none")
	}
	return err
}

func limited(what int, most uint64) error {
	var now unix.Rlimit
	if err := unix.Getrlimit(what, &now); err != nil {
		return err
	}
	if what == unix.RLIMIT_AS && strconv.IntSize == 32 { // it has no more than 4 GiB of them, and its kernel takes a larger limit for none
		return nil
	}
	if now.Max > most {
		return errors.New("there is no limit")
	}
	return nil
}

// groupLimits says what the control group adds. Raspberry Pi OS has memory's switched
// off, and there the limits above have to do, so it is no fault that one is missing.
func groupLimits(own, root string) string {
	text, err := os.ReadFile(own)
	if err != nil {
		return "its control group is not told"
	}
	dir := ""
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "0::"); ok {
			dir = name
		}
	}
	var said []string
	for _, one := range []struct{ file, unit string }{{"pids.max", "threads"}, {"memory.max", "bytes of memory"}} {
		limit, err := os.ReadFile(filepath.Join(root, dir, one.file))
		switch value := strings.TrimSpace(string(limit)); {
		case errors.Is(err, fs.ErrNotExist):
			said = append(said, "this machine's groups do not count "+one.unit)
		case err != nil:
			said = append(said, "its group's "+one.unit+" are not told")
		case value == "max":
			said = append(said, "its group has no limit of "+one.unit)
		default:
			said = append(said, "its group has at most "+value+" "+one.unit)
		}
	}
	return strings.Join(said, ", ")
}

// userOf is the user at the other end of a connection; one that nobody has if the kernel does not say.
func userOf(conn *net.UnixConn) uint32 {
	user := ^uint32(0)
	raw, err := conn.SyscallConn()
	if err != nil {
		return user
	}
	_ = raw.Control(func(fd uintptr) { // an error is: the connection is closed
		if peer, err := unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED); err == nil {
			user = peer.Uid
		}
	})
	return user
}
