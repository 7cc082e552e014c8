package intake

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"streambox.local/appliance/library"
)

// leftIn is how much of phones' requests is left behind in a stick.
func (r *rig) leftIn(id string) int64 {
	r.in.mu.Lock()
	defer r.in.mu.Unlock()
	for _, st := range r.in.sticks {
		if st.ID == id {
			return st.left.Load()
		}
	}
	return 0
}

// hanging lets the files of a stick hang while the switch is on, until answer is closed.
func (r *rig) hanging(stick string) (hangs *atomic.Bool, answer chan struct{}) {
	hangs, answer = &atomic.Bool{}, make(chan struct{})
	r.wrap = func(inner tree) tree {
		if filepath.Base(inner.(*rootTree).root.Name()) != stick {
			return inner
		}
		return hangingTree{inner, func(string) bool { return hangs.Load() }, answer}
	}
	return hangs, answer
}

func aStickThatHangsHoldsUpNoOther(r *rig, films map[string][]byte) {
	hangs, answer := r.hanging("dead")
	r.put("dead", "x.mp4", films["h264-aac"])
	r.put("fine", "y.mp4", append(bytes.Clone(films["h264-aac"]), 0, 0, 0, 8, 'f', 'r', 'e', 'e')) // another content
	r.start()
	r.plug("dead")
	r.plug("fine")
	r.settle(3 * time.Second)
	r.want("x", library.Ready)
	title := r.want("y", library.Ready)
	for _, name := range []string{"x", "y"} { // their indexes are in memory
		if _, err := r.segment(name, 0); err != nil {
			r.t.Fatal(err)
		}
	}
	rendition := strings.Split(title.Playlist, "/")[3]
	healthy := func(when string) {
		r.t.Helper()
		r.in.cfg.Segments.Forget(title.ID + "/" + rendition)
		began := time.Now()
		if _, err := r.segment("y", 1); err != nil || time.Since(began) > 0 {
			r.t.Errorf("%s: the other stick's film is served after %s, %v", when, time.Since(began), err)
		}
	}
	hangs.Store(true)
	ended := make(chan error, 4)
	for n := range 4 { // more than are made at once
		go func() {
			_, err := r.segment("x", n+1)
			ended <- err
		}()
	}
	r.settle(askAfter + time.Second)
	healthy("while requests wait for the dead stick")
	r.settle(patience)
	for range 4 {
		if err := <-ended; !errors.Is(err, library.ErrUnreadable) {
			r.t.Errorf("the dead stick's film: %v", err)
		}
	}
	for range 100 { // players that try again
		began := time.Now()
		if _, err := r.segment("x", 1); !errors.Is(err, library.ErrUnreadable) || time.Since(began) > 0 {
			r.t.Fatalf("the dead stick's film once more: after %s, %v", time.Since(began), err)
		}
	}
	healthy("afterwards")
	r.settle(5 * time.Second)
	if s := r.stick("dead"); s.Reason == nil || s.Reason.Code != CodeStickSilent {
		r.t.Errorf("nobody has learned that the stick does not answer: %+v", s)
	}
	if left := r.leftIn("dead"); left == 0 || left > 3 {
		r.t.Errorf("%d left behind", left)
	}
	hangs.Store(false)
	close(answer)
	r.settle(5 * time.Second)
	if _, err := r.segment("x", 1); err != nil {
		r.t.Errorf("it answers again: %v", err)
	}
	if s := r.stick("dead"); s.State != library.StickReady || r.leftIn("dead") != 0 {
		r.t.Errorf("it answers again: %+v, %d left behind", s, r.leftIn("dead"))
	}
}

func anotherCopyIsServedWhileAStickHangs(r *rig, films map[string][]byte) {
	hangs, answer := r.hanging("a")
	r.put("a", "film.mp4", films["h264-aac"])
	r.put("b", "film.mp4", films["h264-aac"])
	r.start()
	r.plug("a")
	r.plug("b")
	r.settle(3 * time.Second)
	hangs.Store(true)
	for n, most := range []time.Duration{patience, 0, 0} {
		began := time.Now()
		if _, err := r.segment("film", n); err != nil || time.Since(began) > most {
			r.t.Errorf("segment %d: after %s, %v", n, time.Since(began), err)
		}
	}
	hangs.Store(false)
	close(answer)
	r.settle(time.Second)
}
