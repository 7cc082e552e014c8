package intake

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
)

// hangingTree can be listed and looked at, but a file that is opened or a stick that is asked hangs.
type hangingTree struct {
	tree
	hangs  func(name string) bool
	answer chan struct{}
}

func (h hangingTree) Open(name string) (*os.File, error) {
	if h.hangs(name) {
		<-h.answer
	}
	return h.tree.Open(name)
}

func TestAStickThatHangsWhileItIsReadHoldsNobodyUp(t *testing.T) {
	for _, at := range []string{"probe", "convert", "remux", "folder"} {
		t.Run(at, func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				answer := make(chan struct{})
				hung := false
				for i := range 5 { // more than there are workers
					s := spec{Name: fmt.Sprint("x", i), Seconds: 20}
					switch at {
					case "convert":
						s.Codec = "mpeg4"
					case "probe":
						s.Slow = 3
					}
					if at == "folder" {
						r.readyFolder("dead", fmt.Sprint("x", i), true)
					} else {
						r.put("dead", s.Name+".avi", content(s))
					}
				}
				r.put("fine", "y.mp4", content(spec{Name: "y", Seconds: 8}))
				r.put("fine", "z.avi", content(spec{Name: "z", Seconds: 8, Codec: "mpeg4"}))
				r.readyFolder("fine", "w", true)
				r.wrap = func(inner tree) tree {
					if !strings.HasSuffix(inner.(*rootTree).root.Name(), "dead") {
						return inner
					}
					return hangingTree{inner, func(string) bool { r.openMu.Lock(); defer r.openMu.Unlock(); return hung }, answer}
				}
				r.start()
				r.plug("dead")
				if at == "folder" {
					r.sticks[0].ReadOnly = true
				}
				r.settle(1500 * time.Millisecond)
				r.openMu.Lock()
				hung = true
				r.openMu.Unlock()
				if at == "folder" {
					r.in.mu.Lock()
					for _, f := range r.in.films {
						r.in.restart(f)
					}
					r.in.mu.Unlock()
				}
				r.settle(500 * time.Millisecond)
				r.plug("fine")
				r.settle(40 * time.Second)
				for _, name := range []string{"y", "z", "w"} {
					r.want(name, library.Ready)
				}
				if s := r.stick("dead"); s.State != library.StickUnreadable || s.Reason.Code != CodeStickSilent {
					t.Errorf("%+v", s)
				}
				blocked := 0
				for name, title := range r.titles() {
					if title.State == library.Blocked && title.Reason.Code == CodeStickSilent {
						blocked++
					} else if title.State != library.Ready {
						t.Errorf("%s is %s: %v", name, title.State, title.Reason)
					}
				}
				if blocked == 0 || r.in.Working() {
					t.Errorf("%d blocked, working %v", blocked, r.in.Working())
				}
				if n := r.in.leftBehind.Load(); n == 0 || n > 5 {
					t.Errorf("%d left behind", n)
				}
				r.openMu.Lock()
				hung = false
				r.openMu.Unlock()
				close(answer)
				r.settle(4 * time.Minute)
				for name, title := range r.titles() {
					if title.State != library.Ready {
						t.Errorf("%s is %s: %v", name, title.State, title.Reason)
					}
				}
				if n := r.in.leftBehind.Load(); n != 0 {
					t.Errorf("%d still left behind", n)
				}
				if left := r.halfWritten(); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
				if s := r.stick("dead"); s.State != library.StickReady {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

func TestAnotherCopyIsReadWhenAStickHangs(t *testing.T) {
	inBox(t, func(r *rig) {
		answer := make(chan struct{})
		r.put("a", "film.avi", content(spec{Name: "film", Seconds: 40, Codec: "mpeg4"}))
		r.put("b", "film.avi", content(spec{Name: "film", Seconds: 40, Codec: "mpeg4"}))
		hung := false
		r.start()
		open := r.in.openTree
		r.in.mu.Lock()
		r.in.openTree = func(s usb.Stick) (tree, error) {
			inner, err := open(s)
			if err != nil || s.ID != "a" {
				return inner, err
			}
			return hangingTree{inner, func(string) bool { r.openMu.Lock(); defer r.openMu.Unlock(); return hung }, answer}, nil
		}
		r.in.mu.Unlock()
		r.plug("a")
		r.plug("b")
		r.settle(4 * time.Second)
		r.openMu.Lock()
		hung = true
		r.openMu.Unlock()
		r.settle(time.Minute)
		r.want("film", library.Ready)
		close(answer)
		r.settle(10 * time.Second)
	})
}
