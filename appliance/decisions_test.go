package appliance_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Decisions are referred to by their numbers, in code and elsewhere: none is given twice, and none goes.
func TestDecisionsAreNumberedForGood(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, decisions, found := strings.Cut(string(text), "\n## Decisions\n")
	decisions, _, ended := strings.Cut(decisions, "\n## ")
	if !found || !ended {
		t.Fatal("ARCHITECTURE.md has no part called Decisions")
	}
	there := map[int]bool{}
	last := 0
	for _, line := range regexp.MustCompile(`(?m)^(\d+)\. \*\*`).FindAllStringSubmatch(decisions, -1) {
		n, err := strconv.Atoi(line[1])
		if err != nil {
			t.Fatal(err)
		}
		if n <= last {
			t.Errorf("%d comes after %d", n, last)
		}
		there[n], last = true, n
	}
	for n := 1; n <= 49; n++ {
		if !there[n] {
			t.Errorf("decision %d has gone; one that falls is superseded by a later one", n)
		}
	}
}
