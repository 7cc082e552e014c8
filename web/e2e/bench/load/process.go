package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// watchMemory returns the largest sum of resident memory until ctx ends.
func watchMemory(ctx context.Context, pids []int) int64 {
	var largest int64
	for ctx.Err() == nil {
		var sum int64
		for _, pid := range pids {
			sum += rssBytes(pid)
		}
		largest = max(largest, sum)
		wait(ctx, 100*time.Millisecond)
	}
	return largest
}

// rssBytes reads VmRSS; 0 for a process that is gone.
func rssBytes(pid int) int64 {
	file, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }() // only read from
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if rest, found := strings.CutPrefix(lines.Text(), "VmRSS:"); found {
			kib, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}

// cpuSeconds sums user and system time, fields 14 and 15 of /proc/PID/stat,
// which the kernel counts in hundredths of a second on every machine of ours.
func cpuSeconds(pids []int) (float64, error) {
	const ticksPerSecond = 100
	var ticks int64
	for _, pid := range pids {
		data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			return 0, err
		}
		// The second field is the program's name in brackets, which may hold anything.
		fields := strings.Fields(string(data[strings.LastIndexByte(string(data), ')')+1:]))
		const user, system = 14 - 3, 15 - 3
		for _, i := range []int{user, system} {
			n, err := strconv.ParseInt(fields[i], 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read the CPU time of process %d: %w", pid, err)
			}
			ticks += n
		}
	}
	return float64(ticks) / ticksPerSecond, nil
}
