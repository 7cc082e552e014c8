package library

import (
	"strings"
	"testing"
	"time"
)

func TestTheChosenNameIsKept(t *testing.T) {
	s, path, clock := openSomeState(t)
	expect := func(want string) {
		t.Helper()
		if got, err := s.ChosenName(); err != nil || got != want {
			t.Errorf("the name is %q, %v; want %q", got, err, want)
		}
	}
	expect("")
	for _, name := range []string{"cinema", "klasse-5"} {
		if err := s.SetChosenName(name); err != nil {
			t.Fatal(err)
		}
		expect(name)
	}
	if err := s.SetChosenName(strings.Repeat("a", 300)); err == nil {
		t.Error("any length is kept")
	}
	mustClose(t, s)
	s = openStateAt(t, path, clock)
	defer mustClose(t, s)
	expect("klasse-5")
	if err := s.SetChosenName(""); err != nil {
		t.Fatal(err)
	}
	expect("")
}

// Forgetting takes what people chose and where they were, also what was not yet
// written, and leaves what is known of films.
func TestForget(t *testing.T) {
	s, path, clock := openSomeState(t)
	number, err := s.NextNumber("queue")
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []func() error{
		func() error { return s.SetResume("ada", testID(1), 10) },
		func() error { return s.RememberFile("stick", "film.mp4", 7, time.Unix(1, 0), testID(1)) },
		s.flush,
		func() error { return s.SetResume("ada", testID(2), 20) }, // still in memory
		func() error { return s.SetChosenName("cinema") },
		s.Forget,
	} {
		if err := set(); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		keeps(t, s, "ada", testID(1), 0, false)
		keeps(t, s, "ada", testID(2), 0, false)
		if name, err := s.ChosenName(); name != "" || err != nil {
			t.Errorf("the name is %q, %v", name, err)
		}
		if got, known := s.KnownFile("stick", "film.mp4", 7, time.Unix(1, 0)); !known || got != testID(1) {
			t.Errorf("the film is %q, %v", got, known)
		}
		if next, err := s.NextNumber("queue"); err != nil || next <= number {
			t.Errorf("the next number is %d, %v", next, err)
		}
		mustClose(t, s)
		s = openStateAt(t, path, clock)
	}
	if err := s.SetResume("ada", testID(1), 30); err != nil {
		t.Fatal(err)
	}
	keeps(t, s, "ada", testID(1), 30, true)
	mustClose(t, s)
}
