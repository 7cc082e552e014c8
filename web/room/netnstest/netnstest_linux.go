package netnstest

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Namespace is a network of its own.
type Namespace struct {
	t    testing.TB
	work chan func()
	tid  int
}

// Need skips the test, or fails it when STREAMBOX_STRICT is 1, unless it is
// root and has the given tools of iproute2.
func Need(tb testing.TB, tools ...string) {
	tb.Helper()
	missing := ""
	if os.Getuid() != 0 {
		missing = "root, for network namespaces"
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			missing = tool + " (apt-get install iproute2)"
		}
	}
	if missing == "" {
		return
	}
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		tb.Fatalf("%s is missing", missing)
	}
	tb.Skipf("not run here: %s is missing", missing)
}

// New makes an empty namespace with loopback up. It ends with the test.
func New(tb testing.TB) *Namespace {
	tb.Helper()
	Need(tb, "ip")
	n := &Namespace{t: tb, work: make(chan func())}
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		n.tid = unix.Gettid()
		failed <- err
		for f := range n.work {
			f()
		}
	}()
	if err := <-failed; err != nil {
		close(n.work)
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			tb.Fatalf("no network namespace is to be had: %v", err)
		}
		tb.Skipf("not run here: no network namespace is to be had: %v", err)
	}
	tb.Cleanup(func() { close(n.work) })
	n.Run("ip link set lo up")
	return n
}

// Do runs f inside and waits for it: sockets it opens and processes it starts
// stay there. f must not call tb.Fatal, and must do its work in its own goroutine.
func (n *Namespace) Do(f func()) {
	done := make(chan struct{})
	n.work <- func() {
		defer close(done)
		f()
	}
	<-done
}

// Run runs commands inside, one after the other, and ends the test if one fails.
func (n *Namespace) Run(commands ...string) {
	n.t.Helper()
	for _, command := range commands {
		words := strings.Fields(command)
		var out []byte
		var err error
		n.Do(func() { out, err = exec.CommandContext(n.t.Context(), words[0], words[1:]...).CombinedOutput() })
		if err != nil {
			n.t.Fatalf("%s: %v: %s", command, err, out)
		}
	}
}

// Cable joins two namespaces: interface name in each, with the given addresses
// ("10.0.0.1/24").
func Cable(a *Namespace, nameA, addressA string, b *Namespace, nameB, addressB string) {
	a.Run("ip link add name " + nameA + " type veth peer name " + nameB + " netns " + strconv.Itoa(b.tid))
	a.Run("ip addr add "+addressA+" dev "+nameA, "ip link set "+nameA+" up")
	b.Run("ip addr add "+addressB+" dev "+nameB, "ip link set "+nameB+" up")
}
