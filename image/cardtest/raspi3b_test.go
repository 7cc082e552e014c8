//go:build card

package cardtest

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// piWait is for a board that QEMU emulates down to its registers: three to ten
// times slower than -M virt.
const piWait = 20 * time.Minute

// TestRaspi3b: the same card starts on QEMU's Raspberry Pi 3, from its SD card
// reader and with the board's device tree from the card itself, as far as the page
// over a network card on USB.
func TestRaspi3b(t *testing.T) {
	d, diary := newDay(t, "raspi3b")
	diary.Failed = nil // this board has no line for the test's shell: the console's log is all there is
	diary.Step("first start on a Pi 3: the page answers", func(t *testing.T) {
		t.Helper()
		began := time.Now()
		d.Guest = d.card.powerOnPi3(t)
		d.Phone = boxtest.NewPhone(t, d.Guest)
		boxtest.Until(t, piWait, "the page answers", func() (bool, any) {
			select {
			case <-d.Ended():
				t.Fatalf("the machine has ended; its console: %s/console.log", d.Dir)
			default:
			}
			status, body, err := d.Phone.Get(boxtest.Within(t, time.Minute), "/healthz")
			return status == http.StatusOK, []any{string(body), err}
		})
		d.Note("power on → HTTP: %.0f s (emulated)", time.Since(began).Seconds())
	})
	diary.Step("it is the page, of a box that is ready", func(t *testing.T) {
		t.Helper()
		status, body, err := d.Phone.Get(boxtest.Within(t, boxtest.StepWait), "/")
		if err != nil || status != http.StatusOK || !strings.Contains(string(body), "<html") {
			t.Fatalf("status %d, %v: %.200s", status, err, body)
		}
		var seen boxtest.Box
		boxtest.Until(t, 4*boxtest.StepWait, "the box is ready", func() (bool, any) {
			err := d.Phone.Ask("/api/v1/box", &seen)
			return err == nil && seen.State == "ready", []any{seen, err}
		})
		d.Note("%s %s, at %s, problems: %v", seen.Name, seen.Version, strings.Join(seen.URLs, " "), seen.Problems)
	})
	diary.Try("the card has grown", func(t *testing.T) {
		t.Helper()
		if _, there := d.card.partition(t, libraryPart); !there {
			t.Error("it has no partition for films")
		}
	})
}

// powerOnPi3 starts QEMU's Raspberry Pi 3 from the card. What the firmware does is done as in powerOn.
func (c *card) powerOnPi3(t *testing.T) *boxtest.Guest {
	t.Helper()
	number := c.bootPartition(t)
	const kernel, initrd, tree = "vmlinuz", "initrd.img", "bcm2837-rpi-3-b.dtb"
	at := func(name string) string { return filepath.Join(c.dir, name) }
	for _, name := range []string{kernel, initrd, tree} {
		c.take(t, number, name, at(name))
	}
	cmdline := strings.TrimSpace(string(c.read(t, number, "cmdline.txt")))
	// Setting the watchdog of QEMU's board resets it at once: systemd leaves it alone here.
	cmdline += " systemd.watchdog_sec=0 systemd.show_status=auto systemd.default_device_timeout_sec=900"
	logs := filepath.Join(c.dir, "logs")
	boxtest.Must(t, os.MkdirAll(logs, 0o755))
	return boxtest.Start(t, c.whole, vm.Config{
		Board: vm.Raspi3B(at(tree)), Kernel: at(kernel), Initrd: at(initrd), Append: cmdline,
		Disks:   []vm.Disk{{Path: c.path, Format: "raw"}},
		Forward: []int{boxtest.ServicePort}, NoReboot: true, Dir: logs,
	})
}
