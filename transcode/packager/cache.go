package packager

import (
	"container/list"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
)

// Cache keeps finished segments of all titles in memory, the most recently used
// ones, and sees to it that each is made once however many ask, and that only a
// few are made at a time.
type Cache struct {
	mostBytes int64
	places    chan struct{} // one for each segment that is being made

	mu    sync.Mutex
	bytes int64
	byKey map[key]*list.Element // of *finished
	order list.List             // the least recently used one at the back
	going map[key]*flight
}

type key struct {
	title string
	n     int
}

// Packed is a finished segment. Data is shared: only to be read.
type Packed struct {
	Data   []byte
	SHA256 [sha256.Size]byte
}

type finished struct {
	key key
	Packed
}

// flight is a segment that is being made.
type flight struct {
	done chan struct{}
	Packed
	err error
}

// Defaults of a Cache.
const (
	DefaultCacheBytes = 64 << 20
	DefaultAtOnce     = 3 // so many segments and their samples are in memory besides
)

// NewCache makes a cache of at most so many bytes (0: DefaultCacheBytes), in
// which so many segments are made at once (0: DefaultAtOnce).
func NewCache(mostBytes int64, atOnce int) *Cache {
	if mostBytes <= 0 {
		mostBytes = DefaultCacheBytes
	}
	if atOnce <= 0 {
		atOnce = DefaultAtOnce
	}
	return &Cache{
		mostBytes: mostBytes, places: make(chan struct{}, atOnce),
		byKey: map[key]*list.Element{}, going: map[key]*flight{},
	}
}

// get returns a segment, made by produce if it is not there. Who comes while it
// is being made waits for that; when its maker leaves (its ctx ends), another
// who waits makes it.
func (c *Cache) get(ctx context.Context, k key, produce func(context.Context) ([]byte, error)) (Packed, error) {
	for {
		c.mu.Lock()
		if e, ok := c.byKey[k]; ok {
			c.order.MoveToFront(e)
			c.mu.Unlock()
			return e.Value.(*finished).Packed, nil
		}
		f, ok := c.going[k]
		if !ok {
			f = &flight{done: make(chan struct{})}
			c.going[k] = f
			c.mu.Unlock()
			c.fly(ctx, k, f, produce)
			if errors.Is(f.err, errLeft) {
				return Packed{}, fmt.Errorf("make segment %d: %w", k.n, context.Cause(ctx))
			}
			return f.Packed, f.err
		}
		c.mu.Unlock()
		select {
		case <-f.done:
		case <-ctx.Done():
			return Packed{}, ctx.Err()
		}
		if !errors.Is(f.err, errLeft) {
			return f.Packed, f.err
		}
	}
}

// errLeft is told to those who wait for a maker that has left.
var errLeft = errors.New("whoever made this segment has left")

// errPanicked is a mistake of ours that a file brought to light.
var errPanicked = errors.New("the packager panicked")

// fly makes a segment and tells those who wait.
func (c *Cache) fly(ctx context.Context, k key, f *flight, produce func(context.Context) ([]byte, error)) {
	f.err = errLeft
	defer func() {
		if cause := recover(); cause != nil { // one file of a stick must not end the box
			f.err = fmt.Errorf("make segment %d: %w: %v\n%s", k.n, errPanicked, cause, debug.Stack())
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.going, k)
		if f.err == nil {
			c.keep(&finished{key: k, Packed: f.Packed})
		}
		close(f.done)
	}()
	select {
	case c.places <- struct{}{}:
		defer func() { <-c.places }()
	case <-ctx.Done():
		return
	}
	data, err := produce(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
	case err != nil:
		f.err = err
	default:
		f.Packed, f.err = Packed{Data: data, SHA256: sha256.Sum256(data)}, nil
	}
}

// keep adds a segment and removes the oldest ones. Holds mu.
func (c *Cache) keep(one *finished) {
	size := int64(len(one.Data))
	if size > c.mostBytes {
		return
	}
	c.byKey[one.key] = c.order.PushFront(one)
	c.bytes += size
	for c.bytes > c.mostBytes {
		c.remove(c.order.Back())
	}
}

// remove forgets a segment. Holds mu.
func (c *Cache) remove(e *list.Element) {
	one := c.order.Remove(e).(*finished)
	delete(c.byKey, one.key)
	c.bytes -= int64(len(one.Data))
}

// Forget drops all segments of a title, by the key that NewSource was given.
func (c *Cache) Forget(title string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for e := c.order.Front(); e != nil; {
		next := e.Next()
		if e.Value.(*finished).key.title == title {
			c.remove(e)
		}
		e = next
	}
}
