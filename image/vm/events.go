package vm

import (
	"context"
	"encoding/json"
	"fmt"
)

// Subscription is the events of one name from now on.
type Subscription struct {
	qmp *QMP
	s   *subscriber
}

// Subscribe begins to collect the events of this name; subscribe before the
// command that causes one. End it with Close.
func (q *QMP) Subscribe(name string) *Subscription {
	s := &subscriber{name: name, events: make(chan Event, eventsKept)}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.subscribers[s] = struct{}{}
	return &Subscription{qmp: q, s: s}
}

// Close ends it.
func (s *Subscription) Close() {
	s.qmp.mu.Lock()
	defer s.qmp.mu.Unlock()
	delete(s.qmp.subscribers, s.s)
}

// Wait returns the first event whose data match says yes to (nil: any).
func (s *Subscription) Wait(ctx context.Context, match func(data json.RawMessage) bool) (Event, error) {
	for {
		select {
		case e := <-s.s.events:
			if match == nil || match(e.Data) {
				return e, nil
			}
		case <-s.qmp.done:
			return Event{}, fmt.Errorf("waiting for %s: %w", s.s.name, ErrEnded)
		case <-ctx.Done():
			return Event{}, fmt.Errorf("waiting for %s: %w", s.s.name, ctx.Err())
		}
	}
}
