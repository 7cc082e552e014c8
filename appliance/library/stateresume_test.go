package library

import (
	"math"
	"os"
	"strings"
	"testing"
	"time"
)

// keeps tells what Resume says, from memory and again from the disk.
func keeps(t *testing.T, s *StateDB, viewer, id string, want float64, wantFound bool) {
	t.Helper()
	for _, from := range []string{"memory", "disk"} {
		got, found, err := s.Resume(viewer, id)
		if err != nil || got != want || found != wantFound {
			t.Errorf("from %s: %v, %v, %v; not %v, %v", from, got, found, err, want, wantFound)
		}
		if err := s.flush(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestResume(t *testing.T) {
	s, path, clock := openSomeState(t)
	id := testID(1)
	keeps(t, s, "ada", id, 0, false)
	for _, seconds := range []float64{0, 1.5, 3600, 1e6} {
		if err := s.SetResume("ada", id, seconds); err != nil {
			t.Fatal(err)
		}
		keeps(t, s, "ada", id, seconds, true)
	}
	keeps(t, s, "bob", id, 0, false)
	keeps(t, s, "ada", testID(2), 0, false)
	for _, seconds := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 1e6 + 1} {
		if err := s.SetResume("ada", id, seconds); err == nil {
			t.Errorf("%v is a place in a film", seconds)
		}
	}
	for _, bad := range badIDs() {
		if err := s.SetResume("ada", bad, 1); err == nil {
			t.Errorf("%q is a title", bad)
		}
	}
	if err := s.SetResume("", id, 1); err == nil {
		t.Error("nobody has a place")
	}
	mustClose(t, s)
	data, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(data), "ada") {
		t.Errorf("the cookie is in the file: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	s = openStateAt(t, path, clock)
	defer mustClose(t, s)
	keeps(t, s, "ada", id, 1e6, true)
}

func TestResumePointsAndTheClock(t *testing.T) {
	const day = 24 * time.Hour
	unset := time.Date(1970, 1, 1, 0, 5, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		set   time.Time
		later []time.Time // the clock at each hourly look
		found bool
	}{
		"29 days later":                                    {someDay, []time.Time{someDay.Add(29 * day)}, true},
		"31 days later":                                    {someDay, []time.Time{someDay.Add(31 * day)}, false},
		"the clock was lost on the way":                    {someDay, []time.Time{unset, unset.Add(40 * day)}, true},
		"the clock was lost and found again":               {someDay, []time.Time{unset, someDay.Add(2 * day)}, true},
		"lost, found again, and time went by":              {someDay, []time.Time{unset, someDay.Add(31 * day)}, false},
		"the clock went back":                              {someDay, []time.Time{someDay.Add(-60 * day)}, true},
		"the clock went back and was put right":            {someDay, []time.Time{someDay.Add(-60 * day), someDay.Add(day)}, true},
		"set without a clock, which then jumps by decades": {unset, []time.Time{someDay}, true},
		"set without a clock, a month after it was found":  {unset, []time.Time{someDay, someDay.Add(31 * day)}, false},
		"set without a clock, days after it was found":     {unset, []time.Time{someDay, someDay.Add(20 * day)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s, _, clock := openSomeState(t)
			*clock = test.set
			if err := s.SetResume("ada", testID(1), 5); err != nil {
				t.Fatal(err)
			}
			if err := s.flush(); err != nil {
				t.Fatal(err)
			}
			for _, *clock = range test.later {
				_, before, err := s.Resume("ada", testID(1))
				if err != nil {
					t.Fatal(err)
				}
				if err := s.expire(); err != nil {
					t.Fatal(err)
				}
				if _, after, err := s.Resume("ada", testID(1)); err != nil || after != before {
					t.Errorf("found %v before the look, %v after it (%v)", before, after, err)
				}
			}
			if _, found, err := s.Resume("ada", testID(1)); err != nil || found != test.found {
				t.Errorf("found %v, %v", found, err)
			}
			left := count(t, s, bucketResume)
			if order := count(t, s, bucketOrder); order != left || (left == 1) != test.found {
				t.Errorf("%d places, %d in their order", left, order)
			}
		})
	}
}

func TestResumePointsAreBounded(t *testing.T) {
	s, _, _ := openSomeState(t)
	set := func(viewer string, from, to int) {
		t.Helper()
		for n := from; n < to; n++ {
			if err := s.SetResume(viewer, testID(n), 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.flush(); err != nil {
			t.Fatal(err)
		}
	}
	set("bob", 0, 3)
	set("ada", 0, 50)
	set("ada", 50, maxPlacesPerViewer+10)
	if n := count(t, s, bucketResume); n != maxPlacesPerViewer+3 {
		t.Errorf("%d places", n)
	}
	missing := 0
	for n := range 50 {
		if _, found, _ := s.Resume("ada", testID(n)); !found {
			missing++
		}
	}
	if missing != 10 {
		t.Errorf("%d of the oldest are gone, not the 10 that were too many", missing)
	}
	keeps(t, s, "ada", testID(maxPlacesPerViewer+9), 1, true)
	keeps(t, s, "bob", testID(0), 1, true)
}
