package report

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// PortHolder tells whether a TCP port of this machine is listened at and by
// which program, "nginx (process 812)", or, where this user may not see that, by
// which service, "nginx.service"; "" where neither can be told.
func PortHolder(port int) (holder string, taken bool) {
	inodes := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		for lines := bufio.NewScanner(file); lines.Scan(); {
			if inode, ok := listening(lines.Text(), port); ok {
				inodes["socket:["+inode+"]"] = true
			}
		}
		_ = file.Close()
	}
	if len(inodes) == 0 {
		return "", false
	}
	if holder = ownerOf(inodes); holder == "" {
		holder = serviceAt(port)
	}
	return holder, true
}

// listening reads a line of /proc/net/tcp: "0: 00000000:0BBB 00000000:0000 0A … uid timeout inode".
func listening(line string, port int) (inode string, ok bool) {
	f := strings.Fields(line)
	if len(f) < 10 || f[3] != "0A" { // 0A: TCP_LISTEN
		return "", false
	}
	_, hex, found := strings.Cut(f[1], ":")
	n, err := strconv.ParseUint(hex, 16, 16)
	return f[9], found && err == nil && int(n) == port
}

// ownerOf finds the process that has one of the sockets open; "" where it is
// another user's.
func ownerOf(sockets map[string]bool) string {
	fds, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		return ""
	}
	for _, fd := range fds {
		target, err := os.Readlink(fd)
		if err != nil || !sockets[target] {
			continue
		}
		pid := strings.Split(fd, "/")[2]
		name, err := os.ReadFile("/proc/" + pid + "/comm")
		if err != nil {
			return "process " + pid
		}
		return strings.TrimSpace(string(name)) + " (process " + pid + ")"
	}
	return ""
}
