package main

import (
	"bytes"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"streambox.local/systemd"
)

func manual(t *testing.T, args ...string) string {
	t.Helper()
	a, stdout, stderr := testApp()
	if status := a.run(t.Context(), append([]string{"manual"}, args...)); status != exitOK {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	return stdout.String()
}

// What a person can do stands in the manual: nothing may be forgotten.
func TestTheManualHasEveryCommandAndSetting(t *testing.T) {
	a, _, _ := testApp()
	page := manual(t)
	var look func(*cobra.Command)
	look = func(parent *cobra.Command) {
		for _, cmd := range parent.Commands() {
			if cmd.IsAvailableCommand() && cmd.Name() != "help" && !strings.Contains(page, roff(cmd.CommandPath())) {
				t.Errorf("%s is not in streambox(1)", cmd.CommandPath())
			}
			if cmd.Hidden && strings.Contains(page, `.SS "`+roff(cmd.CommandPath())) {
				t.Errorf("%s is hidden, and in streambox(1)", cmd.CommandPath())
			}
			if !cmd.Hidden && cmd.Name() != "completion" {
				look(cmd)
			}
		}
	}
	look(a.root())
	if strings.Contains(page, roff("--stick ")) || !strings.Contains(page, roff("--trusted-proxies ADDRESS")) || !strings.Contains(page, roff("-o, --out FILE")) {
		t.Errorf("flags are missing, or one that is hidden is not:\n%s", page)
	}
	settings := manual(t, "settings")
	for _, row := range table() {
		if !strings.Contains(settings, ".B "+roff(row.key)+" = ") {
			t.Errorf("%s is not in streambox.toml(5)", row.key)
		}
	}
}

// man itself finds nothing to complain about.
func TestTheManualIsTypesetWithoutWarnings(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts groff, which -short leaves out")
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			t.Fatal("groff is missing")
		}
		t.Skip("not run here: groff is missing (apt-get install groff-base)")
	}
	for _, args := range [][]string{nil, {"settings"}} {
		cmd := exec.CommandContext(t.Context(), groff, "-man", "-Kutf8", "-Tutf8", "-ww", "-rLL=80n")
		cmd.Stdin = strings.NewReader(manual(t, args...))
		var out, warnings bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &warnings
		if err := cmd.Run(); err != nil || warnings.Len() > 0 {
			t.Errorf("manual %v: %v\n%s", args, err, warnings.String())
		}
		if !strings.Contains(out.String(), "http://streambox.local") && len(args) == 0 {
			t.Errorf("the text is not there:\n%s", out.String())
		}
	}
}

func TestTextIsNoMacro(t *testing.T) {
	p := new(manualPage)
	p.paragraph(".so /etc/passwd\n'br \\n(.x a-b")
	want := ".PP\n\\&.so /etc/passwd\n.br\n\\&'br \\en(.x a\\-b\n"
	if p.text.String() != want {
		t.Errorf("got %q, want %q", p.text.String(), want)
	}
}

// The settings file that is installed explains every setting, sets none, and
// each of its lines is right once the # is taken away.
func TestTheInstalledSettingsFileHasEverySetting(t *testing.T) {
	var content string
	for _, f := range systemd.Manifest() {
		if f.Kind == systemd.Settings {
			content = string(f.Content())
		}
	}
	got, warnings, err := load(sources{file: []byte(content), fileName: "it", defaults: serviceDefaults()})
	if err != nil || len(warnings) > 0 {
		t.Fatalf("%v %q", err, warnings)
	}
	var all []string
	for _, row := range table() {
		all = append(all, row.key)
		if got.from[row.key] != "default" {
			t.Errorf("%s is set", row.key)
		}
	}
	var lines, keys []string
	for line := range strings.Lines(content) {
		if text, isSetting := strings.CutPrefix(line, "#"); isSetting && !strings.HasPrefix(text, " ") && strings.Contains(text, " = ") {
			lines, keys = append(lines, text), append(keys, keyOf(text))
		} else if !strings.HasPrefix(line, "# ") && line != "\n" {
			t.Errorf("%q is neither a comment, nor a setting that is commented out", line)
		}
	}
	if sorted := slices.Sorted(slices.Values(keys)); !slices.Equal(sorted, slices.Sorted(slices.Values(all))) {
		t.Errorf("the file has the settings\n%q, there are\n%q", sorted, slices.Sorted(slices.Values(all)))
	}
	before := map[string]string{}
	for _, row := range table() {
		before[row.key] = row.show(got)
	}
	got, warnings, err = load(sources{file: []byte(strings.Join(lines, "")), fileName: "it", defaults: serviceDefaults()})
	if err != nil || len(warnings) > 0 {
		t.Fatalf("with every # taken away: %v %q", err, warnings)
	}
	for _, row := range table() {
		if got.from[row.key] != "file" {
			t.Errorf("%s does not come from the file", row.key)
		}
		// What the file shows is the default, but for lists and what can only be an example.
		if shown := row.show(got); shown != before[row.key] && row.list == "" && row.key != "data" {
			t.Errorf("the file shows %s as %q, the default is %q", row.key, shown, before[row.key])
		}
	}
}

// serviceDefaults are those of the program when systemd starts it.
func serviceDefaults() settings {
	a, _, _ := testApp("NOTIFY_SOCKET=/run/systemd/notify", "STATE_DIRECTORY=/var/lib/streambox")
	return a.defaults(false)
}
