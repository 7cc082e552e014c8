package intake

import (
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// failingTree is a stick whose device goes: after some calls everything is EIO.
type failingTree struct {
	tree
	left *atomic.Int64
	err  error
	only string // fails for names with this alone; "" all
}

func (f failingTree) fail(name string) error {
	if f.only != "" && !strings.Contains(name, f.only) {
		return nil
	}
	if f.left.Add(-1) < 0 {
		return &fs.PathError{Op: "read", Path: name, Err: f.err}
	}
	return nil
}

func (f failingTree) OpenDir(name string) (dir, error) {
	if err := f.fail(name); err != nil {
		return nil, err
	}
	return f.tree.OpenDir(name)
}

func (f failingTree) Open(name string) (*os.File, error) {
	if err := f.fail(name); err != nil {
		return nil, err
	}
	return f.tree.Open(name)
}

func (f failingTree) Lstat(name string) (fs.FileInfo, error) {
	if err := f.fail(name); err != nil {
		return nil, err
	}
	return f.tree.Lstat(name)
}

func TestADeviceErrorEndsAWalkWithASentence(t *testing.T) {
	for _, calls := range []int{0, 1, 3, 5, 8, 12, 17} {
		t.Run(fmt.Sprint("after calls: ", calls), func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				for i := range 6 {
					r.put("s", fmt.Sprintf("folder %d/%d.mp4", i, i), content(spec{Name: fmt.Sprint(i), Seconds: 4}))
				}
				var left atomic.Int64
				left.Store(int64(calls))
				r.wrap = func(inner tree) tree { return failingTree{tree: inner, left: &left, err: syscall.EIO} }
				r.start()
				r.plug("s")
				r.settle(8 * time.Second)
				s := r.stick("s")
				if s.Reason == nil || s.State == library.StickReady && s.Titles == 0 {
					t.Errorf("no sentence: %+v", s)
				}
				for _, title := range r.titles() {
					if title.State == library.Unplayable {
						t.Errorf("%s condemned for its stick: %+v", title.Title, title.Reason)
					}
				}
				left.Store(1 << 40) // it was the cable
				r.settle(10 * time.Second)
				if err := r.in.Rescan(); err != nil {
					t.Fatal(err)
				}
				r.settle(40 * time.Second)
				for i := range 6 {
					r.want(fmt.Sprint(i), library.Ready)
				}
				if s := r.stick("s"); s.State != library.StickReady || s.Reason != nil {
					t.Errorf("still: %+v", s)
				}
			})
		})
	}
}

func TestOneBrokenFolderHidesNothingElse(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "broken/x.mp4", content(spec{Name: "x"}))
		r.put("s", "fine/y.mp4", content(spec{Name: "y"}))
		var left atomic.Int64
		r.wrap = func(inner tree) tree { return failingTree{tree: inner, left: &left, err: syscall.EIO, only: "broken"} }
		r.start()
		r.plug("s")
		r.settle(20 * time.Second)
		r.want("y", library.Ready)
		if s := r.stick("s"); s.State != library.StickReady || s.Reason == nil || s.Reason.Code != CodeStickPartly || s.IgnoredFiles["unreadable"] != 1 {
			t.Errorf("%+v %+v", s, s.Reason)
		}
	})
}

// silentTree does not answer, as a stick in the state D does.
type silentTree struct {
	tree
	answer chan struct{}
}

func (s silentTree) OpenDir(name string) (dir, error) {
	<-s.answer
	return s.tree.OpenDir(name)
}

func TestAStickThatDoesNotAnswerHoldsNobodyUp(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		answer := make(chan struct{})
		r.put("dead", "x.mp4", content(spec{Name: "x"}))
		r.put("fine", "y.mp4", content(spec{Name: "y"}))
		r.wrap = func(inner tree) tree {
			if strings.HasSuffix(inner.(*rootTree).root.Name(), "dead") {
				return silentTree{inner, answer}
			}
			return inner
		}
		r.start()
		r.plug("dead")
		r.plug("fine")
		r.settle(20 * time.Second)
		r.want("y", library.Ready)
		if s := r.stick("dead"); s.State != library.StickUnreadable || s.Reason.Code != CodeStickSilent {
			t.Errorf("%+v", s)
		}
		close(answer)
		r.settle(20 * time.Second)
		r.want("x", library.Ready)
		if s := r.stick("dead"); s.State != library.StickReady {
			t.Errorf("%+v", s)
		}
	})
}
