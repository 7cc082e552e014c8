package update_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/update"
	"streambox.local/appliance/update/slots"
	"streambox.local/appliance/update/updatetest"
	"streambox.local/appliance/usb/usbtest"
)

// The truth of a card that files do not have: its partitions are block devices, the first is mounted while
// the sector below it is overwritten, and what is mounted cannot be opened for writing.
func TestSlotsOnBlockDevices(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	updatetest.Contract(t, devices)

	t.Run("a slot that is mounted is not written", func(t *testing.T) {
		c := devices(t)
		point := t.TempDir()
		card := c.Slots(t)
		if out, err := exec.CommandContext(t.Context(), "mkfs.ext4", "-q", "-F", "-O", "^has_journal", card.Boots[1]).CombinedOutput(); err != nil {
			usbtest.NotHere(t, "mkfs.ext4: "+string(out))
		}
		must(t, unix.Mount(card.Boots[1], point, "ext4", unix.MS_RDONLY, ""))
		t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) })
		if _, err := card.Open(slots.Boot); !errors.Is(err, unix.EBUSY) {
			t.Errorf("it may be: %v", err)
		}
	})
	t.Run("an update from plug to kept", func(t *testing.T) {
		r := newRig(t)
		r.card = devices(t)
		system, data := ours(t, 101)
		r.plug(data)
		must(t, r.update())
		must(t, r.try())
		r.card.Start(t)
		r.expect(slots.B, slots.A)
		r.build = 101
		must(t, r.start())
		r.expect(slots.B, slots.B)
		if r.code() != update.CodeDone || !r.holds(slots.B, system) {
			t.Errorf("%+v", r.told)
		}
	})
}

// devices is a card of block devices, with the first partition mounted.
func devices(t *testing.T) *updatetest.Card {
	t.Helper()
	dir := t.TempDir()
	image, at := updatetest.FAT(16, 4, []string{"AUTOBOOTTXT", "WIFI    TXT"}, [][]byte{slots.Autoboot(slots.A), []byte("network=x\n")})
	device := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, data, 0o600))
		return "/dev/" + usbtest.AttachLoop(t, path).Name
	}
	boot := device("boot", pad(image, (len(image)+4095)/4096*4096))
	empty := func(size int) []byte { return bytes.Repeat([]byte{0}, size) }
	card := slots.Card{
		Choice: boot, Boots: [2]string{device("boot-a", empty(updatetest.BootBytes)), device("boot-b", empty(updatetest.BootBytes))},
		Roots: [2]string{device("root-a", empty(updatetest.RootBytes)), device("root-b", empty(updatetest.RootBytes))},
	}
	point := filepath.Join(dir, "mounted")
	must(t, os.Mkdir(point, 0o750))
	if err := unix.Mount(boot, point, "vfat", unix.MS_RDONLY, ""); !errors.Is(err, unix.ENODEV) { // a kernel without FAT: then it is not mounted
		must(t, err)
		t.Cleanup(func() { _ = unix.Unmount(point, unix.MNT_DETACH) })
	}
	c := &updatetest.Card{Dir: dir, Choice: filepath.Join(dir, "boot"), At: at[0]}
	c.Firmware = &updatetest.Firmware{Autoboot: func() ([]byte, error) {
		data, err := os.ReadFile(c.Choice) // what the medium has, not what the kernel remembers
		if err != nil {
			return nil, err
		}
		return data[at[0] : at[0]+slots.SectorBytes], nil
	}}
	c.Find = func(running slots.Slot) (*slots.Card, error) {
		found := card
		found.Running, found.Restart = running, c.Restart
		return &found, nil
	}
	c.Start(t)
	return c
}
