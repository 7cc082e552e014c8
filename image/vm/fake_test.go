package vm

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
)

// run starts a part's Run and waits for its end with the test.
func run(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
}

// fakeQMP answers each command by a function: the result, or a refusal.
func fakeQMP(conn net.Conn, answer func(command string, arguments json.RawMessage) (result any, refusal string, events []Event)) {
	_, _ = io.WriteString(conn, `{"QMP":{"version":{"qemu":{"major":7}},"capabilities":["oob"]}}`+"\n")
	out := json.NewEncoder(conn)
	in := json.NewDecoder(conn)
	for {
		var m struct {
			Execute   string          `json:"execute"`
			Arguments json.RawMessage `json:"arguments"`
			ID        int             `json:"id"`
		}
		if in.Decode(&m) != nil {
			return
		}
		if m.Execute == "qmp_capabilities" {
			_ = out.Encode(map[string]any{"return": map[string]any{}, "id": m.ID})
			continue
		}
		result, refusal, events := answer(m.Execute, m.Arguments)
		switch {
		case refusal != "":
			_ = out.Encode(map[string]any{"error": map[string]any{"class": "GenericError", "desc": refusal}, "id": m.ID})
		case result != nil:
			_ = out.Encode(map[string]any{"return": result, "id": m.ID})
		}
		for _, e := range events {
			_ = out.Encode(e)
		}
	}
}

// fakeQTest answers each line.
func fakeQTest(conn net.Conn, answer func(line string) string) {
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		if a := answer(lines.Text()); a != "" {
			_, _ = io.WriteString(conn, strings.TrimSuffix(a, "\n")+"\n")
		}
	}
}
