package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"streambox.local/systemd"
)

// fakeHost is a machine in a folder. Its systemd remembers what it was told.
type fakeHost struct {
	*serviceHost
	calls  []string
	said   string
	active string // ActiveState
}

func newFakeHost(t *testing.T) *fakeHost {
	t.Helper()
	f := &fakeHost{active: "inactive"}
	root := t.TempDir()
	f.serviceHost = &serviceHost{
		root: root, unit: f, control: f, euid: 0, rootID: os.Getuid(),
		executable: filepath.Join(root, "usr/local/bin/streambox"), search: unitPath(),
		owner:   func(string) string { return "" },
		account: func(string) (string, bool) { return "StreamBox", true },
		run:     f.run,
		say:     func(format string, args ...any) { f.said += fmt.Sprintf(format, args...) + "\n" },
	}
	f.write(t, "/run/systemd/system/x", "")
	f.write(t, "/usr/local/bin/streambox", "the program")
	return f
}

func (f *fakeHost) write(t *testing.T, name, content string) {
	t.Helper()
	path := f.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (f *fakeHost) read(name string) string {
	content, err := os.ReadFile(f.path(name))
	if err != nil {
		return err.Error()
	}
	return string(content)
}

func (f *fakeHost) run(_ context.Context, name string, args ...string) (string, error) {
	call := name + " " + strings.Join(args, " ")
	f.calls = append(f.calls, call)
	if !strings.HasPrefix(call, "systemctl show ") {
		return "", nil
	}
	load := "not-found"
	if f.installed() {
		load = "loaded"
	}
	return fmt.Sprintf("LoadState=%s\nActiveState=%s\nSubState=\nStatusText=\nUnitFileState=enabled\n", load, f.active), nil
}

// Install is what the library does, which refuses to replace a unit.
func (f *fakeHost) Install() error {
	if f.installed() {
		return errors.New("init already exists")
	}
	target := f.path(mainUnit().Target(systemd.Local))
	return errors.Join(os.MkdirAll(filepath.Dir(target), 0o755), os.WriteFile(target, mainUnit().Content(), 0o644))
}

func (f *fakeHost) Uninstall() error { return os.Remove(f.path(mainUnit().Target(systemd.Local))) }
func (f *fakeHost) Start() error     { f.active = "active"; return nil }
func (f *fakeHost) Stop() error      { f.active = "inactive"; return nil }
func (f *fakeHost) Restart() error   { f.calls = append(f.calls, "restart"); return f.Start() }

func (f *fakeHost) called(prefix string) bool {
	return slices.ContainsFunc(f.calls, func(call string) bool { return strings.HasPrefix(call, prefix) })
}

func TestInstallWritesTheManifest(t *testing.T) {
	h := newFakeHost(t)
	for range 2 { // a second time changes nothing
		if err := h.install(t.Context(), false); err != nil {
			t.Fatal(err)
		}
		for _, f := range systemd.Manifest() {
			if h.read(f.Target(systemd.Local)) != string(f.Content()) {
				t.Errorf("%s is not what the manifest holds", f.Target(systemd.Local))
			}
		}
	}
	for _, call := range []string{"systemd-sysusers /etc/sysusers.d/streambox.conf", "systemd-tmpfiles --create /etc/tmpfiles.d/streambox.conf"} {
		if !h.called(call) {
			t.Errorf("%s was not called: %q", call, h.calls)
		}
	}
	if h.called("udevadm") {
		t.Error("udev was called on a machine that has none")
	}
	if h.called("restart") {
		t.Error("a service that did not run was started")
	}
}

func TestInstallTellsUdevAndARunningService(t *testing.T) {
	h := newFakeHost(t)
	h.write(t, "/run/udev/control", "")
	h.write(t, mainUnit().Target(systemd.Local), "an older release")
	h.active = "active"
	if err := h.install(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if !h.called("udevadm control --reload") || !h.called("restart") {
		t.Errorf("called: %q", h.calls)
	}
	if h.read(mainUnit().Target(systemd.Local)) != string(mainUnit().Content()) {
		t.Error("the older unit is still there")
	}
}

func TestSettingsBelongToTheUser(t *testing.T) {
	const target = "/etc/streambox/streambox.toml"
	for _, tt := range []struct {
		sentence, before  string
		appliance, theirs bool
		sticks            string
	}{
		{"none yet", "", false, false, `#sticks = "off"`},
		{"none yet, on an appliance", "", true, false, `sticks = "auto"`},
		{"untouched ones become an appliance's", "plain", true, false, `sticks = "auto"`},
		{"an appliance's stay an appliance's", "appliance", false, false, `sticks = "auto"`},
		{"changed ones stay", "name = \"cinema\"\r\n", false, true, ""},
		{"changed ones stay on an appliance too", "name = \"cinema\"\r\n", true, true, ""},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			h := newFakeHost(t)
			switch tt.before {
			case "":
			case "plain":
				h.must(t, h.install(t.Context(), false))
			case "appliance":
				h.must(t, h.install(t.Context(), true))
			default:
				h.write(t, target, tt.before)
			}
			h.must(t, h.install(t.Context(), tt.appliance))
			got := h.read(target)
			if tt.theirs && got != tt.before || !tt.theirs && !strings.Contains(got, "\n"+tt.sticks+"\n") {
				t.Errorf("the settings are now\n%s", got)
			}
			h.must(t, h.uninstall(t.Context()))
			if left := h.has(target); left != tt.theirs || strings.Contains(h.said, target) != tt.theirs && tt.before == "" {
				t.Errorf("after uninstall the settings are there: %v; said:\n%s", left, h.said)
			}
			if h.has("/etc/streambox") != tt.theirs {
				t.Errorf("the folder of the settings is there: %v", !tt.theirs)
			}
		})
	}
}

func (f *fakeHost) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestInstallRefuses(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		change   func(t *testing.T, h *fakeHost)
		says     string
	}{
		{"beside a package's unit", func(t *testing.T, h *fakeHost) {
			t.Helper()
			h.write(t, "/usr/lib/systemd/system/streambox.service", "")
			h.owner = func(path string) string {
				return map[string]string{"/lib/systemd/system/streambox.service": "streambox"}[path]
			}
		}, "the package streambox brings the service"},
		{"beside a unit that came otherwise", func(t *testing.T, h *fakeHost) {
			t.Helper()
			h.write(t, "/usr/lib/systemd/system/streambox.service", "")
		}, "is there already"},
		{"when the unit would start nothing", func(t *testing.T, h *fakeHost) {
			t.Helper()
			h.write(t, "/home/ada/streambox", "the program")
			h.must(t, os.Remove(h.executable))
			h.executable = h.path("/home/ada/streambox")
		}, "sudo install -m 755"},
		{"when the unit would start another program", func(t *testing.T, h *fakeHost) {
			t.Helper()
			h.write(t, "/home/ada/streambox", "the program")
			h.executable = h.path("/home/ada/streambox")
		}, "another program than this one"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			h := newFakeHost(t)
			tt.change(t, h)
			err := h.install(t.Context(), false)
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want a sentence with %q", err, tt.says)
			}
			if h.has("/etc") {
				t.Error("something was written all the same")
			}
		})
	}
}

func TestServiceNeedsSystemdAndRoot(t *testing.T) {
	h := newFakeHost(t)
	h.must(t, h.mayChange())
	h.euid = 1000
	if err := h.mayChange(); err == nil || !strings.Contains(err.Error(), "sudo") {
		t.Errorf("an ordinary user gets %v", err)
	}
	h.must(t, os.RemoveAll(h.path("/run/systemd")))
	if err := h.mayChange(); err == nil || !strings.Contains(err.Error(), "does not run systemd") {
		t.Errorf("without systemd: %v", err)
	}
	if err := h.status(t.Context()); err != statusError(exitNotInstalled) { //nolint:errorlint // it is returned bare
		t.Errorf("status without systemd: %v", err)
	}
}

func TestUninstallKeepsTheLibrary(t *testing.T) {
	h := newFakeHost(t)
	h.must(t, h.install(t.Context(), false))
	h.write(t, stateDir+"/library/ABC/title.json", "{}")
	h.write(t, "/run/streambox/sticks/sda1.json", "{}")
	h.write(t, mainUnit().Target(systemd.Local)+".d/override.conf", "[Service]\n")
	for range 2 {
		h.must(t, h.uninstall(t.Context()))
	}
	if !h.has(stateDir + "/library/ABC/title.json") {
		t.Error("the library is gone")
	}
	for _, what := range []string{stateDir, "streambox.service.d"} {
		if !strings.Contains(h.said, what) {
			t.Errorf("that %s stays is not said:\n%s", what, h.said)
		}
	}
	for _, f := range systemd.Manifest() {
		if h.has(f.Target(systemd.Local)) {
			t.Errorf("%s is left", f.Target(systemd.Local))
		}
	}
	if h.has("/run/streambox") {
		t.Error("the folder in /run is left")
	}
	if !h.called("userdel streambox") {
		t.Errorf("the user is left: %q", h.calls)
	}
}

func TestUninstallLeavesOtherPeoplesThings(t *testing.T) {
	h := newFakeHost(t)
	h.account = func(string) (string, bool) { return "Ada Lovelace", true }
	h.must(t, h.install(t.Context(), false))
	h.must(t, h.uninstall(t.Context()))
	if h.called("userdel") {
		t.Error("somebody else's user was removed")
	}
	h.write(t, "/usr/lib/systemd/system/streambox.service", "")
	h.owner = func(string) string { return "streambox" }
	if err := h.uninstall(t.Context()); err == nil || !strings.Contains(err.Error(), "apt remove streambox") {
		t.Errorf("a package's service: %v", err)
	}
	h = newFakeHost(t)
	h.must(t, h.install(t.Context(), false))
	h.active = "deactivating"
	if err := h.uninstall(t.Context()); err == nil || !h.installed() {
		t.Errorf("a service that does not stop: %v; its unit is there: %v", err, h.installed())
	}
}

func TestStartStopRestart(t *testing.T) {
	h := newFakeHost(t)
	for what, do := range map[string]func(context.Context) error{"start": h.start, "stop": h.stop, "restart": h.restart} {
		if err := do(t.Context()); !errors.Is(err, errNotInstalled) {
			t.Errorf("%s of what is not installed: %v", what, err)
		}
	}
	h.must(t, h.install(t.Context(), false))
	for _, do := range []func(context.Context) error{h.start, h.start, h.restart, h.stop, h.stop} {
		h.must(t, do(t.Context()))
	}
}

func TestDescribeUnit(t *testing.T) {
	for _, tt := range []struct {
		state unitState
		says  string
		code  int
	}{
		{unitState{load: "not-found", active: "inactive"}, "not installed", 4},
		{unitState{load: "loaded", active: "active", text: "Ready at http://streambox.local", since: "noon", enabled: "enabled"}, "running since noon: Ready at http://streambox.local (starts with this machine)", 0},
		{unitState{load: "loaded", active: "reloading", enabled: "disabled"}, "running (does not start with this machine)", 0},
		{unitState{load: "loaded", active: "activating", sub: "start", enabled: "enabled"}, "starting", 0},
		{unitState{load: "loaded", active: "activating", sub: "auto-restart", result: "watchdog"}, "has failed (watchdog) and will be started again", 3},
		{unitState{load: "loaded", active: "deactivating", enabled: "enabled"}, "stopping", 3},
		{unitState{load: "loaded", active: "failed", result: "exit-code"}, "has failed (exit-code)", 3},
		{unitState{load: "loaded", active: "inactive", enabled: "enabled"}, "stopped", 3},
	} {
		if text, code := describeUnit(tt.state); code != tt.code || !strings.Contains(text, tt.says) {
			t.Errorf("%+v: %q, exit status %d; want %q, %d", tt.state, text, code, tt.says, tt.code)
		}
	}
}

// The file that install puts in place must be one that serve reads without a
// complaint, also after an editor of Windows has had it.
func TestTheInstalledSettingsAreRight(t *testing.T) {
	for _, f := range systemd.Manifest() {
		if f.Kind != systemd.Settings {
			continue
		}
		for _, content := range [][]byte{f.Content(), f.ApplianceContent()} {
			text := string(content)
			for _, variant := range []string{
				text,
				"\xef\xbb\xbf" + strings.ReplaceAll(text, "\n", "\r\n"),
				uncommented(text),
			} {
				if _, warnings, err := load(sources{file: []byte(variant), fileName: f.Name}); err != nil || len(warnings) > 0 {
					t.Errorf("%v %q", err, warnings)
				}
			}
		}
	}
}

// uncommented takes the # away from every setting that is only shown.
func uncommented(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if rest, isComment := strings.CutPrefix(line, "#"); isComment && !strings.HasPrefix(rest, " ") {
			line = rest
		}
		out = append(out, line)
	}
	return strings.Join(out, "")
}

func TestAFailedStartSaysWhatTheProgramSaidLast(t *testing.T) {
	for name, test := range map[string]struct {
		log, want string
		err       error
	}{
		"its last line":                   {log: "streambox: port 80 is taken\n", want: "does not start (streambox: port 80 is taken); journalctl"},
		"nothing was said":                {want: "does not start; journalctl"},
		"there is no journal":             {log: "half", err: errors.New("no journal"), want: "does not start; journalctl"},
		"a long line is cut":              {log: strings.Repeat("ä", 5000), want: "(" + strings.Repeat("ä", lastWordsRunes) + "…); journalctl"},
		"what would steer a terminal not": {log: "a\x1b[2Jb", want: "(a\ufffd[2Jb); journalctl"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeHost(t)
			if err := f.Install(); err != nil {
				t.Fatal(err)
			}
			f.control = failingControl{f}
			f.serviceHost.run = func(ctx context.Context, program string, args ...string) (string, error) {
				if program == "journalctl" {
					return test.log, test.err
				}
				return f.run(ctx, program, args...)
			}
			if err := f.start(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// failingControl starts nothing.
type failingControl struct{ unitControl }

func (failingControl) Start() error { return errors.New("exit status 1") }
