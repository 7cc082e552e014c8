package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"streambox.local/transcode/worker"
)

// TestMain lets the test binary be the program itself, for tests that need a
// process of its own (signals, exit status).
func TestMain(m *testing.M) {
	if os.Getenv("RUN_STREAMBOX_MAIN") == "1" || worker.Asked(os.Args) {
		main()
	}
	os.Exit(m.Run())
}

// program prepares a run of the program as a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: starts this program again, which -short leaves out (and qemu-user cannot)")
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), "RUN_STREAMBOX_MAIN=1", "STREAMBOX_CONFIG="+os.DevNull, "RUNTIME_DIRECTORY="+t.TempDir())
	return cmd
}

// testApp is an app whose output ends up in buffers.
func testApp(env ...string) (a *app, stdout, stderr *bytes.Buffer) {
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	return &app{
		build:  build{Version: "1.2.3", Commit: "abcdef0", Date: "2026-11-22T18:00:00Z"},
		stdout: &terminal{out: stdout}, stderr: &terminal{out: stderr},
		env: append([]string{"HOME=/home/ada", "STREAMBOX_CONFIG=" + os.DevNull}, env...),
	}, stdout, stderr
}

func TestExitStatusAndSentence(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		args     []string
		status   int
		says     string
	}{
		{"no command: the help", nil, exitOK, "Available Commands"},
		{"a command there is none of", []string{"srve"}, exitUsage, `there is no command "srve"; did you mean serve?`},
		{"an unknown flag", []string{"serve", "--pannel", "off"}, exitUsage, "unknown flag: --pannel"},
		{"a flag without its value", []string{"serve", "--listen"}, exitUsage, "flag needs an argument"},
		{"a wrong value of a flag", []string{"serve", "--listen", "web"}, exitUsage, "--listen: \"web\" is not an address"},
		{"a wrong level", []string{"serve", "--log-level", "loud"}, exitUsage, "debug, info, warn or error"},
		{"an argument too many", []string{"serve", "film.mkv"}, exitUsage, "--media"},
		{"convert without a film", []string{"convert"}, exitUsage, "at least one film"},
		{"probe without a film", []string{"probe"}, exitUsage, "at least one film"},
		{"a segment length without its unit", []string{"convert", "--segment", "4", "x.mkv"}, exitUsage, "10min"},
		{"a segment length out of range", []string{"convert", "--segment", "1min", "x.mkv"}, exitUsage, "between 1s and 10s"},
		{"settings that are not there", []string{"doctor", "--config", "/none.toml"}, exitUsage, "there is no such file"},
		{"a qr mode there is none of", []string{"serve", "--qr", "maybe"}, exitUsage, "auto, always or never"},
		{"control characters do not reach the terminal", []string{"\x1b[31mx"}, exitUsage, "there is no command"},
		{"a report nobody can write", []string{"report", "--out", "/none/x.txt"}, exitFailed, "/none/x.txt cannot be written: there is no such file"},
		{"completion for a shell", []string{"completion", "bash"}, exitOK, "__start_streambox"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			a, stdout, stderr := testApp("STREAMBOX_DATA=" + t.TempDir())
			status := a.run(t.Context(), tt.args)
			output := stdout.String() + stderr.String()
			if status != tt.status || !strings.Contains(output, tt.says) {
				t.Errorf("exit status %d, want %d; output lacks %q:\n%s", status, tt.status, tt.says, output)
			}
			if strings.Contains(output, "\x1b") {
				t.Errorf("an escape character was written: %q", output)
			}
		})
	}
}

func TestExitStatusOfTheProcess(t *testing.T) {
	err := program(t, "serve", "--nonsense").Run()
	if exit, ok := err.(*exec.ExitError); !ok || exit.ExitCode() != exitUsage { //nolint:errorlint // Run returns it bare
		t.Errorf("got %v, want exit status %d", err, exitUsage)
	}
	out, err := program(t, "version").Output()
	if err != nil || !strings.HasPrefix(string(out), "streambox development\n") {
		t.Errorf("version: %q, %v", out, err)
	}
}

func TestVersionPrintsWhatTheLinkerWasGiven(t *testing.T) {
	a, stdout, _ := testApp()
	if status := a.run(t.Context(), []string{"version"}); status != exitOK {
		t.Fatalf("exit status %d", status)
	}
	lines := strings.SplitN(stdout.String(), "\n", 4)
	want := []string{"streambox 1.2.3", "commit    abcdef0", "date      2026-11-22T18:00:00Z"}
	for i, line := range want {
		if lines[i] != line {
			t.Errorf("line %d is %q, want %q", i, lines[i], line)
		}
	}
	if !strings.HasPrefix(lines[3], "built by  go1.") {
		t.Errorf("last line %q", lines[3])
	}
}

func TestBuildFallsBack(t *testing.T) {
	if b := newBuild("2.0", "c", "d"); b != (build{"2.0", "c", "d"}) {
		t.Errorf("newBuild = %+v", b)
	}
	if b := newBuild("", "", ""); b.Version != "development" || b.Commit == "" || b.Date == "" {
		t.Errorf("newBuild = %+v", b)
	}
}
