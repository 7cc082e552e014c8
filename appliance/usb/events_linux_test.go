package usb_test

import (
	"testing"
	"time"

	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/usbtest"
)

// The look of each second is switched off: what is seen here, the kernel has said,
// of a real mount and of a real note, each by itself.
func TestTheKernelsWordIsEnough(t *testing.T) {
	if !usbtest.InOwnMounts(t) {
		return
	}
	const rounds = 5
	for _, c := range []struct {
		name     string
		content  usbtest.Content
		readable bool
		watcher  func(b *usbtest.LoopBench) *usb.Folders
	}{
		{"mounted and unmounted, and no notes", usbtest.Content{FileSystem: "ext4", Label: "FILMS"}, true, func(b *usbtest.LoopBench) *usb.Folders {
			f := b.Folders()
			f.Notes = ""
			return f
		}},
		{"a note that comes and goes, and no mount", usbtest.Content{}, false, (*usbtest.LoopBench).Folders},
		{"both", usbtest.Content{FileSystem: "ext4", Label: "FILMS"}, true, (*usbtest.LoopBench).Folders},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := usbtest.NewLoopBench(t)
			b.Prepare(t, c.content)
			w := usbtest.NewWatch(t, c.watcher(b).OnlyByEvents())
			w.None()
			for range rounds {
				b.Plug(t)
				plugged := time.Now()
				w.One(c.readable)
				told := time.Since(plugged)
				b.Pull(t)
				pulled := time.Now()
				w.None()
				t.Logf("told %v after the plug, %v after the pull", told.Round(100*time.Microsecond), time.Since(pulled).Round(100*time.Microsecond))
			}
		})
	}
}
