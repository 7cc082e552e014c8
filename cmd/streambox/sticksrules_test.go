package main

import (
	"path"
	"strconv"
	"strings"
	"testing"

	"streambox.local/appliance/usb/mount"
	"streambox.local/systemd"
)

// asksForUnit tells whether the sticks' rules come as far as asking for a unit, for a
// partition of this number. Only the lines that look at it are played: udev's
// alternatives (|), each a pattern as path.Match has them.
func asksForUnit(t *testing.T, rules string, number int) bool {
	t.Helper()
	for line := range strings.Lines(rules) {
		if strings.Contains(line, "SYSTEMD_WANTS") {
			return true
		}
		rest, looks := strings.CutPrefix(line, `ENV{PARTN}=="`)
		if !looks {
			continue
		}
		patterns, then, _ := strings.Cut(rest, `"`)
		if strings.TrimSpace(then) != `, GOTO="streambox_sticks_end"` {
			t.Fatalf("what does this rule do? %s", line)
		}
		for pattern := range strings.SplitSeq(patterns, "|") {
			hit, err := path.Match(pattern, strconv.Itoa(number))
			if err != nil {
				t.Fatal(err)
			}
			if hit {
				return false
			}
		}
	}
	t.Fatal("the rules ask for no unit")
	return false
}

// A unit for each of 255 partitions, all at once, would be 255 programs. So udev
// asks for those alone that the program may have something to say of.
func TestAStickWithHundredsOfPartitionsStartsFewUnits(t *testing.T) {
	rules := ""
	for _, f := range systemd.Manifest() {
		if f.Name == "90-streambox-sticks.rules" {
			rules = string(f.Content())
		}
	}
	const most = 255 // DISK_MAX_PARTS of Linux, without the disk itself
	told := 0        // the last of a disk's partitions, counted, that is more than a line in the log
	for rank := 1; rank <= most; rank++ {
		d := mount.Device{Name: "sda" + strconv.Itoa(rank), Disk: "sda", USB: true, SizeBytes: 1 << 20, Rank: rank}
		if mount.Decide(d, mount.Machine{}, mount.AllSticks()).State != "" {
			told = rank
		}
	}
	const numbersLeftOut = 3 // of an MBR: logical partitions begin at 5, beside one that holds them
	for number := 1; number <= most; number++ {
		if got, want := asksForUnit(t, rules, number), number <= told+numbersLeftOut; got != want {
			t.Errorf("partition %d gets a unit: %v, wanted: %v", number, got, want)
		}
	}
	if told < 2 || told > most/2 {
		t.Errorf("the program says something of %d partitions: this proves nothing", told)
	}
}
