package vm

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A test binary that is started with this in its environment plays QEMU.
const fakeQEMU = "STREAMBOX_TEST_FAKE_QEMU"

func TestMain(m *testing.M) {
	if how := os.Getenv(fakeQEMU); how != "" {
		os.Exit(playQEMU(how))
	}
	os.Exit(m.Run())
}

// playQEMU speaks on the descriptors that a machine without shell and cable
// inherits. how: "fine", "deaf" (does not quit), "broken" (ends at once).
func playQEMU(how string) int {
	if how == "broken" {
		_, _ = os.Stderr.WriteString("qemu: could not open '/nowhere': No such file or directory\n")
		return 1
	}
	end := make(chan int, 1)
	conn := func(fd uintptr) net.Conn {
		c, err := net.FileConn(os.NewFile(fd, "inherited"))
		if err != nil {
			panic(err)
		}
		return c
	}
	console := conn(5)
	go fakeQTest(conn(4), func(string) string { return "OK" })
	go fakeQMP(conn(3), func(command string, arguments json.RawMessage) (any, string, []Event) {
		switch command {
		case "qom-list":
			return []map[string]string{{"name": "device[3]", "type": "child<pl061>"}}, "", nil
		case "human-monitor-command":
			return "Hub 0\r\n TCP[HOST_FORWARD]  12       127.0.0.1 40123       10.0.2.15    80     0     0\r\n", "", nil
		case "cont":
			_, _ = console.Write([]byte("\x1b[1mbooted\x1b[0m\r\n"))
		case "system_powerdown":
			end <- 0
		case "quit":
			if how != "deaf" {
				end <- 0
			}
			return nil, "", nil
		}
		_ = arguments
		return map[string]any{}, "", nil
	})
	return <-end
}

// fakeMachine is one whose emulator is this test binary.
func fakeMachine(t *testing.T, how string) *Machine {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: -short leaves out what starts other programs")
	}
	t.Setenv(fakeQEMU, how)
	m, err := New(Config{Board: Virt(), Kernel: "/k", Dir: t.TempDir(), Emulator: os.Args[0], QuitWait: 100 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func TestMachineFromPowerOnToItsEnd(t *testing.T) {
	m := fakeMachine(t, "fine")
	ended := make(chan error, 1)
	go func() { ended <- m.Run(context.WithoutCancel(t.Context())) }()
	if err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.GPIO.Set(t.Context(), 5, true); err != nil {
		t.Error(err)
	}
	if err := m.PowerOn(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := m.Console.Expect(t.Context(), regexp.MustCompile("booted\n")); err != nil {
		t.Error(err)
	}
	if at, err := m.Forwarded(t.Context(), 80); err != nil || at != "127.0.0.1:40123" {
		t.Errorf("port 80 is at %q, %v", at, err)
	}
	if at, err := m.Forwarded(t.Context(), 8); err == nil {
		t.Errorf("port 8, which is not forwarded, is at %q", at)
	}
	_ = m.QMP.Execute(t.Context(), "system_powerdown", nil, nil) // the answer may be lost with QEMU
	if err := <-ended; err != nil {
		t.Errorf("a guest that switched itself off: %v", err)
	}
	<-m.Ended()
	log, err := os.ReadFile(filepath.Join(m.config.Dir, "console.log"))
	if err != nil || string(log) != "booted\n" {
		t.Errorf("console.log: %q, %v", log, err)
	}
	if err := m.Run(t.Context()); err == nil {
		t.Error("it ran twice")
	}
}

func TestMachineEndsWithItsContext(t *testing.T) {
	for _, how := range []string{"fine", "deaf"} {
		t.Run(how, func(t *testing.T) {
			m := fakeMachine(t, how)
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- m.Run(ctx) }()
			if err := m.Up(t.Context()); err != nil {
				t.Fatal(err)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run: %v", err)
			}
			if err := m.PowerOn(t.Context()); !errors.Is(err, ErrEnded) {
				t.Errorf("a command after the end: %v", err)
			}
		})
	}
}

func TestMachineThatDoesNotStart(t *testing.T) {
	for _, test := range []struct{ name, how, emulator, want string }{
		{"QEMU's own words are told", "broken", "", "could not open '/nowhere'"},
		{"an emulator that is not there", "fine", "/nowhere/qemu", "starting QEMU"},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := fakeMachine(t, test.how)
			if test.emulator != "" {
				m.config.Emulator = test.emulator
			}
			ended := make(chan error, 1)
			go func() { ended <- m.Run(t.Context()) }()
			if err := m.Up(t.Context()); !errors.Is(err, ErrEnded) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Up: %v", err)
			}
			if err := <-ended; err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Run: %v", err)
			}
		})
	}
}
