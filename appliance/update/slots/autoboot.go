package slots

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// SectorBytes is the size of autoboot.txt. The firmware reads no more of it either.
const SectorBytes = 512

// AutobootName is its name.
const AutobootName = "autoboot.txt"

// firstBoot is the number of slot a's boot partition; b's follows.
const firstBoot = 2

// partition is the number of a slot's boot partition.
func (s Slot) partition() int { return firstBoot + s.index() }

// Autoboot is autoboot.txt for a machine that starts a slot, and the other one once when
// it is asked to: one sector, filled up with remarks.
func Autoboot(chosen Slot) []byte {
	text := fmt.Appendf(nil, "[all]\ntryboot_a_b=1\nboot_partition=%d\n[tryboot]\nboot_partition=%d\n"+
		"# Written by StreamBox, which overwrites this file in its place: leave it as it is, 512 bytes.\n",
		chosen.partition(), chosen.Other().partition())
	for len(text) < SectorBytes {
		line := min(SectorBytes-len(text), 64)
		text = append(text, bytes.Repeat([]byte("#"), line-1)...)
		text = append(text, '\n')
	}
	return text
}

// ErrAutoboot is a choice that is not one of ours: somebody has saved the file.
var ErrAutoboot = errors.New("autoboot.txt does not choose between the two slots")

// chosen reads autoboot.txt as the firmware does: sections in brackets, lines with =, the last one counts.
func chosen(text []byte) (Slot, error) {
	values := map[string]string{}
	section := "all"
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if name, found := strings.CutPrefix(line, "["); found {
			section = strings.TrimSuffix(name, "]")
			continue
		}
		if key, value, found := strings.Cut(line, "="); found && !strings.HasPrefix(line, "#") {
			values[section+"."+strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	for _, slot := range []Slot{A, B} {
		if values["all.boot_partition"] == strconv.Itoa(slot.partition()) &&
			values["tryboot.boot_partition"] == strconv.Itoa(slot.Other().partition()) && values["all.tryboot_a_b"] == "1" {
			return slot, nil
		}
	}
	return 0, ErrAutoboot
}
