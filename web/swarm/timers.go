package swarm

import (
	"container/heap"
	"time"
)

// timers is a heap of wants by the time at which something becomes of them.
// Each want knows its place, so that none stays behind when its want has ended.
type timers []*want

func (t timers) Len() int { return len(t) }
func (t timers) Less(i, j int) bool {
	if t[i].Until != t[j].Until {
		return t[i].Until < t[j].Until
	}
	return t[i].Seq < t[j].Seq
}

func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].place, t[j].place = i+1, j+1
}

// Push and Pop are heap.Interface.
func (t *timers) Push(x any) {
	w, _ := x.(*want)
	*t = append(*t, w)
	w.place = len(*t)
}

func (t *timers) Pop() any {
	last := len(*t) - 1
	w := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	w.place = 0
	return w
}

// set is the one way to change when a want is due.
func (t *timers) set(w *want, until time.Duration) {
	w.Until = until
	if w.place > 0 {
		heap.Fix(t, w.place-1)
	} else {
		heap.Push(t, w)
	}
}

func (t *timers) drop(w *want) {
	if w.place > 0 {
		heap.Remove(t, w.place-1)
	}
}

func (t timers) next() (time.Duration, bool) {
	if len(t) == 0 {
		return 0, false
	}
	return t[0].Until, true
}
