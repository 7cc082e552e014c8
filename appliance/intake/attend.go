package intake

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// errSilent is the cause for which work is called off that waits for a stick
// which does not answer.
var errSilent = errors.New("stick does not answer")

const (
	attendEvery = time.Second
	askAfter    = 2 * time.Second // of work on a stick that has said nothing meanwhile
	leftLimit   = 64              // goroutines left behind in sticks that do not answer
)

// attend does something that reads from w's place, and stops waiting for it
// when the stick does not answer: a system call on a dead stick cannot be ended,
// and the workers are there for all sticks. The error is errSilent then, or what
// ctx ended for when that is 10 s ago; late is given the result should it come
// after all (nil: nobody minds). do must not touch what the caller reads
// afterwards but by its result.
func attend[T any](ctx context.Context, in *Intake, w *work, do func() T, late func(T)) (out T, err error) {
	const running, ended, left = 0, 1, 2
	var state atomic.Int32
	var result T
	var failed error
	done := make(chan struct{})
	go func() {
		failed = guarded(func() error { result = do(); return nil })
		if state.CompareAndSwap(running, ended) {
			close(done)
			return
		}
		in.leftBehind.Add(-1)
		if late != nil && failed == nil {
			late(result)
		}
	}()
	st := w.place.stick
	look := time.NewTicker(attendEvery)
	defer look.Stop()
	over := ctx.Done()
	var limit <-chan time.Time
	for {
		select {
		case <-done:
			return result, failed
		case <-over:
			over = nil
			timer := time.NewTimer(stopLimit)
			defer timer.Stop()
			limit = timer.C
		case <-limit:
			err = context.Cause(ctx)
		case <-look.C:
			if st.silent.Load() {
				err = errSilent
			} else {
				in.ask(w.place)
			}
		}
		if err == nil {
			continue
		}
		if errors.Is(err, errSilent) && in.leftBehind.Load() >= leftLimit {
			err = nil
			continue // enough is left behind: this worker waits
		}
		in.leftBehind.Add(1)
		if state.CompareAndSwap(running, left) {
			in.log.Warn("Work is left behind in a stick that does not answer", "stick", st.ID, "leftBehind", in.leftBehind.Load())
			w.cancel(errSilent)
			return out, err
		}
		in.leftBehind.Add(-1) // it ended in this very moment
		<-done
		return result, failed
	}
}

// isLeft is true for what attend says of work that it has left behind, but for
// the end of Run.
func isLeft(err error) bool { return errors.Is(err, errSilent) || errors.Is(err, errPulled) }

// ask finds out whether a stick answers that has said nothing for a while: it
// opens a file and reads a page of it that no cache has. One question at a time;
// who looks how long it waits is onTick.
func (in *Intake) ask(p *place) {
	st := p.stick
	if in.sinceBegan()-time.Duration(st.beat.Load()) < askAfter || !st.asking.CompareAndSwap(false, true) {
		return
	}
	st.heard(in)
	in.scans.Go(func() {
		defer signal(in.wakeLoop)
		defer st.asking.Store(false)
		defer st.heard(in)
		err := guarded(func() error { return in.readSomething(p) })
		if err != nil {
			in.log.Debug("Stick answers with an error", "stick", st.ID, "error", err)
		}
	})
}

// readSomething reads a page of a place's first file; an error is an answer too.
func (in *Intake) readSomething(p *place) error {
	in.mu.Lock()
	name, form := p.paths[0], p.form
	in.mu.Unlock()
	t, err := in.openTree(p.stick.Stick)
	if err != nil {
		return err
	}
	defer t.Close()
	if form == formReady {
		name += "/" + playlistName
	}
	f, err := t.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	const page = 4096
	at := in.now().UnixNano() % info.Size() / page * page // another one each time
	uncache(f, at, page)
	_, err = f.ReadAt(make([]byte, min(page, info.Size()-at)), at)
	return err
}

// heard notes that a stick has answered, or is asked from now on.
func (st *stick) heard(in *Intake) { st.beat.Store(int64(in.sinceBegan())) }

// sinceBegan is the time since New, which sticks' beats are counted in.
func (in *Intake) sinceBegan() time.Duration { return in.now().Sub(in.began) }
