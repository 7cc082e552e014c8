package report

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestTheLogKeepsTheLastLinesAndStaysSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "made", "log.jsonl")
	log, err := OpenLogFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const written = 7001
	for n := range written {
		if n == 3000 { // a restart of the box in between
			if err = log.Close(); err != nil {
				t.Fatal(err)
			}
			if log, err = OpenLogFile(path); err != nil {
				t.Fatal(err)
			}
		}
		if _, err = fmt.Fprintf(log, "line %d\n", n); err != nil {
			t.Fatal(err)
		}
	}
	if err = log.Close(); err != nil {
		t.Fatal(err)
	}
	lines, err := ReadLog(path, os.Geteuid())
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != logLines {
		t.Fatalf("%d lines, want %d", len(lines), logLines)
	}
	for i, line := range lines {
		if want := fmt.Sprintf("line %d", written-logLines+i); line != want {
			t.Fatalf("line %d is %q, want %q", i, line, want)
		}
	}
}

func TestLongLinesDoNotMakeTheLogLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.jsonl")
	log, err := OpenLogFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for range 1000 {
		if _, err = log.Write([]byte(strings.Repeat("é", 40_000) + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{path, path + ".1"} {
		info, statErr := os.Stat(name)
		if statErr != nil {
			t.Fatal(statErr)
		}
		if info.Size() > logBytes {
			t.Errorf("%s has %d bytes, more than %d", name, info.Size(), logBytes)
		}
	}
	lines, err := ReadLog(path, os.Geteuid())
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) < 100 || len(lines[0]) > lineMax+10 || !strings.HasSuffix(lines[0], "é…") {
		t.Errorf("%d lines, the first of %d bytes", len(lines), len(lines[0]))
	}
}

func TestNoLogIsNoError(t *testing.T) {
	lines, err := ReadLog(filepath.Join(t.TempDir(), "none"), os.Geteuid())
	if err != nil || len(lines) != 0 {
		t.Errorf("ReadLog = %v, %v", lines, err)
	}
}

func TestLogsOfOldDataFoldersGo(t *testing.T) {
	dir := t.TempDir()
	for n, name := range []string{"log-a.jsonl", "log-b.jsonl", "log-c.jsonl", "other.jsonl", "log-a.jsonl.1"} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		used := time.Unix(int64(1_700_000_000+n), 0)
		if err := os.Chtimes(path, used, used); err != nil {
			t.Fatal(err)
		}
	}
	PruneLogs(dir, 2)
	left, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"log-b.jsonl", "log-c.jsonl", "other.jsonl"} {
		if len(left) != 3 || filepath.Base(left[i]) != want {
			t.Fatalf("left are %q", left)
		}
	}
	PruneLogs(filepath.Join(dir, "none"), 2)
}

func TestTheLogOfARunningBoxStays(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "log-a.jsonl")
	l, err := OpenLogFile(path)
	if err != nil {
		t.Fatal(err)
	}
	PruneLogs(dir, 0)
	if _, err := os.Stat(path); err != nil {
		t.Errorf("it was removed: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	PruneLogs(dir, 0)
	if _, err := os.Stat(path); err == nil {
		t.Error("nobody uses it, and it stays")
	}
}
