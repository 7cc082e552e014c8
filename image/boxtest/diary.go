package boxtest

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// Diary runs the steps of a long test in order, and keeps how long each took and
// what it had to say, for a person to read.
type Diary struct {
	t     *testing.T
	path  string
	began time.Time
	text  strings.Builder
	// Failed is called after a step that failed.
	Failed func(t *testing.T)
}

// NewDiary keeps one in the file at path, which is written when the test ends.
func NewDiary(t *testing.T, path string) *Diary {
	t.Helper()
	_ = os.Remove(path) // the last run's
	d := &Diary{t: t, path: path, began: time.Now()}
	t.Cleanup(func() {
		fmt.Fprintf(&d.text, "%6.1f s  all\n", time.Since(d.began).Seconds())
		t.Log("\n" + d.text.String())
		_ = os.WriteFile(d.path, []byte(d.text.String()), 0o600)
	})
	return d
}

// Note keeps a figure or a sentence beside the times.
func (d *Diary) Note(format string, values ...any) {
	text := strings.ReplaceAll(strings.TrimSpace(fmt.Sprintf(format, values...)), "\n", "\n            ")
	d.text.WriteString("            " + text + "\n")
}

// Try does a step; whether it fails does not hide the rest. One that -run leaves out is
// written down as such.
func (d *Diary) Try(name string, f func(t *testing.T)) bool {
	began := time.Now()
	ran := false
	ok := d.t.Run(name, func(t *testing.T) {
		ran = true
		f(t)
	})
	switch {
	case !ran:
		fmt.Fprintf(&d.text, "%8s  %s\n", "not run", name)
	case ok:
		fmt.Fprintf(&d.text, "%6.1f s  %s\n", time.Since(began).Seconds(), name)
	default:
		fmt.Fprintf(&d.text, "%6.1f s  %s: FAILED\n", time.Since(began).Seconds(), name)
	}
	if !ok && d.Failed != nil {
		d.Failed(d.t)
	}
	return ok
}

// Step does one without which nothing can go on.
func (d *Diary) Step(name string, f func(t *testing.T)) {
	if !d.Try(name, f) {
		d.t.FailNow()
	}
}
