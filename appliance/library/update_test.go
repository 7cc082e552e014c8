package library

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func badIDs() []string {
	return []string{
		"", "../", "..", "%2e", "%2e%2e%2f", "ABCDEFGHIJKLMNOP", "abcdefghijklmno", "abcdefghijklmnop ", "abcdefghijklmno1", "abcdefghijklmno/",
		"abcdefghijklmnopq", "abcdefghijklmno\n", strings.Repeat("a", 255), "äbcdefghijklmnop", "../../../../etc/",
	}
}

func TestBadIDsAreRefused(t *testing.T) {
	l := open(t, Config{})
	for _, id := range badIDs() {
		if err := l.Update(id, true, func(*Record) { t.Errorf("%q is edited", id) }); !errors.Is(err, ErrUnknownTitle) {
			t.Errorf("update %q: %v", id, err)
		}
		if _, ok := l.Record(id); ok {
			t.Errorf("there is a record %q", id)
		}
		if _, err := l.Source(id, "video-00000000"); !errors.Is(err, ErrUnknownTitle) {
			t.Errorf("source of %q: %v", id, err)
		}
		if _, err := l.Thumbnail(id); !errors.Is(err, ErrUnknownTitle) {
			t.Errorf("thumbnail of %q: %v", id, err)
		}
		if err := l.SetThumbnail(id, []byte("\xff\xd8\xff")); !errors.Is(err, ErrUnknownTitle) {
			t.Errorf("set thumbnail of %q: %v", id, err)
		}
		if _, _, err := l.NewRendition(id, "video"); !errors.Is(err, ErrUnknownTitle) {
			t.Errorf("new rendition of %q: %v", id, err)
		}
		if err := l.Finished(id, Rendition{Name: "video-00000000"}); !errors.Is(err, ErrUnknownTitle) {
			t.Errorf("finished %q: %v", id, err)
		}
		if err := l.Drop(id, "video-00000000"); !errors.Is(err, ErrUnknownTitle) {
			t.Errorf("drop of %q: %v", id, err)
		}
		l.Watched(id)
		l.Attach(id, "video-00000000", NewFolder("x"))
	}
	if list, err := os.ReadDir(l.cfg.Dir); err != nil || len(list) != 0 {
		t.Errorf("something was written: %v %v", list, err)
	}
}

func TestStatesFollowTheSources(t *testing.T) {
	there := []Place{{Stick: "sda1", File: "a"}}
	done := []Rendition{{Name: "video-00000001", Complete: true, SegmentBytes: []int64{1}}}
	for name, test := range map[string]struct {
		before, after Record
		want          State
	}{
		"found":                          {Record{}, Record{Sources: there}, Checking},
		"found, and intake knows more":   {Record{}, Record{Sources: there, State: Copying}, Copying},
		"nowhere":                        {Record{}, Record{}, Unplugged},
		"a state without a place stands": {Record{}, Record{State: Queued}, Queued},
		"the last stick is pulled":       {Record{Sources: there, State: Converting}, Record{State: Converting}, Unplugged},
		"one of two is pulled":           {Record{Sources: append(there, there...), State: Ready}, Record{Sources: there, State: Ready}, Ready},
		"back, finished":                 {Record{State: Unplugged}, Record{Sources: there, State: Unplugged, Renditions: done}, Ready},
		"back, unfinished":               {Record{State: Unplugged}, Record{Sources: there, State: Unplugged}, Checking},
		"back, and never playable":       {Record{State: Unplugged}, Record{Sources: there, State: Unplugged, How: None}, Unplayable},
	} {
		t.Run(name, func(t *testing.T) {
			settleState(&test.after, &test.before, func(Rendition) bool { return true })
			if test.after.State != test.want {
				t.Errorf("%s, not %s", test.after.State, test.want)
			}
		})
	}
}

func TestABadEditChangesNothing(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	before, beforeFile := l.Titles(Query{}), readTitle(t, l, id)
	for name, edit := range map[string]func(*Record){
		"a rendition with a path":  func(r *Record) { r.Renditions = []Rendition{{Name: "../../x-00000001"}} },
		"a rendition twice":        func(r *Record) { r.Renditions = []Rendition{{Name: "v-00000001"}, {Name: "v-00000001"}} },
		"a probe that is not JSON": func(r *Record) { r.Media = json.RawMessage(`{"a":`) },
		"a reason that is no JSON": func(r *Record) { r.Reason = &Reason{Parameters: map[string]any{"x": math.NaN()}} },
	} {
		t.Run(name, func(t *testing.T) {
			if err := l.Update(id, false, func(r *Record) { r.Name = "Changed"; edit(r) }); err == nil {
				t.Error("it is accepted")
			}
			after := l.Titles(Query{})
			if after.Revision != before.Revision || after.Titles[0].Title != "Film" || readTitle(t, l, id)["title"] != beforeFile["title"] {
				t.Errorf("it changed something: %+v", after)
			}
		})
	}
	if err := l.Update(testID(2), false, func(r *Record) { r.Media = json.RawMessage(`}`) }); err == nil || len(l.Records()) != 1 {
		t.Errorf("a refused title is there: %v", err)
	}
}

func TestNumbersStayInTheirRange(t *testing.T) {
	l := open(t, Config{})
	id := testID(1)
	update(t, l, id, func(r *Record) {
		r.ID, r.Schema = "someone else", 99
		r.How, r.State = Convert, Converting
		r.Progress, r.SecondsLeft, r.DurationSeconds, r.Width = math.Inf(1), math.NaN(), -5, -1
		r.Renditions = []Rendition{{Name: "v-00000001", DurationSeconds: math.NaN(), TotalBytes: -1}}
	})
	title, _ := l.Title(id)
	if title.Progress != 1 || title.SecondsLeft != 0 || title.DurationSeconds != 0 || title.Width != 0 {
		t.Errorf("%+v", title)
	}
	if _, err := json.Marshal(l.Records()); err != nil {
		t.Error(err)
	}
	if rec, _ := l.Record(id); rec.ID != id || rec.Schema != Schema {
		t.Errorf("%+v", rec)
	}
}

func TestOnlyProbedTitlesHaveAFile(t *testing.T) {
	l := open(t, Config{})
	id := testID(1)
	update(t, l, id, func(r *Record) { r.Name, r.Sources = "x", []Place{{Stick: "sda1"}} })
	if exists(filepath.Join(l.cfg.Dir, id)) {
		t.Error("a title that is only being checked has a folder")
	}
	if title, _ := l.Title(id); title.State != Checking {
		t.Errorf("%+v", title)
	}
	update(t, l, id, func(r *Record) { r.How = Direct })
	if got := readTitle(t, l, id); got["how"] != "direct" || got["schema"] != 1.0 {
		t.Errorf("%v", got)
	}
}

func TestProgressWritesNothingAndIsShownSeldom(t *testing.T) {
	clock := time.Unix(1000, 0)
	l := open(t, Config{Now: func() time.Time { return clock }})
	id := add(t, l, 1, "Film")
	name, dir, err := l.NewRendition(id, "video")
	if err != nil {
		t.Fatal(err)
	}
	if exists(dir) || !exists(filepath.Dir(dir)) {
		t.Error("the folder is the caller's to make, the one above is not")
	}
	update(t, l, id, func(r *Record) { r.State, r.Renditions = Converting, []Rendition{{Name: name}} })
	if title, _ := l.Title(id); title.Playable || title.Playlist != "" {
		t.Errorf("playable without a segment: %+v", title)
	}
	file := filepath.Join(l.cfg.Dir, id, titleFile)
	if err := os.Remove(file); err != nil { // if it comes back, it was written
		t.Fatal(err)
	}
	grow := func(progress float64, segments int) {
		t.Helper()
		update(t, l, id, func(r *Record) {
			r.Progress, r.SecondsLeft = progress, 100*(1-progress)
			r.Renditions[0].SegmentBytes = make([]int64, segments)
			r.Renditions[0].TotalBytes = int64(segments)
		})
	}
	start := l.Titles(Query{}).Revision
	grow(0.001, 1)
	if title, _ := l.Title(id); !title.Playable || !strings.Contains(title.Playlist, name) {
		t.Errorf("the first segment does not make it playable at once: %+v", title)
	}
	for i := range 1000 { // 10 s of a caller that reports every 10 ms
		clock = clock.Add(10 * time.Millisecond)
		grow(0.002+float64(i)/2000, 2+i/100)
	}
	bumps := l.Titles(Query{}).Revision - start
	if bumps < 15 || bumps > 22 {
		t.Errorf("%d revisions in 10 s", bumps)
	}
	if exists(file) {
		t.Error("progress was written to the disk")
	}
	grow(0.9, 12)
	clock = clock.Add(showEvery)
	l.settle()
	if title, _ := l.Title(id); title.Progress != 0.9 {
		t.Errorf("the last progress is never shown: %v", title.Progress)
	}
	revision := l.Titles(Query{}).Revision
	grow(0.9, 13)
	if l.Titles(Query{}).Revision != revision {
		t.Error("a change that nobody sees has a revision")
	}
	update(t, l, id, func(r *Record) { r.State = Blocked })
	if title, _ := l.Title(id); title.State != Blocked {
		t.Error("a state waits behind the progress")
	}
}

func TestAWriteThatFailsIsTriedAgain(t *testing.T) {
	l := open(t, Config{})
	id := testID(1)
	folder := filepath.Join(l.cfg.Dir, id)
	put(t, folder, "a file where the folder should be")
	edit := func(r *Record) { r.Name, r.How = "Film", Direct }
	if err := l.Update(id, false, edit); err == nil {
		t.Fatal("no error")
	}
	if title, ok := l.Title(id); !ok || title.Title != "Film" {
		t.Error("a disk that refuses hides the title")
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	update(t, l, id, edit)
	if readTitle(t, l, id)["title"] != "Film" {
		t.Error("it was not written")
	}
}

func TestModesOfFiles(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	if err := l.SetThumbnail(id, []byte("\xff\xd8\xff")); err != nil {
		t.Fatal(err)
	}
	finish(t, l, id, "a")
	for _, name := range []string{titleFile, thumbnailFile} {
		info, err := os.Stat(filepath.Join(l.cfg.Dir, id, name))
		if err != nil || info.Mode().Perm()&^0o644 != 0 || info.Mode().Perm()&0o600 != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	list, err := os.ReadDir(filepath.Join(l.cfg.Dir, id))
	if err != nil || len(list) != 3 {
		t.Errorf("something is left over: %v %v", list, err)
	}
}

func TestReadersAndWritersAtOnce(t *testing.T) {
	l := open(t, Config{})
	changes, cancel := l.Subscribe()
	defer cancel()
	var work sync.WaitGroup
	for worker := range 4 {
		work.Go(func() {
			for i := range 40 {
				id := testID(i % 20)
				err := l.Update(id, i%10 == 0, func(r *Record) {
					r.Name, r.How, r.State = fmt.Sprint("Film ", i%20), Convert, Queued
					r.Sources = []Place{{Stick: fmt.Sprint("sd", worker), File: "f"}}
					r.QueueNumber++
				})
				if err != nil {
					t.Error(err)
				}
				if i%8 == worker {
					name, dir, err := l.NewRendition(id, "video")
					if err != nil {
						t.Error(err)
						continue
					}
					if err := l.Finished(id, writeRendition(t, filepath.Dir(dir), name, "a", "b")); err != nil {
						t.Error(err)
					}
				}
			}
		})
		work.Go(func() {
			for i := range 200 {
				p := l.Titles(Query{Limit: 5, Search: "film", Since: l.base})
				if p.Reset || len(p.Titles) > 5 {
					t.Errorf("%+v", p)
				}
				for _, title := range p.Titles {
					if title.ID == "" || title.Title == "" {
						t.Errorf("a title half-made: %+v", title)
					}
				}
				l.Records()
				l.Watched(testID(i % 20))
				l.settle()
				l.Storage()
			}
		})
	}
	work.Wait()
	select {
	case <-changes:
	default:
		t.Error("nobody was told")
	}
	// What is on the disk is what is in memory.
	again := open(t, Config{Dir: l.cfg.Dir})
	for _, want := range l.Records() {
		got, ok := again.Record(want.ID)
		if !ok || got.QueueNumber != want.QueueNumber || len(got.Renditions) != len(want.Renditions) {
			t.Errorf("%+v\nis kept as\n%+v", want, got)
		}
	}
	o := again.orders["folder"]
	if !slices.IsSortedFunc(o.list, func(a, b *entry) int { return o.by(a.key, b.key) }) {
		t.Error("not sorted")
	}
}
