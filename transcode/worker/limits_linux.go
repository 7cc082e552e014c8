package worker

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Sizes of the limits. Private memory is what decodes: 4K HEVC of 10 bit to
// H.264 takes 1.3 GB. The address space is larger, since the C library reserves
// 64 MiB for the memory of each thread and uses little of it.
const (
	mostMemory       = 4 << 30
	leastMemory      = 1 << 30
	spareAddresses   = 3 << 30
	addressesPerCore = 256 << 20
	descriptors      = 256
	spareThreads     = 512
	firstToDie       = "500" // of 1000, for the out-of-memory killer
)

type limit struct {
	what     int
	resource string
	bytes    uint64
}

// limits are those of one program on a machine of so much memory and so many
// cores, whose user has so many threads already (0: they are not counted). No
// limit of processor time: a film may take a day.
func limits(memoryBytes uint64, cores int, threads uint64) []limit {
	data := min(mostMemory, max(leastMemory, memoryBytes/4*3))
	list := []limit{
		{unix.RLIMIT_FSIZE, "file size", 0}, // pipes have none
		{unix.RLIMIT_CORE, "core", 0},
		{unix.RLIMIT_NOFILE, "descriptors", descriptors},
		{unix.RLIMIT_DATA, "memory", data},
		{unix.RLIMIT_AS, "addresses", data + spareAddresses + addressesPerCore*uint64(max(1, cores))},
	}
	if threads > 0 {
		list = append(list, limit{unix.RLIMIT_NPROC, "threads", threads + spareThreads})
	}
	return list
}

// setLimits sets them for this process; none is ever raised.
func setLimits() error {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return fmt.Errorf("ask for the size of memory: %w", err)
	}
	threads := uint64(0)
	if os.Geteuid() != 0 { // root's are not limited
		threads = threadsOf(uint32(os.Geteuid())) //nolint:gosec // a user
	}
	var failed error
	for _, l := range limits(uint64(info.Totalram)*uint64(info.Unit), runtime.NumCPU(), threads) { //nolint:unconvert // 32 bits wide on some machines
		var now unix.Rlimit
		if err := unix.Getrlimit(l.what, &now); err != nil {
			failed = errors.Join(failed, fmt.Errorf("limit %s: %w", l.resource, err))
			continue
		}
		most := min(l.bytes, now.Max)
		if err := unix.Setrlimit(l.what, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			failed = errors.Join(failed, fmt.Errorf("limit %s: %w", l.resource, err))
		}
	}
	return failed
}

// threadsOf counts the threads of a user, as RLIMIT_NPROC does. What ends
// meanwhile, or cannot be seen, is not counted.
func threadsOf(user uint32) uint64 {
	proc, err := os.Open("/proc")
	if err != nil {
		return 0
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1) // what was read counts
	var count uint64
	for _, name := range names {
		if name[0] < '0' || name[0] > '9' {
			continue
		}
		var stat unix.Stat_t
		if unix.Stat("/proc/"+name, &stat) != nil || stat.Uid != user {
			continue
		}
		text, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue
		}
		// The name of the program, in brackets, may contain anything; num_threads is the 18th field after it.
		if fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:])); len(fields) > 17 {
			n, _ := strconv.ParseUint(fields[17], 10, 32) // 0 when it is no number
			count += n
		}
	}
	return count
}

// dropRights takes what a film's reader does not need: from root all capabilities
// but the one that reads files of others, from everybody else all. A service may
// have been given some, which it would hand down: ambient ones outlive exec.
func dropRights() error {
	if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) { // EINVAL: older than these
		return fmt.Errorf("drop the ambient capabilities: %w", err)
	}
	var kept uint32
	if os.Geteuid() == 0 {
		kept = 1 << unix.CAP_DAC_READ_SEARCH
		if err := boundCapabilities(); err != nil {
			return err
		}
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var have [2]unix.CapUserData
	if err := unix.Capget(&header, &have[0]); err != nil {
		return fmt.Errorf("ask for the capabilities: %w", err)
	}
	kept &= have[0].Permitted
	want := [2]unix.CapUserData{{Effective: kept, Permitted: kept}, {}}
	if have == want { // in the unit, whose filter would refuse to set them
		return nil
	}
	err := unix.Capset(&header, &want[0])
	if errors.Is(err, unix.EPERM) && os.Geteuid() != 0 {
		// The service's own filter knows no capset. Without ambient ones, a program that is no root's gets none when it is started.
		return nil
	}
	if err != nil {
		return fmt.Errorf("drop the capabilities: %w", err)
	}
	return nil
}

// boundCapabilities keeps root from getting others back by starting a program.
func boundCapabilities() error {
	for c := uintptr(0); c <= unix.CAP_LAST_CAP; c++ {
		if c != unix.CAP_DAC_READ_SEARCH {
			// EINVAL: a capability that this kernel does not have. EPERM: in a container that has none to give.
			if err := unix.Prctl(unix.PR_CAPBSET_DROP, c, 0, 0, 0); err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.EPERM) {
				return fmt.Errorf("drop a capability: %w", err)
			}
		}
	}
	return nil
}
