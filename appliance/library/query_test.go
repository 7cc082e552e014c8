package library

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func addAt(tb testing.TB, l *Library, n int, folder, file string, seconds float64) string {
	tb.Helper()
	id := testID(n)
	update(tb, l, id, func(r *Record) {
		r.Name, r.How, r.State, r.DurationSeconds = file, Direct, Ready, seconds
		r.Sources = []Place{{Stick: "sda1", Folder: folder, File: file}}
	})
	return id
}

func shelves(tb testing.TB) *Library {
	tb.Helper()
	l := open(tb, Config{})
	addAt(tb, l, 1, "Shows/Season 10", "Episode 1", 60)
	addAt(tb, l, 2, "Shows/Season 2", "Episode 10", 50)
	addAt(tb, l, 3, "Shows/Season 2", "Épisode 9", 40)
	addAt(tb, l, 4, "", "zebra", 30)
	addAt(tb, l, 5, "", "Ape", 20)
	addAt(tb, l, 6, "Shows", "Making of", 10)
	return l
}

func TestQueries(t *testing.T) {
	l := shelves(t)
	for name, test := range map[string]struct {
		query Query
		want  string
		total int
	}{
		"folders in natural order":               {Query{}, "Ape zebra Making-of Épisode-9 Episode-10 Episode-1", 6},
		"an unknown sort is that of folders":     {Query{Sort: "shoe size"}, "Ape zebra Making-of Épisode-9 Episode-10 Episode-1", 6},
		"by title":                               {Query{Sort: "title"}, "Ape Episode-1 Épisode-9 Episode-10 Making-of zebra", 6},
		"shortest first":                         {Query{Sort: "duration"}, "Making-of Ape zebra Épisode-9 Episode-10 Episode-1", 6},
		"newest first":                           {Query{Sort: "added"}, "Making-of Ape zebra Épisode-9 Episode-10 Episode-1", 6},
		"a folder and below":                     {Query{Folder: "Shows"}, "Making-of Épisode-9 Episode-10 Episode-1", 4},
		"a folder inside":                        {Query{Folder: "Shows/Season 2"}, "Épisode-9 Episode-10", 2},
		"the start of a folder's name is not it": {Query{Folder: "Show"}, "", 0},
		"search in titles":                       {Query{Search: "EPISODE"}, "Épisode-9 Episode-10 Episode-1", 3},
		"search in folders and titles":           {Query{Search: "2 episode season"}, "Épisode-9 Episode-10", 2},
		"search and folder":                      {Query{Search: "1", Folder: "Shows/Season 10"}, "Episode-1", 1},
		"a page":                                 {Query{Limit: 2}, "Ape zebra", 6},
		"a page of a search":                     {Query{Limit: 1, Search: "episode"}, "Épisode-9", 3},
		"the page after":                         {Query{Limit: 2, After: testID(4)}, "Making-of Épisode-9", 6},
		"the last page":                          {Query{Limit: 2, After: testID(2)}, "Episode-1", 6},
		"the page after a search's":              {Query{Limit: 9, After: testID(3), Search: "episode"}, "Episode-10 Episode-1", 3},
		"after the last":                         {Query{After: testID(1)}, "", 6},
	} {
		t.Run(name, func(t *testing.T) {
			p := l.Titles(test.query)
			var got []string
			for _, name := range names(p) {
				got = append(got, strings.ReplaceAll(name, " ", "-"))
			}
			if strings.Join(got, " ") != test.want || p.Total != test.total || p.Reset {
				t.Errorf("%v of %d, reset %v", got, p.Total, p.Reset)
			}
			if more := p.Next != ""; more != (test.query.Limit == 2 && len(got) == 2 || test.query.Limit == 1) {
				t.Errorf("next is %q", p.Next)
			}
		})
	}
}

func TestBadQueriesAreHarmless(t *testing.T) {
	l := shelves(t)
	for _, id := range []string{"../", "%2e", "ABCDEFGHIJKLMNOP", strings.Repeat("a", 255), testID(99)} {
		if p := l.Titles(Query{After: id}); !p.Reset || p.Total != 6 {
			t.Errorf("after=%q: %+v", id, p)
		}
		if _, ok := l.Title(id); ok {
			t.Errorf("there is a title %q", id)
		}
	}
	for _, limit := range []int{-1, 0, 201, 1 << 30} {
		if p := l.Titles(Query{Limit: limit}); len(p.Titles) != 6 {
			t.Errorf("limit=%d: %d titles", limit, len(p.Titles))
		}
	}
	for _, folder := range []string{"..", "/", "Shows/", "\x00"} {
		if p := l.Titles(Query{Folder: folder}); p.Total != 0 {
			t.Errorf("folder=%q: %d titles", folder, p.Total)
		}
	}
}

func TestNoNullInJSON(t *testing.T) {
	l := open(t, Config{})
	empty, err := json.Marshal(l.Titles(Query{}))
	if err != nil {
		t.Fatal(err)
	}
	update(t, l, testID(1), func(r *Record) { r.Name = "bare" })
	l.SetSticks([]Stick{{ID: "sda1"}})
	full, err := json.Marshal([]any{l.Titles(Query{}), l.Sticks(), l.Problems(), l.Titles(Query{Since: l.base})})
	if err != nil {
		t.Fatal(err)
	}
	for _, data := range [][]byte{empty, full} {
		if strings.Contains(string(data), "null") {
			t.Errorf("null is no list: %s", data)
		}
	}
}

func TestSince(t *testing.T) {
	clock := time.Unix(0, 0)
	l := open(t, Config{Now: func() time.Time { return clock }})
	for n := range 6 {
		addAt(t, l, n, "F", fmt.Sprint("film ", n), 1)
	}
	start := l.Titles(Query{}).Revision
	if p := l.Titles(Query{Since: start}); len(p.Titles) != 0 || len(p.Removed) != 0 || p.Reset || p.Revision != start {
		t.Errorf("nothing changed: %+v", p)
	}
	update(t, l, testID(1), func(r *Record) { r.Name = "film 1b" })
	update(t, l, testID(2), func(r *Record) { r.Sources = nil })
	update(t, l, testID(3), func(r *Record) { r.Sources = nil })
	p := l.Titles(Query{Since: start})
	if !slices.Equal(ids(p), []string{testID(1), testID(2), testID(3)}) || p.Total != 3 {
		t.Errorf("three changed: %v", ids(p))
	}
	clock = clock.Add(keepUnplugged)
	l.settle()
	p = l.Titles(Query{Since: start})
	gone := []string{testID(2), testID(3)}
	slices.Sort(gone)
	if !slices.Equal(ids(p), []string{testID(1)}) || !slices.Equal(p.Removed, gone) {
		t.Errorf("two left: %v, removed %v", ids(p), p.Removed)
	}
	if again := l.Titles(Query{Since: p.Revision}); len(again.Removed)+len(again.Titles) != 0 {
		t.Errorf("said twice: %+v", again)
	}
	addAt(t, l, 2, "F", "film 2", 1)
	p = l.Titles(Query{Since: start})
	if !slices.Equal(ids(p), []string{testID(1), testID(2)}) || !slices.Equal(p.Removed, []string{testID(3)}) {
		t.Errorf("one came back: %v, removed %v", ids(p), p.Removed)
	}
	if p = l.Titles(Query{Since: start, Search: "1b"}); !slices.Equal(ids(p), []string{testID(1)}) || len(p.Removed) != 2 {
		t.Errorf("what changed and does not match is not in the answer any more: %+v", p)
	}
	if p = l.Titles(Query{Since: start, Limit: 1}); len(p.Titles) != 1 || p.Next != testID(1) || p.Total != 2 {
		t.Errorf("a page of changes: %+v", p)
	}
	if p = l.Titles(Query{Since: start, Limit: 1, After: testID(1)}); !slices.Equal(ids(p), []string{testID(2)}) || len(p.Removed) != 0 {
		t.Errorf("the next page of changes: %+v", p)
	}
	for _, since := range []uint64{1, l.base - 1, p.Revision + 1, 1 << 60} {
		if p = l.Titles(Query{Since: since}); !p.Reset || p.Total != 5 || len(p.Removed) != 0 {
			t.Errorf("since %d is not of this process: %+v", since, p)
		}
	}
}

func TestRemovalsAreBounded(t *testing.T) {
	l := open(t, Config{Dir: t.TempDir()})
	old := l.Titles(Query{}).Revision
	update(t, l, testID(1), func(r *Record) { r.Name, r.How, r.Sources = "x", Direct, []Place{{Stick: "a"}} })
	e := l.entries[testID(1)]
	for range maxRemovals + 1 {
		update(t, l, e.id, func(r *Record) { r.Sources = nil })
		l.mu.Lock()
		l.unlist(e)
		l.mu.Unlock()
		update(t, l, e.id, func(r *Record) { r.Sources = []Place{{Stick: "a"}} })
	}
	if n := len(l.removals); n > maxRemovals {
		t.Errorf("%d removals are remembered", n)
	}
	if p := l.Titles(Query{Since: old}); !p.Reset {
		t.Error("a revision whose removals are forgotten is answered as if nothing were missing")
	}
	if p := l.Titles(Query{Since: l.forgotten}); p.Reset {
		t.Error("a revision whose removals are all known is not answered")
	}
}

// Titles that are there all the time are seen exactly once by who goes through
// the pages, whatever comes and goes meanwhile.
func TestPagingWhileTitlesComeAndGo(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		l := open(t, Config{})
		var stay, leaving []string
		for n := range 60 {
			id := addAt(t, l, n, fmt.Sprint("folder ", random.IntN(4)), fmt.Sprint("film ", random.IntN(50)), random.Float64())
			if n%3 == 0 {
				leaving = append(leaving, id)
			} else {
				stay = append(stay, id)
			}
		}
		sort := []string{"folder", "title", "added", "duration"}[seed%4]
		seen := map[string]int{}
		next, pages := "", 0
		for {
			p := l.Titles(Query{Sort: sort, Limit: 7, After: next})
			if p.Reset {
				t.Fatalf("seed %d: the page after %q is not found", seed, next)
			}
			for _, id := range ids(p) {
				seen[id]++
			}
			next = p.Next
			if pages++; next == "" || pages > 100 {
				break
			}
			for range 4 {
				if i := random.IntN(len(leaving) + 4); i < len(leaving) { // one leaves, perhaps the very one we stand at
					leave(l, leaving[i], i%2 == 0)
				} else {
					addAt(t, l, 100+random.IntN(1000), "new", fmt.Sprint("film ", random.IntN(50)), random.Float64())
				}
			}
		}
		for _, id := range stay {
			if seen[id] != 1 {
				t.Fatalf("seed %d, sort %s: a title that stayed was seen %d times", seed, sort, seen[id])
			}
		}
	}
}

// leave takes a title off the page as Run does; bare ones are forgotten altogether.
func leave(l *Library, id string, bare bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.entries[id]; e != nil && e.listed {
		if bare {
			e.rec.How = ""
		}
		e.rec.State = Unplugged
		l.unlist(e)
	}
}

func TestRecordsInQueueOrder(t *testing.T) {
	l := open(t, Config{})
	for n, number := range []uint64{0, 30, 2, 0, 10} {
		update(t, l, testID(n), func(r *Record) { r.QueueNumber = number })
	}
	var got []uint64
	for _, r := range l.Records() {
		got = append(got, r.QueueNumber)
	}
	if !slices.Equal(got, []uint64{2, 10, 30, 0, 0}) {
		t.Errorf("%v", got)
	}
}

func TestUnknownLengthsComeLast(t *testing.T) {
	l := open(t, Config{})
	unknown, long, short := add(t, l, 1, "A"), add(t, l, 2, "B"), add(t, l, 3, "C")
	update(t, l, long, func(r *Record) { r.DurationSeconds = 7200 })
	update(t, l, short, func(r *Record) { r.DurationSeconds = 60 })
	if got := ids(l.Titles(Query{Sort: "duration"})); !slices.Equal(got, []string{short, long, unknown}) {
		t.Errorf("got %v", got)
	}
}

func TestACopyIsFoundByItsOwnName(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Holiday")
	update(t, l, id, func(r *Record) {
		r.Sources = append(r.Sources, Place{Stick: "sdb1", Folder: "Beach 2024", File: "P1020345.MP4"})
	})
	for _, words := range []string{"p1020345", "holiday beach", "BEACH 2024"} {
		if got := ids(l.Titles(Query{Search: words})); !slices.Equal(got, []string{id}) {
			t.Errorf("%q finds %v", words, got)
		}
	}
}
