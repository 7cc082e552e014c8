package intake

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"streambox.local/appliance/library"
)

// openedTree gives other files than are asked for.
type openedTree struct {
	tree
	open func(name string) (*os.File, error)
}

func (o openedTree) Open(name string) (*os.File, error) { return o.open(name) }

// rewrite changes bytes of a file of a stick, and nothing that is listed of it.
func (r *rig) rewrite(stick, name string, at int, film []byte) {
	r.t.Helper()
	full := filepath.Join(r.dir, "sticks", stick, name)
	info, err := os.Stat(full)
	if err == nil {
		err = errors.Join(os.WriteFile(full, damagedAt(film, at), 0o600), os.Chtimes(full, info.ModTime(), info.ModTime()))
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// unsampled is a place in a real film where no identity looks, in segment 2.
func unsampled(film []byte) int { return len(film) * 9 / 20 }

func damagedAt(film []byte, at int) []byte {
	film = bytes.Clone(film)
	copy(film[at:], bytes.Repeat([]byte{0xff}, 3000))
	return film
}

// all reads every segment of a film anew.
func (r *rig) all(title library.Title) []string {
	r.t.Helper()
	r.in.cfg.Segments.Forget(title.ID + "/" + strings.Split(title.Playlist, "/")[3])
	var segments []string
	for n := range 20 {
		data, err := r.segment("film", n)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err != nil {
			r.t.Errorf("segment %d: %v", n, err)
		}
		segments = append(segments, data)
	}
	return segments
}

// unharmed checks that a film is what it was, and nothing was found out about it.
func (r *rig) unharmed(title library.Title, want []string) {
	r.t.Helper()
	if got := r.all(title); strings.Join(got, "") != strings.Join(want, "") {
		r.t.Error("not the same bytes")
	}
	r.settle(3 * time.Second)
	again := r.want("film", library.Ready)
	if rec, _ := r.lib.Record(title.ID); len(rec.Failed) > 0 || rec.Edition > 0 || again.Playlist != title.Playlist || len(r.jobs()) > 0 {
		r.t.Errorf("failed: %v, edition %d, %s was %s, jobs %v", rec.Failed, rec.Edition, again.Playlist, title.Playlist, r.jobs())
	}
}

func anUnreadableCopyHidesNoGoodOne(r *rig, films map[string][]byte) {
	var broken atomic.Bool
	r.wrap = func(inner tree) tree {
		root := inner.(*rootTree).root
		return openedTree{inner, func(name string) (*os.File, error) {
			if broken.Load() && filepath.Base(root.Name()) == "a" {
				return root.OpenFile(name, os.O_WRONLY, 0) // every read of it is an error
			}
			return inner.Open(name)
		}}
	}
	r.put("a", "film.mp4", films["h264-aac"])
	r.put("b", "film.mp4", films["h264-aac"])
	r.start()
	r.plug("a")
	r.plug("b")
	r.settle(3 * time.Second)
	title := r.want("film", library.Ready)
	broken.Store(true) // also when its index is read
	want := r.all(title)
	broken.Store(false)
	r.unharmed(title, want)
	r.pull("b")
	r.settle(3 * time.Second)
	broken.Store(true)
	r.in.cfg.Segments.Forget(title.ID + "/" + strings.Split(title.Playlist, "/")[3])
	if _, err := r.segment("film", 1); !errors.Is(err, library.ErrUnreadable) {
		r.t.Errorf("no copy can be read, and the player is told: %v", err)
	}
}

func oneDamagedCopyIsNoVerdict(r *rig, films map[string][]byte) {
	film := films["h264-aac"]
	r.put("a", "film.mp4", film)
	r.put("b", "film.mp4", film)
	r.start()
	r.plug("a")
	r.plug("b")
	r.settle(3 * time.Second)
	title := r.want("film", library.Ready)
	want := r.all(title)
	r.rewrite("a", "film.mp4", unsampled(film), film)
	r.unharmed(title, want)
	if !strings.Contains(r.log.String(), "second try") {
		r.t.Errorf("the damaged copy was never read: this tests nothing; log:\n%s", r.log)
	}
}

func oneBadReadIsNoVerdict(r *rig, films map[string][]byte) {
	film := films["h264-aac"]
	var bad atomic.Bool
	r.wrap = func(inner tree) tree {
		return openedTree{inner, func(name string) (*os.File, error) {
			if bad.Swap(false) {
				return inner.Open("bad.part")
			}
			return inner.Open(name)
		}}
	}
	at := len(film) * 5 / 8
	r.put("a", "film.mp4", film)
	r.put("a", "bad.part", damagedAt(film, at))
	when := time.Now().Add(-time.Hour)
	r.touch("a", "film.mp4", when)
	r.touch("a", "bad.part", when)
	title := r.plugged()
	want := r.all(title)
	for n := range want {
		r.in.cfg.Segments.Forget(title.ID + "/" + strings.Split(title.Playlist, "/")[3])
		bad.Store(true)
		if got, err := r.segment("film", n); err != nil || got != want[n] {
			r.t.Errorf("segment %d: %v", n, err)
		}
	}
	bad.Store(false)
	r.unharmed(title, want)
	if n := strings.Count(r.log.String(), "second try"); n == 0 {
		r.t.Error("nothing was read badly: this tests nothing")
	}
}

func aFileThatBecameAnotherIsMetAsOne(r *rig, films map[string][]byte) {
	film := films["h264-aac"]
	r.put("a", "film.mp4", film)
	title := r.plugged()
	want := r.all(title)
	r.rewrite("a", "film.mp4", len(film)/2, film) // where identity looks
	r.in.cfg.Segments.Forget(title.ID + "/" + strings.Split(title.Playlist, "/")[3])
	refused := false
	for n := range want {
		got, err := r.segment("film", n)
		if err == nil && got != want[n] {
			r.t.Errorf("segment %d has other bytes under the same address", n)
		}
		if refused = err != nil; refused {
			if !errors.Is(err, library.ErrNotYet) {
				r.t.Errorf("segment %d: %v", n, err)
			}
			break
		}
	}
	r.settle(10 * time.Second)
	if again := r.title("film"); !refused || again.ID == title.ID {
		r.t.Errorf("refused: %v, and it is still %s", refused, again.ID)
	}
}
