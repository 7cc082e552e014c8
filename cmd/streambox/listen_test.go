package main

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

// taken is a port that another program has.
func taken(t *testing.T) (address string) {
	t.Helper()
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	return other.Addr().String()
}

func TestAServiceGoesToItsSecondPort(t *testing.T) {
	first := taken(t)
	at, err := listen(t.Context(), settings{Listen: first, ListenElse: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer at.Close()
	want := fmt.Sprintf("port %d is taken by ", portOf(first))
	if at.at.Port() == 0 || at.at.String() == first || !strings.HasPrefix(at.note, want) {
		t.Errorf("listens at %v, note %q; want another port and %q", at.at, at.note, want)
	}
	if _, err = os.Stat("/proc/net/tcp"); err == nil && !strings.Contains(at.note, fmt.Sprintf("process %d", os.Getpid())) {
		t.Errorf("note %q does not name this process", at.note)
	}
}

func TestAFreePortNeedsNoNote(t *testing.T) {
	at, err := listen(t.Context(), settings{Listen: "127.0.0.1:0", ListenElse: "127.0.0.1:0"})
	if err != nil || at.note != "" {
		t.Errorf("note %q, %v", at.note, err)
	}
	_ = at.Close()
}

func TestBothPortsTaken(t *testing.T) {
	first, second := taken(t), taken(t)
	_, err := listen(t.Context(), settings{Listen: first, ListenElse: second})
	if err == nil || !strings.Contains(err.Error(), fmt.Sprint("port ", portOf(first))) || !strings.Contains(err.Error(), fmt.Sprint("port ", portOf(second))) {
		t.Errorf("got %v, want both ports in it", err)
	}
}

// Only what systemd itself started is a service: a terminal on a desktop
// passes INVOCATION_ID on to everything that is started in it.
func TestWhoIsAService(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		env      []string
		listen   string
		orElse   string
	}{
		{"by hand", nil, ":3003", ""},
		{"by hand in a terminal of a desktop", []string{"INVOCATION_ID=1", "SYSTEMD_EXEC_PID=1"}, ":3003", ""},
		{"a unit that is told when it is ready", []string{"NOTIFY_SOCKET=/run/systemd/notify"}, ":80", ":3003"},
		{"a plain unit", []string{fmt.Sprint("SYSTEMD_EXEC_PID=", os.Getpid())}, ":80", ":3003"},
	} {
		a, _, _ := testApp(tt.env...)
		s := a.defaults(false)
		if s.Listen != tt.listen || s.ListenElse != tt.orElse {
			t.Errorf("%s: %q, else %q; want %q, else %q", tt.sentence, s.Listen, s.ListenElse, tt.listen, tt.orElse)
		}
		chosen, _, err := load(sources{env: []string{"STREAMBOX_LISTEN=:8080"}, defaults: s})
		if err != nil || chosen.Listen != ":8080" || chosen.ListenElse != "" {
			t.Errorf("%s: a setting leaves %q, else %q", tt.sentence, chosen.Listen, chosen.ListenElse)
		}
	}
}
