package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// QMP speaks QEMU's machine protocol: JSON objects, one a line. Run reads; any
// goroutine may call Execute and Subscribe meanwhile.
type QMP struct {
	conn io.ReadWriteCloser

	writing sync.Mutex // one command at a time on the wire

	mu          sync.Mutex
	ended       error // why nothing more will come; nil while Run goes on
	next        int
	waiting     map[int]chan reply
	subscribers map[*subscriber]struct{}

	greeted chan struct{} // closed when commands may be sent
	done    chan struct{} // closed when Run has returned
}

// Event is something that QEMU says by itself.
type Event struct {
	Name string          `json:"event"`
	Data json.RawMessage `json:"data"`
}

// ErrQMP is QEMU's refusal of a command; the text is QEMU's own.
var ErrQMP = errors.New("QEMU refuses")

// ErrEnded is what waiting for something of QEMU gives when QEMU has ended.
var ErrEnded = errors.New("QEMU has ended")

type reply struct {
	result json.RawMessage
	err    error
}

type subscriber struct {
	name   string
	events chan Event
}

// eventsKept bounds a subscriber that does not read: the oldest are kept.
const eventsKept = 64

// NewQMP makes a client of the connection, which Run closes.
func NewQMP(conn io.ReadWriteCloser) *QMP {
	return &QMP{
		conn: conn, waiting: map[int]chan reply{}, subscribers: map[*subscriber]struct{}{},
		greeted: make(chan struct{}), done: make(chan struct{}),
	}
}

// Run reads until the connection or ctx ends. It greets QEMU first.
func (q *QMP) Run(ctx context.Context) error {
	defer close(q.done)
	stop := context.AfterFunc(ctx, func() { _ = q.conn.Close() }) // unblocks the reader; that is all it is for
	defer stop()
	err := q.read()
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		err = nil
	}
	q.end(err)
	return err
}

func (q *QMP) read() error {
	decoder := json.NewDecoder(q.conn)
	var greeting struct {
		QMP json.RawMessage `json:"QMP"`
	}
	if err := decoder.Decode(&greeting); err != nil {
		return fmt.Errorf("reading QEMU's greeting: %w", err)
	}
	if greeting.QMP == nil {
		return fmt.Errorf("reading QEMU's greeting: this is no QMP")
	}
	if err := q.send(message{Execute: "qmp_capabilities", ID: capabilitiesID}); err != nil {
		return fmt.Errorf("greeting QEMU: %w", err)
	}
	for {
		var in message
		if err := decoder.Decode(&in); err != nil {
			return fmt.Errorf("reading from QEMU: %w", err)
		}
		q.take(in)
	}
}

// message is everything that goes over the wire.
type message struct {
	Execute   string          `json:"execute,omitempty"`
	Arguments any             `json:"arguments,omitempty"`
	ID        int             `json:"id,omitempty"`
	Return    json.RawMessage `json:"return,omitempty"`
	Error     *struct {
		Class string `json:"class"`
		Desc  string `json:"desc"`
	} `json:"error,omitempty"`
	Event string          `json:"event,omitempty"`
	Data  json.RawMessage `json:"data,omitempty"`
}

// capabilitiesID is the greeting's; Execute counts from it upwards.
const capabilitiesID = 1

func (q *QMP) take(in message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if in.Event != "" {
		for s := range q.subscribers {
			if s.name != in.Event {
				continue
			}
			select {
			case s.events <- Event{Name: in.Event, Data: in.Data}:
			default: // nobody reads: bounded
			}
		}
		return
	}
	if in.ID == capabilitiesID {
		if in.Error == nil {
			close(q.greeted)
		}
		return
	}
	answer, known := q.waiting[in.ID]
	if !known {
		return // whoever asked has given up
	}
	delete(q.waiting, in.ID)
	r := reply{result: in.Return}
	if in.Error != nil {
		r.err = fmt.Errorf("%w: %s", ErrQMP, in.Error.Desc)
	}
	answer <- r // has room for one
}

func (q *QMP) end(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.ended = ErrEnded
	if err != nil {
		q.ended = fmt.Errorf("%w: %w", ErrEnded, err)
	}
	for id, answer := range q.waiting {
		delete(q.waiting, id)
		answer <- reply{err: q.ended}
	}
}

func (q *QMP) send(m message) error {
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	q.writing.Lock()
	defer q.writing.Unlock()
	_, err = q.conn.Write(append(line, '\n'))
	return err
}

// Execute runs a command with its arguments (nil: none) and decodes what it
// returns into result (nil: thrown away).
func (q *QMP) Execute(ctx context.Context, command string, arguments, result any) error {
	select {
	case <-q.greeted:
	case <-q.done:
		return fmt.Errorf("%s: %w", command, ErrEnded)
	case <-ctx.Done():
		return fmt.Errorf("%s: waiting for QEMU's greeting: %w", command, ctx.Err())
	}
	answer := make(chan reply, 1)
	id, err := q.expect(answer)
	if err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	if err := q.send(message{Execute: command, Arguments: arguments, ID: id}); err != nil {
		q.forget(id)
		return fmt.Errorf("%s: %w", command, err)
	}
	select {
	case r := <-answer:
		if r.err == nil && result != nil {
			r.err = json.Unmarshal(r.result, result)
		}
		if r.err != nil {
			return fmt.Errorf("%s: %w", command, r.err)
		}
		return nil
	case <-ctx.Done():
		q.forget(id)
		return fmt.Errorf("%s: waiting for the answer: %w", command, ctx.Err())
	}
}

func (q *QMP) expect(answer chan reply) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended != nil {
		return 0, q.ended
	}
	q.next++
	id := capabilitiesID + q.next
	q.waiting[id] = answer
	return id, nil
}

func (q *QMP) forget(id int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.waiting, id)
}
