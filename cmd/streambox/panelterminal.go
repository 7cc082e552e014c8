package main

import (
	"bytes"
	"context"
	"io"
	"sync"

	"streambox.local/appliance/panel"
)

// statusLine keeps one line at the bottom of a terminal, below all that is
// written to it otherwise.
type statusLine struct {
	out     io.Writer
	columns func() int

	mu   sync.Mutex
	text string // "" none
	open bool   // something else was written last, and its line has not ended
}

const eraseLine = "\r\x1b[K"

// draw shows text in the place of what it showed before.
func (l *statusLine) draw(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	had := l.text != ""
	l.text = fit(text, l.columns()-1) // a full last column would begin another line
	if !l.open && (had || l.text != "") {
		_, _ = io.WriteString(l.out, eraseLine+l.text)
	}
}

// above is a way to write to the same terminal through w.
func (l *statusLine) above(w io.Writer) io.Writer { return &aboveStatus{l, w} }

type aboveStatus struct {
	line *statusLine
	to   io.Writer
}

// Write takes the line away, writes, and brings it back.
func (a *aboveStatus) Write(p []byte) (int, error) {
	l := a.line
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text != "" && !l.open {
		_, _ = io.WriteString(l.out, eraseLine)
	}
	n, err := a.to.Write(p)
	if len(p) > 0 {
		l.open = !bytes.HasSuffix(p, []byte("\n"))
	}
	if l.text != "" && !l.open {
		_, _ = io.WriteString(l.out, l.text)
	}
	return n, err
}

// panelTerminal is the terminal that the panel is drawn in.
type panelTerminal struct {
	tty   keyboard
	line  *statusLine
	keys  chan byte
	panel *panel.Terminal
}

// keyboard is a terminal's keys, one by one and not shown.
type keyboard interface {
	io.Writer
	// Begin lets keys come at once, until end is called.
	Begin() (end func() error, err error)
	// Key waits for one, for a quarter of a second at most.
	Key() (key byte, typed bool, err error)
}

// openTerminal draws on the terminal that the program was started in. What the
// program writes there from now on stays above the panel's line.
func (a *app) openTerminal() (*panelTerminal, error) {
	tty, err := openTTY()
	if err != nil {
		return nil, err
	}
	return a.terminalAt(tty), nil
}

func (a *app) terminalAt(tty keyboard) *panelTerminal {
	t := &panelTerminal{tty: tty, keys: make(chan byte)}
	t.line = &statusLine{out: tty, columns: a.stderr.columns}
	for _, out := range []*terminal{a.stdout, a.stderr} {
		if out.isTTY {
			out.out = t.line.above(out.out)
		}
	}
	t.panel = &panel.Terminal{Keys: t.keys, Draw: t.line.draw}
	return t
}

// run runs the panel while keys come, and leaves the terminal as it was.
func (t *panelTerminal) run(ctx context.Context, panel func(context.Context) error) (err error) {
	end, err := t.tty.Begin()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var reader sync.WaitGroup
	reader.Go(func() { t.read(ctx) })
	defer func() {
		cancel()
		reader.Wait()
		if endErr := end(); err == nil {
			err = endErr
		}
	}()
	return panel(ctx)
}

// read hands the keys on. A terminal that is gone has none any more.
func (t *panelTerminal) read(ctx context.Context) {
	for ctx.Err() == nil {
		key, typed, err := t.tty.Key()
		if err != nil {
			return
		}
		if !typed {
			continue
		}
		select {
		case t.keys <- key:
		case <-ctx.Done():
		}
	}
}
