package appliance

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A Pi has no battery clock: the time of day jumps by years when somebody tells
// it. Differences of time.Now are monotonic and do not notice, but numbers made of
// a time do. Who makes one says here what it is good for.
func TestNobodyWaitsByTheWallClock(t *testing.T) {
	allowed := map[string]string{
		"appliance/library/stateresume.go": "when a place was left, in days; 0 while the clock is not set",
		"appliance/library/statefiles.go":  "a file's own time, compared for being the same",
		"appliance/intake/attend.go":       "any number will do",
		"appliance/report/support.go":      "printed",
		"cmd/streambox/report.go":          "printed",
		"cmd/streambox/place.go":           "printed",
		"web/clock_linux.go":               "whether the clock is set at all",
	}
	wall := regexp.MustCompile(`\.(Unix|UnixNano|UnixMilli|UnixMicro|UTC|Round\(0|YearDay|Weekday)\(?\)`)
	root := ".."
	found := map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		if d.IsDir() {
			if slices.Contains([]string{"node_modules", ".git", ".cache", "bench"}, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || strings.Contains(filepath.Dir(name), "test") || strings.HasPrefix(name, "image/") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if match := wall.Find(text); match != nil {
			found[filepath.ToSlash(name)] = true
			if allowed[filepath.ToSlash(name)] == "" {
				t.Errorf("%s uses %s: what for?", name, match)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range allowed {
		if !found[name] {
			t.Errorf("%s is allowed the wall clock and does not use it", name)
		}
	}
}
