package report

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// seen is what can be told of the hardware without a running box. On most
// machines it is not there, which is nothing to be mended.
func (d *Doctor) seen() []Check {
	led := Check{Name: "boardLed", State: Absent, Detail: "this machine has no LED called ACT"}
	if _, err := os.Stat(filepath.Join(d.Hardware, "sys/class/leds/ACT")); err == nil {
		led.State, led.Detail = Present, "ACT"
	}
	return []Check{
		d.pins("button"), d.pins("led"), led,
		{Name: "mdns", State: Absent, Detail: "begins with the box"},
		{Name: "watchdog", State: Absent, Detail: "begins with the box, as a service"},
	}
}

// pins tells whether this machine has GPIO lines to which a button or a LED can be wired.
func (d *Doctor) pins(name string) Check {
	chips, err := filepath.Glob(filepath.Join(d.Hardware, "dev/gpiochip*"))
	if err != nil || len(chips) == 0 {
		return Check{Name: name, State: Absent, Detail: "this machine has no GPIO pins"}
	}
	c := Check{Name: name, State: Present, Detail: fmt.Sprintf("%d GPIO chips; a running box says what is wired", len(chips))}
	file, err := os.OpenFile(chips[0], os.O_RDWR, 0)
	switch {
	case err == nil:
		_ = file.Close()
	case errors.Is(err, fs.ErrPermission):
		c.State, c.Detail = Broken, "this user may not use the GPIO pins"
		c.Mend = "add the user to their group: sudo usermod -aG gpio $USER, and log in again; or run doctor as root"
	default:
		c.State, c.Detail, c.Mend = Broken, "the GPIO pins cannot be opened", "switch the machine off and on; if it stays so, the kernel's log (dmesg) says more"
	}
	return c
}
