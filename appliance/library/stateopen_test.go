package library

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"
)

func TestDamagedStateIsSetAside(t *testing.T) {
	fill := func(t *testing.T, path string) int64 {
		t.Helper()
		clock := someDay
		s := openStateAt(t, path, &clock)
		for n := range 3000 {
			if err := s.RememberFile("v", fmt.Sprint(n), 1, someDay, testID(n)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SetResume("ada", testID(1), 7); err != nil {
			t.Fatal(err)
		}
		if err := s.flush(); err != nil {
			t.Fatal(err)
		}
		var used int64 // bbolt makes the file larger than what it has used
		if err := s.view(func(tx *bbolt.Tx) error { used = tx.Size(); return nil }); err != nil {
			t.Fatal(err)
		}
		mustClose(t, s)
		return used
	}
	overwrite := func(t *testing.T, path string, from, to int64) {
		t.Helper()
		f, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		noise := make([]byte, to-from)
		for i := range noise {
			noise[i] = byte(i*7 + 13)
		}
		if _, err := f.WriteAt(noise, from); err != nil {
			t.Fatal(err)
		}
	}
	truncate := func(t *testing.T, path string, size int64) {
		t.Helper()
		if err := os.Truncate(path, size); err != nil {
			t.Fatal(err)
		}
	}
	for name, damage := range map[string]func(t *testing.T, path string, size int64){
		"text": func(t *testing.T, path string, _ int64) {
			t.Helper()
			put(t, path, strings.Repeat("not a database\n", 9000))
		},
		"a few bytes":       func(t *testing.T, path string, _ int64) { t.Helper(); put(t, path, "x") },
		"zeroes":            func(t *testing.T, path string, size int64) { t.Helper(); put(t, path, string(make([]byte, size))) },
		"one page":          func(t *testing.T, path string, _ int64) { t.Helper(); truncate(t, path, 4096) },
		"four pages":        func(t *testing.T, path string, _ int64) { t.Helper(); truncate(t, path, 4*4096) },
		"half":              func(t *testing.T, path string, size int64) { t.Helper(); truncate(t, path, size/2) },
		"short by a page":   func(t *testing.T, path string, size int64) { t.Helper(); truncate(t, path, size-4096) },
		"noise in the head": func(t *testing.T, path string, _ int64) { t.Helper(); overwrite(t, path, 0, 8192) },
		"noise in the body": func(t *testing.T, path string, size int64) { t.Helper(); overwrite(t, path, 8192, size) },
		"a newer schema": func(t *testing.T, path string, _ int64) {
			t.Helper()
			db, err := bbolt.Open(path, 0o600, nil)
			if err != nil {
				t.Fatal(err)
			}
			err = db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(bucketMeta).Put([]byte("schema"), []byte("2")) })
			if err = errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state.db")
			damage(t, path, fill(t, path))
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err = InspectState(path); !errors.Is(err, errStateDamaged) {
				t.Errorf("inspected: %v", err)
			}
			if now, readErr := os.ReadFile(path); readErr != nil || !bytes.Equal(now, before) {
				t.Errorf("to inspect has changed something (%v)", readErr)
			}
			s, damaged, err := OpenStateDB(path, nil)
			if err != nil || !damaged {
				t.Fatalf("damaged %v, %v", damaged, err)
			}
			aside, err := os.ReadFile(path + damagedSuffix)
			if err != nil || len(aside) != len(before) {
				t.Errorf("%d bytes were set aside of %d: %v", len(aside), len(before), err)
			}
			if err = s.SetResume("ada", testID(1), 7); err != nil {
				t.Error(err)
			}
			mustClose(t, s)
			if _, damaged, err = OpenStateDB(path, nil); damaged || err != nil {
				t.Errorf("the new one: damaged %v, %v", damaged, err)
			}
		})
	}
	t.Run("an empty file is a new one", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.db")
		put(t, path, "")
		if _, err := InspectState(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("inspected: %v", err)
		}
		s, damaged, err := OpenStateDB(path, nil)
		if err != nil || damaged {
			t.Fatalf("damaged %v, %v", damaged, err)
		}
		mustClose(t, s)
	})
	t.Run("the power went while it was made", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.db")
		put(t, path+partSuffix, string(make([]byte, 16<<10)))
		s, damaged, err := OpenStateDB(path, nil)
		if err != nil || damaged || exists(path+partSuffix) {
			t.Fatalf("damaged %v, %v", damaged, err)
		}
		mustClose(t, s)
		if _, err := InspectState(path); err != nil {
			t.Error(err)
		}
	})
	t.Run("a folder is an error, and stays", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "state.db")
		put(t, filepath.Join(path, "file"), "x")
		if _, damaged, err := OpenStateDB(path, nil); err == nil || damaged || !exists(filepath.Join(path, "file")) {
			t.Errorf("damaged %v, %v", damaged, err)
		}
	})
}

func TestStateInUse(t *testing.T) {
	s, path, _ := openSomeState(t)
	if _, err := s.NextNumber("name"); err != nil {
		t.Fatal(err)
	}
	_, damaged, err := OpenStateDB(path, nil) // a second open file has its own lock, as that of a second process
	if !errors.Is(err, ErrStateInUse) || damaged || exists(path+damagedSuffix) {
		t.Errorf("damaged %v, %v", damaged, err)
	}
	if _, err := InspectState(path); !errors.Is(err, ErrStateInUse) {
		t.Errorf("inspected: %v", err)
	}
	if n, err := s.NextNumber("name"); n != 2 || err != nil {
		t.Errorf("the first one suffers: %v %v", n, err)
	}
}

func TestInspectStateTellsWhatIsThere(t *testing.T) {
	s, path, clock := openSomeState(t)
	_ = clock
	if err := s.SetChosenName("Kino"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetResume("ada", testID(1), 7); err != nil {
		t.Fatal(err)
	}
	if err := s.RememberFile("v", "a", 1, someDay, testID(1)); err != nil {
		t.Fatal(err)
	}
	mustClose(t, s)
	found, err := InspectState(path)
	if want := (StateInspection{ChosenName: "Kino", ResumePoints: 1, KnownFiles: 1}); err != nil || found != want {
		t.Errorf("%+v, %v", found, err)
	}
}
