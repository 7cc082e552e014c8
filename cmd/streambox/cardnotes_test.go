package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"streambox.local/appliance/library"
)

func TestWhatTheCardCouldNotSaveIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	told := func(dir string) []string {
		problems := map[string]*library.Problem{}
		cardProblems(dir, func(code string, p *library.Problem) { problems[code] = p })
		for code, p := range problems {
			if p == nil || p.Code != code || p.Text == "" {
				t.Errorf("%s is told as %+v", code, p)
			}
		}
		return slices.Sorted(maps.Keys(problems))
	}
	if got := told(filepath.Join(dir, "none")); len(got) != 0 {
		t.Errorf("a machine that is no card has %v", got)
	}
	for _, note := range []string{"disk", "rebuilt-state", "settings-missing"} {
		if err := os.WriteFile(filepath.Join(dir, note), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := told(dir), []string{"settings_missing", "state_rebuilt"}; !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
}
