package updatetest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"streambox.local/appliance/update/slots"
)

// Firmware starts a machine. Its zero value but for Autoboot has started nothing.
type Firmware struct {
	Autoboot func() ([]byte, error) // the sector, from the medium

	mu      sync.Mutex
	flag    bool // the next start is a try
	asked   []string
	running slots.Slot
}

// Restart is what a reboot is: the argument goes to the firmware, the machine ends.
func (f *Firmware) Restart(_ context.Context, argument string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, argument)
	f.flag = argument == "0 tryboot"
	return nil
}

// Restarts are the arguments of all restarts so far.
func (f *Firmware) Restarts() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

// CutPower forgets what is only in memory.
func (f *Firmware) CutPower() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.flag = false
}

// Start reads autoboot.txt and starts a slot.
func (f *Firmware) Start(t *testing.T) slots.Slot {
	t.Helper()
	text, err := f.Autoboot()
	if err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	want := "[all]"
	if f.flag && strings.Contains(string(text), "tryboot_a_b=1") {
		want = "[tryboot]"
	}
	f.flag = false
	section := ""
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.HasPrefix(line, "[") {
			section = line
		}
		if section == want && strings.HasPrefix(line, "boot_partition=") {
			number := strings.TrimPrefix(line, "boot_partition=")
			f.running = map[string]slots.Slot{"2": slots.A, "3": slots.B}[number]
		}
	}
	if f.running == 0 {
		t.Fatalf("the firmware finds nothing to start in %q", text)
	}
	return f.running
}

// sectorOf reads a sector of a file.
func sectorOf(path string, at int64) func() ([]byte, error) {
	return func() ([]byte, error) {
		file, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("the firmware reads the card: %w", err)
		}
		defer file.Close()
		sector := make([]byte, 512)
		_, err = file.ReadAt(sector, at)
		return sector, err
	}
}
