package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestTheFirstPartitionsFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := run([]string{dir, "streambox_1.2.3_arm64.deb"}); err != nil {
		t.Fatal(err)
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 3 {
		t.Fatalf("there are %v", list)
	}
	explained := string(files("streambox_1.2.3_arm64.deb")["README.txt"])
	for _, f := range list {
		if !strings.Contains(explained+" README.txt", f.Name()) {
			t.Errorf("the README does not explain %s", f.Name())
		}
	}
	if !strings.Contains(explained, "streambox_1.2.3_arm64.deb") {
		t.Error("the README does not say what the card is made of")
	}
	for name, text := range files("") {
		if name != "autoboot.txt" && bytes.Count(text, []byte("\n")) != bytes.Count(text, []byte("\r\n")) {
			t.Errorf("an old editor of Windows shows %s as one line", name)
		}
	}
}

// A card is only a StreamBox: nobody has to turn anything on.
func TestTheCardsSettingsAreThoseOfAnAppliance(t *testing.T) {
	t.Parallel()
	settings := string(files("")["streambox.toml"])
	for _, line := range []string{"\nsticks = \"auto\"\r\n", "\npanel = \"auto\"\r\n"} {
		if !strings.Contains(settings, line) {
			t.Errorf("the settings lack %q", line)
		}
	}
}
