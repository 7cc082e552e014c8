package worker

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An instance that runs outside of systemd's unit must not say that it is inside.
func TestAnInstanceThatNobodyConfinesSaysSo(t *testing.T) {
	u, instances := socketUnit(t)
	layers, found, err := UnitLayers(t.Context(), u.Socket)
	if err != nil || !found {
		t.Fatalf("%t, %v", found, err)
	}
	unit := layers[0]
	if unit.Name != "unit" || unit.State != Broken {
		t.Errorf("%+v", unit)
	}
	for _, what := range []string{"a user of its own", "no sockets", "no file to write", "a list of system calls"} {
		if !strings.Contains(unit.Detail, what) {
			t.Errorf("nothing is said of %s: %s", what, unit.Detail)
		}
	}
	ended(t, instances)
}

func TestRulesAreJudgedOneByOne(t *testing.T) {
	missing := errors.New("there is none")
	all := []unitRule{{"one", nil}, {"two", nil}, {"three", nil}}
	if l := judgeRules(all, "groups"); l.State != Active || l.Detail != "by systemd's rules: one, two, three; groups" {
		t.Errorf("all are kept: %+v", l)
	}
	for i := range all {
		some := append([]unitRule(nil), all...)
		some[i].err = missing
		if l := judgeRules(some, "groups"); l.State != Broken || !strings.Contains(l.Detail, some[i].what+" (there is none)") || strings.Count(l.Detail, "there is none") != 1 {
			t.Errorf("all but %s are kept: %+v", some[i].what, l)
		}
	}
}

func TestWhatTheControlGroupAdds(t *testing.T) {
	root := t.TempDir()
	group := filepath.Join(root, "system.slice", "worker")
	if err := os.MkdirAll(group, 0o755); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(root, "cgroup")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(own, "4:memory:/elsewhere\n0::/system.slice/worker\n")
	if got := groupLimits(own, root); got != "this machine's groups do not count threads, this machine's groups do not count bytes of memory" {
		t.Errorf("without controllers: %s", got)
	}
	write(filepath.Join(group, "pids.max"), "512\n")
	write(filepath.Join(group, "memory.max"), "max\n")
	if got := groupLimits(own, root); got != "its group has at most 512 threads, its group has no limit of bytes of memory" {
		t.Errorf("with both: %s", got)
	}
	if got := groupLimits(filepath.Join(root, "none"), root); got != "its control group is not told" {
		t.Errorf("without /proc: %s", got)
	}
}
