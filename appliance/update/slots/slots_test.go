package slots

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAutobootIsOneSectorThatTheFirmwareReads(t *testing.T) {
	for _, slot := range []Slot{A, B} {
		text := Autoboot(slot)
		if len(text) != SectorBytes || text[len(text)-1] != '\n' || bytes.ContainsAny(text, "\r\x00") {
			t.Errorf("%d bytes: %q", len(text), text)
		}
		for line := range strings.Lines(string(text)) {
			if len(line) > 99 {
				t.Errorf("the firmware cuts lines: %q", line)
			}
		}
		if got, err := chosen(text); err != nil || got != slot {
			t.Errorf("%v reads as %v: %v", slot, got, err)
		}
	}
	for sentence, text := range map[string]string{
		"nothing":               "",
		"no try":                "[all]\nboot_partition=2\n",
		"the same one twice":    "[all]\ntryboot_a_b=1\nboot_partition=2\n[tryboot]\nboot_partition=2\n",
		"another partition":     "[all]\ntryboot_a_b=1\nboot_partition=5\n[tryboot]\nboot_partition=3\n",
		"the values as remarks": "[all]\n#tryboot_a_b=1\n#boot_partition=2\n[tryboot]\nboot_partition=3\n",
	} {
		if _, err := chosen([]byte(text)); err == nil {
			t.Errorf("%s is a choice", sentence)
		}
	}
	if got, err := chosen([]byte("[all]\r\ntryboot_a_b = 1\r\n boot_partition=3 \r\n[tryboot]\r\nboot_partition=2")); err != nil || got != B {
		t.Errorf("an editor's line ends: %v, %v", got, err)
	}
}

func TestMachinesWithoutSlots(t *testing.T) {
	root := t.TempDir()
	m := Machine{Root: root}
	put := func(path, text string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Find(); !errors.Is(err, ErrNone) || m.Boards() != nil {
		t.Errorf("a machine without /proc: %v", err)
	}
	for _, line := range []string{"", "root=/dev/sda1 quiet", "streambox.slot=c", "streambox.slot=", "xstreambox.slot=a"} {
		put("proc/cmdline", line)
		if _, err := m.Find(); !errors.Is(err, ErrNone) {
			t.Errorf("%q: %v", line, err)
		}
	}
	put("proc/cmdline", "quiet streambox.slot=b\n")
	if _, err := m.Find(); err == nil || errors.Is(err, ErrNone) {
		t.Errorf("a card without partitions is broken, not absent: %v", err)
	}
	for _, name := range []string{"boot", "boot-a", "boot-b", "root-a", "root-b"} {
		put("dev/streambox/"+name, "")
	}
	if _, err := m.Find(); !errors.Is(err, ErrNone) {
		t.Errorf("a kernel that cannot try: %v", err)
	}
	put("proc/device-tree/compatible", "raspberrypi,5-model-b\x00brcm,bcm2712\x00")
	put("dev/vcio", "")
	c, err := m.Find()
	if err != nil || c.Running != B || !slices.Equal(m.Boards(), []string{"raspberrypi,5-model-b", "brcm,bcm2712"}) {
		t.Errorf("%+v %q: %v", c, m.Boards(), err)
	}
}

func TestSlotsAsText(t *testing.T) {
	data, err := json.Marshal(map[string]Slot{"slot": B})
	if err != nil || string(data) != `{"slot":"b"}` {
		t.Errorf("%s %v", data, err)
	}
	var back map[string]Slot
	if err := json.Unmarshal(data, &back); err != nil || back["slot"] != B || B.Other() != A || A.Other() != B {
		t.Errorf("%v %v", back, err)
	}
	if json.Unmarshal([]byte(`{"slot":"c"}`), &back) == nil {
		t.Error("there is a third")
	}
}
