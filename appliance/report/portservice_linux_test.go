package report

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// The kernel's own answer for a socket of this process leads to this process's control group.
func TestTheKernelTellsTheControlGroupOfASocket(t *testing.T) {
	text, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skip("not run here: there are no control groups (needs Linux)")
	}
	var own string
	for line := range strings.Lines(string(text)) {
		if path, found := strings.CutPrefix(line, "0::"); found {
			own = strings.TrimSpace(path)
		}
	}
	root := "/sys/fs/cgroup"
	if _, err = os.Stat(filepath.Join(root, "unified")); err == nil {
		root = filepath.Join(root, "unified")
	}
	var want unix.Stat_t
	if own == "" || unix.Stat(filepath.Join(root, own), &want) != nil {
		t.Skip("not run here: control groups of version 2 cannot be seen (needs /sys/fs/cgroup)")
	}
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	port := listener.Addr().(*net.TCPAddr).Port
	connection, err := netlink.Dial(unix.NETLINK_SOCK_DIAG, nil)
	if err != nil {
		t.Skipf("not run here: no sock_diag: %v (needs the kernel's INET_DIAG)", err)
	}
	defer connection.Close()
	answers, err := listeners(connection, unix.AF_INET)
	if err != nil {
		t.Skipf("not run here: no inet_diag: %v (needs the kernel's INET_DIAG)", err)
	}
	for _, a := range answers {
		if id, ok := cgroupOf(a.Data, port); ok {
			if id != want.Ino {
				t.Errorf("control group %d, want %d (%s)", id, want.Ino, own)
			}
			if got := cgroupPath(root, id); got != filepath.Clean(filepath.Join(root, own)) {
				t.Errorf("found it at %s, want %s", got, own)
			}
			return
		}
	}
	t.Errorf("none of %d sockets is at port %d", len(answers), port)
}

func TestServiceOf(t *testing.T) {
	for path, want := range map[string]string{
		"/sys/fs/cgroup/system.slice/nginx.service":                     "nginx.service",
		"/sys/fs/cgroup/system.slice/system-a.slice/a@1.service/worker": "a@1.service",
		"/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope":     "",
		"/sys/fs/cgroup/user.slice/user@1000.service/app.slice/x.scope": "",
		"/sys/fs/cgroup": "",
		"":               "",
	} {
		if got := serviceOf(path); got != want {
			t.Errorf("serviceOf(%q) = %q, want %q", path, got, want)
		}
	}
}

func TestAnswersThatAreCutShort(t *testing.T) {
	for n := range diagAnswer + 8 {
		answer := make([]byte, n)
		for i := range answer {
			answer[i] = 0xff
		}
		if _, ok := cgroupOf(answer, 0xffff); ok {
			t.Errorf("%d bytes of nonsense name a control group", n)
		}
	}
}
