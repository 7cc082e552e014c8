package library

import (
	"strings"
	"testing"
)

func TestTheNameIsKeptOverRestarts(t *testing.T) {
	s, path, clock := openSomeState(t)
	if name, err := s.LoadName(); name != "" || err != nil {
		t.Errorf("a new box is called %q, %v", name, err)
	}
	if err := s.SaveName("streambox-2"); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"a.b", "Box", "-a", "a-", "a b", strings.Repeat("a", 64), "\x00"} {
		if err := s.SaveName(wrong); err == nil {
			t.Errorf("%q was taken", wrong)
		}
	}
	mustClose(t, s)
	s = openStateAt(t, path, clock)
	defer mustClose(t, s)
	if name, err := s.LoadName(); name != "streambox-2" || err != nil {
		t.Errorf("after a restart %q, %v", name, err)
	}
	if err := s.Forget(); err != nil {
		t.Fatal(err)
	}
	if name, err := s.LoadName(); name != "" || err != nil {
		t.Errorf("forgotten, and still %q, %v", name, err)
	}
}

func TestANameFromAClosedFileIsAnError(t *testing.T) {
	s, _, _ := openSomeState(t)
	mustClose(t, s)
	if name, err := s.LoadName(); err == nil {
		t.Errorf("%q", name)
	}
	if err := s.SaveName("cinema"); err == nil {
		t.Error("no error")
	}
}
