package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/report"
	"streambox.local/appliance/update"
	"streambox.local/appliance/update/slots"
)

func TestWhatTheHelperSaysIsAProblemOrANote(t *testing.T) {
	problems := map[string]*library.Problem{}
	u := newUpdates(func() int { return 0 }, func(code string, p *library.Problem) {
		if p == nil {
			delete(problems, code)
		} else {
			problems[code] = p
		}
	}, slog.New(slog.DiscardHandler))
	for _, step := range []struct {
		say           update.Status
		problem, note string
	}{
		{update.Status{Code: "update_writing", Text: "a", Parameters: map[string]any{"percent": 5}}, "", "update_writing"},
		{update.Status{Code: "update_unsigned", Text: "b", Problem: true}, "update_unsigned", ""},
		{update.Status{Code: "update_older", Text: "c", Problem: true}, "update_older", ""},
		{update.Status{Code: "update_older", Text: "c", Problem: true}, "update_older", ""},
		{update.Status{Code: "update_waiting", Text: "d"}, "", "update_waiting"},
		{update.Status{}, "", ""},
	} {
		u.show(step.say)
		if _, is := problems[step.problem]; is != (step.problem != "") || len(problems) > 1 || len(problems) == 1 && !is {
			t.Errorf("%s: problems %v", step.say.Code, problems)
		}
		if notes := u.notes(); len(notes) != min(1, len(step.note)) || len(notes) == 1 && (notes[0].Code != step.note || notes[0].Text == "") {
			t.Errorf("%s: notes %v", step.say.Code, notes)
		}
	}
	if c := u.check(); c.Name != "updates" || c.State != report.Absent || c.Mend != "" {
		t.Errorf("this machine starts from a card? %+v", c)
	}
}

func TestACardWhosePartitionsAreNamedLate(t *testing.T) {
	for _, late := range []error{nil, errors.New("a broken card")} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			find := func() (*slots.Card, error) {
				if time.Since(began) < 20*time.Second {
					return nil, fmt.Errorf("looking: %w", fs.ErrNotExist)
				}
				return &slots.Card{}, late
			}
			u := updatesOf(find, func() int { return 0 }, func(string, *library.Problem) {}, slog.New(slog.DiscardHandler))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() { ended <- u.Run(ctx) }()
			synctest.Wait()
			if c := u.check(); c.State != report.Absent || time.Since(began) > 0 {
				t.Errorf("at first: %+v after %v", c, time.Since(began))
			}
			time.Sleep(time.Minute) //nolint:forbidigo // in a bubble
			if c := u.check(); late != nil && (c.State != report.Broken || c.Detail != late.Error()) || late == nil && c.State == report.Absent {
				t.Errorf("%v: %+v", late, c)
			}
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRequestsAboutUpdates(t *testing.T) {
	dir := t.TempDir()
	d := door{dir: dir, owners: []uint32{uint32(os.Getuid())}, now: time.Now, log: slog.New(slog.DiscardHandler)}
	file := filepath.Join(dir, update.RequestUpdate)
	old := time.Now().Add(-time.Hour)
	if err := request(dir, update.RequestUpdate); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, old, old); err != nil {
		t.Fatal(err)
	}
	if honest, err := d.take(update.RequestUpdate, 0); !honest || err != nil {
		t.Errorf("one that waited while the helper was busy: %v %v", honest, err)
	}
	if honest, err := d.take(update.RequestUpdate, 0); honest || err != nil {
		t.Errorf("it is answered twice: %v %v", honest, err)
	}
}

func TestTheBuildOfTheImage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "build")
	for text, want := range map[string]int64{"1700000000\n": 1700000000, "7": 7, "": 0, "0": 0, "-3": 0, "seven": 0} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := readBuild(file); got != want || (err != nil) != (want == 0) {
			t.Errorf("%q: %d %v", text, got, err)
		}
	}
	if _, err := readBuild(file + "x"); err == nil {
		t.Error("no file is a build")
	}
}

func TestAStateFileThatWasSetAsideIsSeen(t *testing.T) {
	dir := t.TempDir()
	file, aside := filepath.Join(dir, "state.db"), filepath.Join(dir, "state.db.damaged")
	seen := []uint64{inodeOf(aside)}
	for range 2 {
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(file, aside); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, inodeOf(aside))
	}
	if seen[0] != 0 || seen[1] == 0 || seen[2] == seen[1] || seen[2] == 0 {
		t.Errorf("%v", seen)
	}
}

func TestABoxThatIsWell(t *testing.T) {
	for sentence, tt := range map[string]struct {
		path, body string
		status     int
		well       bool
	}{
		"all answers":        {"/none", "", 200, true},
		"it starts":          {"/api/v1/box", `{"state":"starting"}`, 200, false},
		"a part fails":       {"/api/v1/box", `{"state":"fault"}`, 200, false},
		"no words":           {"/api/v1/box", `<html>`, 200, false},
		"it is not healthy":  {"/healthz", "fault", 503, false},
		"there are no films": {"/api/v1/titles", "", 500, false},
		"it is another one":  {"/api/v1/titles", "", 302, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == tt.path {
					w.WriteHeader(tt.status)
					_, _ = io.WriteString(w, tt.body)
					return
				}
				_, _ = io.WriteString(w, `{"state":"ready"}`)
			}))
			defer server.Close()
			if err := answersWell(t.Context(), server.Listener.Addr().String()); (err == nil) != tt.well {
				t.Errorf("%v", err)
			}
		})
	}
}
