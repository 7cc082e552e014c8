package library

import (
	"maps"
	"reflect"
	"slices"
)

// Subscribe returns a channel that gets a value (never blocking, coalesced)
// after titles, sticks or problems changed, and a function that ends it. The
// channel is not closed.
func (l *Library) Subscribe() (changes <-chan struct{}, cancel func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listeners[c] = struct{}{}
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.listeners, c)
	}
}

// notify tells all listeners; who has not yet looked since the last time is told once. The lock is held.
func (l *Library) notify() {
	for c := range l.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// nudge lets Run look at what is due.
func (l *Library) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// SetSticks replaces the sticks that are shown.
func (l *Library) SetSticks(sticks []Stick) {
	list := make([]Stick, len(sticks))
	for i, s := range sticks {
		list[i] = s.clone()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if !reflect.DeepEqual(list, l.sticks) {
		l.sticks = list
		l.notify()
	}
}

// Sticks returns copies of the sticks, in the order in which SetSticks got them; never nil.
func (l *Library) Sticks() []Stick {
	l.mu.RLock()
	defer l.mu.RUnlock()
	list := make([]Stick, len(l.sticks))
	for i, s := range l.sticks {
		list[i] = s.clone()
	}
	return list
}

func (s Stick) clone() Stick {
	s.Reason = s.Reason.clone()
	s.IgnoredFiles = maps.Clone(s.IgnoredFiles)
	if s.IgnoredFiles == nil {
		s.IgnoredFiles = map[string]int{} // null in JSON otherwise
	}
	return s
}

// SetProblem replaces the problem of a code; nil clears it.
func (l *Library) SetProblem(code string, p *Problem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	old, had := l.problems[code]
	switch {
	case p == nil && !had, p != nil && had && reflect.DeepEqual(old, *p):
		return
	case p == nil:
		delete(l.problems, code)
	default:
		l.problems[code] = *p.clone()
	}
	l.notify()
}

// Problems returns copies of the problems, by code; never nil.
func (l *Library) Problems() []Problem {
	l.mu.RLock()
	defer l.mu.RUnlock()
	list := make([]Problem, 0, len(l.problems))
	for _, code := range slices.Sorted(maps.Keys(l.problems)) {
		p := l.problems[code]
		list = append(list, *p.clone())
	}
	return list
}
