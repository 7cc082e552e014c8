package vm

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// QTest speaks QEMU's test protocol, lines of words: a command gets OK or FAIL;
// an intercepted line that changes is told between them as "IRQ raise 6".
type QTest struct {
	conn  io.ReadWriteCloser
	clock func() time.Time

	commands sync.Mutex // one at a time: answers carry no number
	answers  chan string
	done     chan struct{}
	givenUp  atomic.Bool // by a command that waited no longer

	mu      sync.Mutex
	edges   []Edge
	changed chan struct{} // closed and made anew at each edge
}

// Edge is a change of an intercepted line.
type Edge struct {
	Line int
	High bool
	At   time.Time // when the host read it
}

// ErrQTest is QEMU's FAIL.
var ErrQTest = errors.New("qtest says FAIL")

// NewQTest makes a client of the connection, which Run closes.
func NewQTest(conn io.ReadWriteCloser) *QTest {
	return &QTest{conn: conn, clock: time.Now, answers: make(chan string, 1), done: make(chan struct{}), changed: make(chan struct{})}
}

// Run reads until the connection or ctx ends.
func (q *QTest) Run(ctx context.Context) error {
	defer close(q.done)
	stop := context.AfterFunc(ctx, func() { _ = q.conn.Close() }) // unblocks the reader; that is all it is for
	defer stop()
	lines := bufio.NewScanner(q.conn)
	for lines.Scan() {
		if edge, is := parseEdge(lines.Text()); is {
			edge.At = q.clock()
			q.record(edge)
			continue
		}
		select {
		case q.answers <- lines.Text():
		case <-ctx.Done():
			return nil
		}
	}
	if err := lines.Err(); err != nil && ctx.Err() == nil && !q.givenUp.Load() {
		return fmt.Errorf("reading from qtest: %w", err)
	}
	return nil
}

// parseEdge reads "IRQ raise 6" and "IRQ lower 6".
func parseEdge(line string) (Edge, bool) {
	words := strings.Fields(line)
	if len(words) != 3 || words[0] != "IRQ" || (words[1] != "raise" && words[1] != "lower") {
		return Edge{}, false
	}
	n, err := strconv.Atoi(words[2])
	if err != nil || n < 0 {
		return Edge{}, false
	}
	return Edge{Line: n, High: words[1] == "raise"}, true
}

func (q *QTest) record(e Edge) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.edges = append(q.edges, e)
	close(q.changed)
	q.changed = make(chan struct{})
}

// Command sends one and returns what stands behind OK.
func (q *QTest) Command(ctx context.Context, words ...string) (string, error) {
	line := strings.Join(words, " ")
	if strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("qtest %q: a command is one line", line)
	}
	q.commands.Lock()
	defer q.commands.Unlock()
	if _, err := io.WriteString(q.conn, line+"\n"); err != nil {
		return "", fmt.Errorf("qtest %s: %w", line, err)
	}
	select {
	case answer := <-q.answers:
		what, rest, _ := strings.Cut(answer, " ")
		if what != "OK" {
			return "", fmt.Errorf("qtest %s: %w: %s", line, ErrQTest, rest)
		}
		return rest, nil
	case <-q.done:
		return "", fmt.Errorf("qtest %s: %w", line, ErrEnded)
	case <-ctx.Done():
		// QEMU answers at once, so something is very wrong; and its late answer
		// would be taken for the next command's. So there is no next command.
		q.givenUp.Store(true)
		_ = q.conn.Close() // what is told is ctx's end
		return "", fmt.Errorf("qtest %s: %w", line, ctx.Err())
	}
}
