package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/report"
	"streambox.local/transcode/publish"
)

const someTitle = "abcdefghijklmnop"

// boxState makes the state of a box that has finished one film and begun another
// conversion of nothing that is kept.
func boxState(t *testing.T) (data, folder string) {
	t.Helper()
	data = t.TempDir()
	db, _, err := library.OpenStateDB(filepath.Join(data, "state.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err = db.SetChosenName("Kino"); err != nil {
		t.Fatal(err)
	}
	if err = db.Close(); err != nil {
		t.Fatal(err)
	}
	titles, err := library.Open(library.Config{Dir: filepath.Join(data, "library")})
	if err != nil {
		t.Fatal(err)
	}
	if err = titles.Update(someTitle, false, func(r *library.Record) { r.Name, r.How = "Film", library.Convert }); err != nil {
		t.Fatal(err)
	}
	name, folder, err := titles.NewRendition(someTitle, "video")
	if err != nil {
		t.Fatal(err)
	}
	p, err := publish.Create(folder)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		if err = p.Add(t.Context(), publish.Segment{Number: n, Data: []byte("segment"), DurationSeconds: 4}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := p.Finish(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := titles.Finished(someTitle, library.Rendition{Name: name, SegmentBytes: m.SegmentBytes, TotalBytes: m.TotalBytes}); err != nil {
		t.Fatal(err)
	}
	return data, folder
}

func TestCheckState(t *testing.T) {
	put := func(t *testing.T, content string, path ...string) {
		t.Helper()
		name := filepath.Join(path...)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	whole := stateFigures{ChosenName: "Kino", Titles: 1, Finished: 1, Segments: 3}
	for name, test := range map[string]struct {
		damage func(t *testing.T, data, folder string)
		broken string // the check; "": none
		want   stateFigures
	}{
		"all is whole": {func(*testing.T, string, string) {}, "", whole},
		"what a power cut leaves": {func(t *testing.T, data, _ string) {
			t.Helper()
			put(t, "x", data, "library", someTitle, "video-0badcafe", "seg00000.ts")
			put(t, "x", data, "library", someTitle, ".title.json-7")
		}, "", stateFigures{ChosenName: "Kino", Titles: 1, Finished: 1, Segments: 3, HalfWritten: 2}},
		"a segment with other bytes": {func(t *testing.T, _, folder string) { t.Helper(); put(t, "tnemges", folder, "seg00001.ts") }, "renditions", stateFigures{ChosenName: "Kino", Titles: 1}},
		"a segment that is missing": {func(t *testing.T, _, folder string) {
			t.Helper()
			if err := os.Remove(filepath.Join(folder, "seg00001.ts")); err != nil {
				t.Fatal(err)
			}
		}, "renditions", stateFigures{ChosenName: "Kino", Titles: 1, HalfWritten: 1}},
		"a torn title": {func(t *testing.T, data, _ string) {
			t.Helper()
			put(t, `{"sch`, data, "library", someTitle, "title.json")
		}, "titles", stateFigures{ChosenName: "Kino", HalfWritten: 1}},
		"a spoiled state file": {func(t *testing.T, data, _ string) {
			t.Helper()
			put(t, string(make([]byte, 32<<10)), data, "state.db")
		}, "state file", stateFigures{Titles: 1, Finished: 1, Segments: 3}},
		"no box was ever here": {func(t *testing.T, data, _ string) {
			t.Helper()
			if err := os.RemoveAll(data); err != nil {
				t.Fatal(err)
			}
		}, "", stateFigures{}},
	} {
		t.Run(name, func(t *testing.T) {
			data, folder := boxState(t)
			test.damage(t, data, folder)
			a, stdout, stderr := testApp()
			status := a.run(t.Context(), []string{"doctor", "--check-state", "--json", "--data", data})
			var answer doctorAnswer
			if err := json.Unmarshal(stdout.Bytes(), &answer); err != nil || answer.State == nil {
				t.Fatalf("%v: %s %s", err, stdout, stderr)
			}
			for _, c := range answer.Checks {
				if (c.State == report.Broken) != (c.Name == test.broken) {
					t.Errorf("%+v", c)
				}
			}
			if *answer.State != test.want || (status == exitOK) != (test.broken == "") {
				t.Errorf("exit status %d, %+v, want %+v", status, *answer.State, test.want)
			}
		})
	}
}

func TestCheckStateOfABoxThatRuns(t *testing.T) {
	data, _ := boxState(t)
	db, _, err := library.OpenStateDB(filepath.Join(data, "state.db"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	a, stdout, _ := testApp()
	if status := a.run(t.Context(), []string{"doctor", "--check-state", "--data", data}); status == exitOK {
		t.Errorf("the state of a box that runs is said to be whole:\n%s", stdout)
	}
}
