package vm

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// Shell runs commands in the guest over a line on which a POSIX shell (with
// base64 of coreutils or busybox) reads and writes: no echo, no prompt, which is
// what `sh </dev/virtio-ports/vm.shell` is.
type Shell struct {
	console *Console

	mu   sync.Mutex // one command at a time
	next int
	lost bool // a command was given up: what the line says next belongs to it
}

// ErrStatus is a command that ended with another status than 0.
var ErrStatus = errors.New("exit status")

// ErrLost is a shell whose last command was given up.
var ErrLost = errors.New("an earlier command has not ended")

// NewShell makes a shell of a line. Somebody else runs the console.
func NewShell(console *Console) *Shell { return &Shell{console: console} }

// Run runs a script and returns what it wrote to both its outputs. When its
// status is not 0 the error is ErrStatus and tells the last lines.
func (s *Shell) Run(ctx context.Context, script string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lost {
		return "", fmt.Errorf("running %q: %w", firstLine(script), ErrLost)
	}
	s.next++
	line, pattern := s.wrap(script, s.next)
	if err := s.console.Send(line); err != nil {
		return "", err
	}
	found, err := s.console.Expect(ctx, pattern)
	if err != nil {
		s.lost = true
		return "", fmt.Errorf("running %q: %w", firstLine(script), err)
	}
	output := strings.TrimSuffix(found[1], "\n")
	if found[2] != "0" {
		return output, fmt.Errorf("running %q: %w %s: %s", firstLine(script), ErrStatus, found[2], lastLines(output))
	}
	return output, nil
}

// wrap packs a script into one line of plain characters, whatever it holds, and
// frames its output in marks that no output has by chance. The marks are put
// together by the guest's printf: an echoed line would not match.
func (s *Shell) wrap(script string, n int) (string, *regexp.Regexp) {
	id := strconv.Itoa(n)
	line := `printf '<<%s %s\n' vm ` + id + `; sh -c "$(printf %s ` + base64.StdEncoding.EncodeToString([]byte(script)) +
		` | base64 -d)" </dev/null 2>&1; printf '\n%s %s %s>>\n' vm ` + id + ` $?`
	return line, regexp.MustCompile(`(?s)<<vm ` + id + `\n(.*)\nvm ` + id + ` (\d+)>>\n`)
}

func firstLine(script string) string {
	first, rest, _ := strings.Cut(strings.TrimSpace(script), "\n")
	if rest != "" {
		first += " …"
	}
	return first
}
