package library

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// start runs the library inside a bubble; the returned function ends it and waits.
func start(t *testing.T, l *Library) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- l.Run(ctx) }()
	return func() {
		t.Helper()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// wait lets time pass in a bubble, a moment beyond d.
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	select {
	case <-time.After(d + time.Millisecond):
	case <-t.Context().Done():
		t.Fatal("the test has ended")
	}
	synctest.Wait()
}

func TestUnpluggedTitlesLeaveAndComeBack(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, Config{Dir: dir})
		finished, checking, stays := add(t, l, 1, "finished"), testID(2), add(t, l, 3, "stays")
		r := finish(t, l, finished, "a", "b")
		update(t, l, checking, func(r *Record) { r.Name, r.Sources = "checking", []Place{{Stick: "sda1", Folder: "Shelf"}} })
		stop := start(t, l)
		update(t, l, finished, func(r *Record) { r.Sources = nil })
		wait(t, 5*time.Minute)
		update(t, l, checking, func(r *Record) { r.Sources = nil })
		if got := l.Titles(Query{Folder: "Shelf"}); got.Total != 1 || got.Titles[0].State != Unplugged {
			t.Errorf("a pulled stick's title has left its shelf: %+v", got)
		}
		revision := l.Titles(Query{}).Revision
		wait(t, 5*time.Minute-time.Second)
		if got := l.Titles(Query{}).Total; got != 3 {
			t.Errorf("%d titles before the time is over", got)
		}
		wait(t, time.Second)
		p := l.Titles(Query{Since: revision})
		if !slices.Equal(p.Removed, []string{finished}) || l.Titles(Query{}).Total != 2 {
			t.Errorf("%+v", p)
		}
		if title, ok := l.Title(finished); !ok || !title.Playable || title.State != Unplugged {
			t.Errorf("who watches is cut off: %+v", title)
		}
		if s, err := l.Source(finished, r.Name); err != nil {
			t.Error(err)
		} else if _, err := s.Playlist(t.Context()); err != nil {
			t.Error(err)
		}
		wait(t, 5*time.Minute)
		if _, ok := l.Record(checking); ok {
			t.Error("what was never probed is remembered for ever")
		}
		if got := ids(l.Titles(Query{})); !slices.Equal(got, []string{stays}) {
			t.Errorf("%v", got)
		}
		revision = l.Titles(Query{}).Revision
		update(t, l, finished, func(r *Record) { r.Sources = []Place{{Stick: "sdb1", File: "finished.mkv"}} })
		p = l.Titles(Query{Since: revision})
		if len(p.Titles) != 1 || p.Titles[0].State != Ready || len(p.Removed) != 0 || p.Titles[0].Sources[0].Stick != "sdb1" {
			t.Errorf("the stick is back: %+v", p)
		}
		wait(t, time.Hour)
		if got := l.Titles(Query{}).Total; got != 2 {
			t.Errorf("%d titles: one left though its stick is plugged", got)
		}
		stop()
	})
}

func TestTitlesOfAnEarlierRunWaitForTheirStick(t *testing.T) {
	dir := t.TempDir()
	add(t, open(t, Config{Dir: dir}), 1, "film")
	l := open(t, Config{Dir: dir})
	if p := l.Titles(Query{}); p.Total != 0 || len(p.Titles) != 0 {
		t.Errorf("listed before its stick is there: %+v", p)
	}
	update(t, l, testID(1), func(r *Record) { r.Name = "renamed" })
	if p := l.Titles(Query{}); p.Total != 0 {
		t.Errorf("it comes back without its stick: %+v", p)
	}
	plugAll(t, l)
	if p := l.Titles(Query{}); p.Total != 1 || p.Titles[0].Title != "renamed" {
		t.Errorf("its stick is there, it is not: %+v", p)
	}
}

func TestRunShowsProgressThatWasHeldBack(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, Config{Dir: dir})
		id := add(t, l, 1, "film")
		stop := start(t, l)
		for _, progress := range []float64{0.1, 0.2, 0.3} {
			update(t, l, id, func(r *Record) { r.State, r.Progress = Converting, progress })
		}
		changes, cancel := l.Subscribe()
		defer cancel()
		if title, _ := l.Title(id); title.Progress != 0.1 {
			t.Errorf("%v", title.Progress)
		}
		wait(t, showEvery)
		if title, _ := l.Title(id); title.Progress != 0.3 {
			t.Errorf("%v", title.Progress)
		}
		select {
		case <-changes:
		default:
			t.Error("nobody is told")
		}
		stop()
	})
}

func TestWatchedIsKeptAndWrittenSeldom(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		l := open(t, Config{Dir: dir})
		a, b := add(t, l, 1, "a"), add(t, l, 2, "b")
		stop := start(t, l)
		for range 100 { // two phones, each with its own film, for 10 min
			l.Watched(a)
			l.Watched(b)
			wait(t, 6*time.Second)
		}
		number := func(id string) uint64 {
			rec, _ := l.Record(id)
			return rec.WatchedNumber
		}
		if number(a) >= number(b) || number(b) > 4 {
			t.Errorf("a %d, b %d", number(a), number(b))
		}
		wait(t, time.Hour)
		l.Watched(a)
		stop()
		if got := readTitle(t, l, a)["watchedNumber"]; got != float64(number(a)) || number(a) <= number(b) {
			t.Errorf("kept: %v, a %d, b %d", got, number(a), number(b))
		}
		l = open(t, Config{Dir: dir})
		before := number(a)
		l.Watched(b)
		if number(b) <= before {
			t.Errorf("after a restart the counter begins anew: %d, %d", number(b), before)
		}
	})
}

func TestSubscribers(t *testing.T) {
	l := open(t, Config{})
	a, cancelA := l.Subscribe()
	b, cancelB := l.Subscribe()
	defer cancelB()
	told := func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	}
	for range 3 {
		add(t, l, 1, "film")
	}
	if !told(a) || told(a) || !told(b) {
		t.Error("many changes are not told once to each")
	}
	add(t, l, 1, "film")
	if told(a) {
		t.Error("told though nothing changed")
	}
	problem := Problem{Code: "disk_full", Text: "The box is full.", Parameters: map[string]any{"free": 1}}
	sticks := []Stick{{ID: "sda1", IgnoredFiles: map[string]int{"audio": 1}}}
	for name, change := range map[string]func(){
		"a stick":           func() { l.SetSticks(sticks) },
		"a problem":         func() { l.SetProblem("disk_full", &problem) },
		"a problem cleared": func() { l.SetProblem("disk_full", nil) },
		"a title":           func() { add(t, l, 2, "other") },
	} {
		if name == "a problem cleared" {
			l.SetProblem("disk_full", &problem)
			told(a)
		}
		change()
		first := told(a)
		change()
		if !first || told(a) {
			t.Errorf("%s: told %v, and then again though nothing changed", name, first)
		}
	}
	l.SetSticks(nil)
	cancelA()
	cancelA()
	told(a)
	l.SetSticks(sticks)
	if told(a) {
		t.Error("told after the end")
	}
}

func TestSticksAndProblemsAreCopies(t *testing.T) {
	l := open(t, Config{})
	sticks := []Stick{{ID: "sda1", IgnoredFiles: map[string]int{"audio": 1}, Reason: &Reason{Code: "a"}}}
	problem := Problem{Code: "b", Parameters: map[string]any{"x": 1}}
	l.SetSticks(sticks)
	l.SetProblem("b", &problem)
	l.SetProblem("a", &Problem{Code: "a"})
	sticks[0].IgnoredFiles["audio"], sticks[0].Reason.Code, problem.Parameters["x"] = 2, "z", 2
	l.Sticks()[0].IgnoredFiles["audio"], l.Problems()[1].Parameters["x"] = 3, 3
	if s := l.Sticks()[0]; s.IgnoredFiles["audio"] != 1 || s.Reason.Code != "a" {
		t.Errorf("%+v", s)
	}
	if p := l.Problems(); len(p) != 2 || p[0].Code != "a" || p[1].Parameters["x"] != 1 {
		t.Errorf("%+v", p)
	}
}
