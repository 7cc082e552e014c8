package paneltest

import (
	"errors"
	"fmt"
	"sync"

	"streambox.local/appliance/panel"
)

// Board is a board of fakes. Make one with NewBoard.
type Board struct {
	mu    sync.Mutex
	lines map[string]*Line
	lamps map[string]*Lamp
	fails map[string]error
	opens map[string]int
}

// NewBoard makes a board with these lines, and no LED of its own.
func NewBoard(lines ...string) *Board {
	b := &Board{lines: map[string]*Line{}, lamps: map[string]*Lamp{}, fails: map[string]error{}, opens: map[string]int{}}
	for _, name := range lines {
		b.lines[name] = &Line{name: name, edges: make(chan struct{}, kernelEdges)}
	}
	return b
}

// AddLamp gives the board an LED of its own.
func (b *Board) AddLamp(name string) *Lamp {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lamps[name] = &Lamp{}
	return b.lamps[name]
}

// Outside is the line of this name, as the world outside sees it.
func (b *Board) Outside(name string) *Line {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.lines[name]
}

// Fail makes opening a part fail; nil: it works again.
func (b *Board) Fail(name string, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails[name] = err
}

// Opens says how often a part was asked for.
func (b *Board) Opens(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.opens[name]
}

// Line is a line for the panel.
func (b *Board) Line(name string) (panel.Line, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opens[name]++
	line := b.lines[name]
	switch {
	case b.fails[name] != nil:
		return nil, b.fails[name]
	case line == nil:
		return nil, fmt.Errorf("no line is called %s: %w", name, panel.ErrAbsent)
	}
	return line, nil
}

// Lamp is an LED of the board for the panel.
func (b *Board) Lamp(name string) (panel.Lamp, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.opens[name]++
	lamp := b.lamps[name]
	switch {
	case b.fails[name] != nil:
		return nil, b.fails[name]
	case lamp == nil:
		return nil, fmt.Errorf("no LED is called %s: %w", name, panel.ErrAbsent)
	}
	lamp.mu.Lock()
	defer lamp.mu.Unlock()
	lamp.taken = true
	return lamp, nil
}

// Lamp is an LED of the board.
type Lamp struct {
	mu     sync.Mutex
	lit    bool
	taken  bool
	broken bool
}

var errLamp = errors.New("no such device")

// Set is the panel's.
func (l *Lamp) Set(lit bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken {
		return errLamp
	}
	l.lit = lit
	return nil
}

// Close is the panel's.
func (l *Lamp) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lit, l.taken = false, false
	return nil
}

// Break makes every Set fail, or work again.
func (l *Lamp) Break(broken bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = broken
}

// Lit says what an eye sees.
func (l *Lamp) Lit() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lit
}

// Taken says whether the panel has it.
func (l *Lamp) Taken() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.taken
}
