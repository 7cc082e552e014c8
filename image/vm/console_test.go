package vm

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestPlainText(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"plain lines stay", "a\nb\tc\n", "a\nb\tc\n"},
		{"carriage returns go", "a\r\nb\r\n", "a\nb\n"},
		{"colours go", "[\x1b[0;32m  OK  \x1b[0m] Started", "[  OK  ] Started"},
		{"cursor movements and modes go", "\x1b[2J\x1b[?25lx\x1b[10;20H", "x"},
		{"titles go, ended by BEL or ESC \\", "\x1b]0;title\x07a\x1b]2;t\x1b\\b", "ab"},
		{"character sets go", "\x1b(Ba\x1b)0b", "ab"},
		{"other control characters go", "a\x00\x08\x7fb", "ab"},
		{"text of all languages stays", "Kinoabend für Ömer 映画", "Kinoabend für Ömer 映画"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var whole, bytewise plainText
			if got := string(whole.keep(nil, []byte(test.in))); got != test.want {
				t.Errorf("at once: %q", got)
			}
			var out []byte
			for n := range len(test.in) {
				out = bytewise.keep(out, []byte{test.in[n]})
			}
			if string(out) != test.want {
				t.Errorf("byte by byte: %q", out)
			}
		})
	}
}

// console is a running one and the guest's end of its line.
func console(t *testing.T) (*Console, net.Conn, *strings.Builder) {
	t.Helper()
	ours, theirs := net.Pipe()
	var log strings.Builder
	c := NewConsole("console", ours, &log)
	run(t, c.Run)
	t.Cleanup(func() { _ = theirs.Close() })
	return c, theirs, &log
}

func TestExpectFindsWhatComesInPieces(t *testing.T) {
	c, guest, _ := console(t)
	go func() {
		for _, piece := range []string{"boot\nlog", "in: one", "\nlogin: two\n"} {
			_, _ = io.WriteString(guest, piece)
		}
	}()
	for _, want := range []string{"one", "two"} {
		found, err := c.Expect(t.Context(), regexp.MustCompile(`login: (\w+)\n`))
		if err != nil || found[1] != want {
			t.Fatalf("found %q, %v; want %s", found, err, want)
		}
	}
}

func TestExpectTellsWhyItEnds(t *testing.T) {
	never := regexp.MustCompile(`never`)
	t.Run("its time is over: the last lines are told", func(t *testing.T) {
		c, guest, _ := console(t)
		_, _ = io.WriteString(guest, "something else\n")
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := c.Expect(ctx, never)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "something else") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the kernel has panicked: at once, with its line", func(t *testing.T) {
		c, guest, _ := console(t)
		go func() {
			_, _ = io.WriteString(guest, "fine\n[1.2] Kernel pan")
			_, _ = io.WriteString(guest, "ic - not syncing: VFS: no root\n")
		}()
		_, err := c.Expect(t.Context(), never)
		if !errors.Is(err, ErrFatal) || !strings.Contains(err.Error(), "VFS: no root") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("QEMU has ended", func(t *testing.T) {
		c, guest, _ := console(t)
		_ = guest.Close()
		if _, err := c.Expect(t.Context(), never); !errors.Is(err, ErrEnded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestConsoleKeepsItsLogAndBoundsItsMemory(t *testing.T) {
	c, guest, log := console(t)
	line := strings.Repeat("x", 1023) + "\n"
	for range 2 * consoleKept / len(line) {
		if _, err := io.WriteString(guest, line); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.WriteString(guest, "\x1b[31mend\x1b[0m\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Expect(t.Context(), regexp.MustCompile("end\n")); err != nil {
		t.Fatal(err)
	}
	if cap(c.text) > 3*consoleKept {
		t.Errorf("%d bytes are kept for searching", cap(c.text))
	}
	if !strings.HasSuffix(log.String(), "x\nend\n") || log.Len() != 2*consoleKept+4 {
		t.Errorf("the log has %d bytes", log.Len())
	}
}

// guestShell answers as a shell would: it decodes the script and replies with
// what answer gives; a negative status is a command that hangs.
func guestShell(conn net.Conn, answer func(script string) (output string, status int)) {
	encoded := regexp.MustCompile(`printf %s (\S*) \| base64 -d`)
	mark := regexp.MustCompile(`vm (\d+) \$\?`)
	buffer := make([]byte, 1<<16)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		line := string(buffer[:n])
		script, err := base64.StdEncoding.DecodeString(encoded.FindStringSubmatch(line)[1])
		if err != nil {
			return
		}
		id := mark.FindStringSubmatch(line)[1]
		output, status := answer(string(script))
		if status < 0 {
			continue
		}
		_, _ = io.WriteString(conn, line) // a terminal that echoes
		_, _ = io.WriteString(conn, "<<vm "+id+"\n"+output)
		_, _ = fmt.Fprintf(conn, "\nvm %s %d>>\n", id, status)
	}
}

func TestShell(t *testing.T) {
	c, guest, _ := console(t)
	go guestShell(guest, func(script string) (string, int) {
		switch script {
		case "fail":
			return "sh: fail: not found\n", 127
		case "hang":
			return "", -1
		default:
			return script, 0
		}
	})
	s := NewShell(c)
	for _, script := range []string{"echo one", "echo 'two'\necho \"three\" $?\n", "", "ünïcode | cat"} {
		if got, err := s.Run(t.Context(), script); err != nil || got != strings.TrimSuffix(script, "\n") {
			t.Errorf("%q gave %q, %v", script, got, err)
		}
	}
	if _, err := s.Run(t.Context(), "fail"); !errors.Is(err, ErrStatus) || !strings.Contains(err.Error(), "127: sh: fail: not found") {
		t.Errorf("a failing command: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := s.Run(ctx, "hang"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a command that does not end: %v", err)
	}
	if _, err := s.Run(t.Context(), "echo"); !errors.Is(err, ErrLost) {
		t.Errorf("a command behind it: %v", err)
	}
}
