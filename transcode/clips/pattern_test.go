package clips

import (
	"slices"
	"strings"
	"testing"
)

func differing(a, b [PatternColumns * PatternRows]bool) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

func TestPatternTellsSecondsApart(t *testing.T) {
	for s := range PatternPeriod {
		if n := differing(Pattern(s), Pattern(s+1)); n < 3 {
			t.Errorf("from second %d to %d only %d blocks change", s, s+1, n)
		}
		for other := range s {
			if Pattern(s) == Pattern(other) {
				t.Errorf("seconds %d and %d look alike", other, s)
			}
		}
	}
	if Pattern(3) != Pattern(3+PatternPeriod) {
		t.Error("the pattern does not repeat after its period")
	}
}

func TestPatternTurnedOrMirroredIsAnotherPicture(t *testing.T) {
	for s := 1; s < PatternPeriod; s++ { // second 0 is dark all over
		p := Pattern(s)
		half, mirrored := p, p
		slices.Reverse(half[:])
		for row := range PatternRows {
			slices.Reverse(mirrored[row*PatternColumns : (row+1)*PatternColumns])
		}
		if s%8 == 5 && (half == p || mirrored == p) { // the seconds at which pictures are compared
			t.Errorf("second %d looks the same turned or mirrored", s)
		}
	}
}

func TestTables(t *testing.T) {
	names := map[string]bool{}
	for _, set := range SetNames() {
		files := map[string]bool{}
		for _, c := range Set(set, 0) {
			if names[c.Name] {
				t.Errorf("two clips are called %q", c.Name)
			}
			if files[c.FileName] {
				t.Errorf("two clips of set %s are written to %q", set, c.FileName)
			}
			names[c.Name], files[c.FileName] = true, true
			for element := range strings.SplitSeq(c.FileName, "/") {
				if element == "" || element == "." || element == ".." || len(element) > 255 {
					t.Errorf("clip %q: %q cannot be a file name", c.Name, c.FileName)
				}
			}
			if c.args != nil && c.format == "" {
				t.Errorf("clip %q does not say its container", c.Name)
			}
			if _, found := find(c.base); c.base != "" && !found {
				t.Errorf("clip %q is made from %q, which is not there", c.Name, c.base)
			}
		}
	}
	if n := len(Set("twelve", 0)); n < 14 {
		t.Errorf("the set twelve has only %d clips", n)
	}
	if Set("nothing", 0) != nil {
		t.Error("an unknown set has clips")
	}
}

func TestRecipeChangesWithTheLength(t *testing.T) {
	a, b := Set("twelve", 0)[0], Set("twelve", 5)[0]
	if a.recipe() == b.recipe() {
		t.Error("clips of two lengths have the same recipe")
	}
	if a.recipe() != Set("twelve", twelveSeconds)[0].recipe() {
		t.Error("the same clip has two recipes")
	}
}
