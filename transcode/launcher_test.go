package transcode

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"streambox.local/transcode/worker"
)

// countingLauncher starts ordinary children and takes note of their commands.
type countingLauncher struct {
	mutex    sync.Mutex
	commands []worker.Command
}

func (l *countingLauncher) Launch(ctx context.Context, c worker.Command) (worker.Process, error) {
	l.mutex.Lock()
	l.commands = append(l.commands, c)
	l.mutex.Unlock()
	return worker.Plain{}.Launch(ctx, c)
}

// A film goes into no program that the Launcher has not started, and none of a
// job takes the processor from those who watch.
func TestEveryRungIsStartedByTheLauncher(t *testing.T) {
	for _, rung := range []Rung{Direct, AudioOnly, Convert} {
		t.Run(string(rung), func(t *testing.T) {
			launcher := &countingLauncher{}
			tools := fakeTools(t, "exit-1")
			tools.Launcher = launcher
			if err := tools.Do(t.Context(), fakeJob(t, rung)); err == nil {
				t.Fatal("a program that fails made a film")
			}
			films := 0
			for _, c := range launcher.commands {
				if len(c.Files) == 0 { // a question about the machine
					continue
				}
				films++
				if !c.Background {
					t.Errorf("not in the background: %v", c.Arguments)
				}
			}
			if films == 0 {
				t.Errorf("the film's program was not started by the launcher, only %d others", len(launcher.commands))
			}
		})
	}
}

// The one place that hands the launcher on is the one that runs programs.
func TestProgramsAreRunInOnePlace(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") || name == "tools.go" {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "p.run(") || strings.Contains(string(text), "}.run(ctx)") {
			t.Errorf("%s runs a program past Tools.run", name)
		}
	}
}
