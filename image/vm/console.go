package vm

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
)

// Console is one serial line of the guest: what comes is logged, and can be
// waited for; lines can be sent.
type Console struct {
	name  string
	conn  io.ReadWriteCloser
	log   io.Writer
	fatal *regexp.Regexp

	done chan struct{}

	mu      sync.Mutex
	text    []byte // what no Expect has consumed yet, its last consoleKept bytes
	line    []byte // the last line so far, its end
	fatalAt string // the line that fatal found
	changed chan struct{}
}

// consoleKept bounds what is searched; a boot writes some 60 KiB.
const consoleKept = 1 << 20

// ErrFatal is a line on the console after which waiting is pointless.
var ErrFatal = errors.New("the guest has failed")

// kernelPanic is the end of a guest.
var kernelPanic = regexp.MustCompile(`(?m)^.*(Kernel panic - not syncing|initrd: no root|You are in emergency mode).*$`)

// NewConsole makes a reader of the line, which Run closes. Everything that
// comes is written to log, without colours.
func NewConsole(name string, conn io.ReadWriteCloser, log io.Writer) *Console {
	return &Console{name: name, conn: conn, log: log, fatal: kernelPanic, done: make(chan struct{}), changed: make(chan struct{})}
}

// Run reads until the line or ctx ends.
func (c *Console) Run(ctx context.Context) error {
	defer close(c.done)
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() }) // unblocks the reader; that is all it is for
	defer stop()
	var plain plainText
	var keep []byte
	buffer := make([]byte, 4096)
	for {
		n, err := c.conn.Read(buffer)
		keep = plain.keep(keep[:0], buffer[:n])
		if len(keep) > 0 {
			if _, logErr := c.log.Write(keep); logErr != nil {
				return fmt.Errorf("keeping the log of %s: %w", c.name, logErr)
			}
			c.add(keep)
		}
		switch {
		case err == nil:
		case ctx.Err() != nil || errors.Is(err, io.EOF):
			return nil
		default:
			return fmt.Errorf("reading %s: %w", c.name, err)
		}
	}
}

func (c *Console) add(text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.text = append(c.text, text...)
	if surplus := len(c.text) - consoleKept; surplus > 0 {
		c.text = append(c.text[:0], c.text[surplus:]...)
	}
	if c.fatalAt == "" {
		c.line = append(c.line, text...)
		c.fatalAt = string(c.fatal.Find(c.line))
		c.line = append(c.line[:0], c.line[lineStart(c.line):]...)
	}
	close(c.changed)
	c.changed = make(chan struct{})
}

// lineStart is where the last line begins, or what is kept of a very long one.
func lineStart(text []byte) int {
	const longest = 4096
	return max(bytes.LastIndexByte(text, '\n')+1, len(text)-longest)
}

// Expect waits until pattern is found in what no earlier Expect has consumed,
// consumes up to the end of the match, and returns the match and its groups.
func (c *Console) Expect(ctx context.Context, pattern *regexp.Regexp) ([]string, error) {
	for {
		c.mu.Lock()
		at := pattern.FindSubmatchIndex(c.text)
		if at != nil {
			found := groups(c.text, at)
			c.text = append(c.text[:0], c.text[at[1]:]...)
			c.mu.Unlock()
			return found, nil
		}
		changed, fatalAt, tail := c.changed, c.fatalAt, lastLines(string(c.text))
		c.mu.Unlock()
		if fatalAt != "" {
			return nil, fmt.Errorf("waiting for %q on %s: %w: %s", pattern, c.name, ErrFatal, fatalAt)
		}
		select {
		case <-changed:
		case <-c.done:
			return nil, fmt.Errorf("waiting for %q on %s: %w; the last lines:\n%s", pattern, c.name, ErrEnded, tail)
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for %q on %s: %w; the last lines:\n%s", pattern, c.name, ctx.Err(), tail)
		}
	}
}

func groups(text []byte, at []int) []string {
	found := make([]string, len(at)/2)
	for n := range found {
		if at[2*n] >= 0 {
			found[n] = string(text[at[2*n]:at[2*n+1]])
		}
	}
	return found
}

// lastLines is what a person needs to see of a long log.
func lastLines(text string) string {
	const lines = 12
	all := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}

// Send writes a line.
func (c *Console) Send(line string) error {
	if _, err := io.WriteString(c.conn, line+"\n"); err != nil {
		return fmt.Errorf("writing to %s: %w", c.name, err)
	}
	return nil
}
