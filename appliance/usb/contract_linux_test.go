package usb_test

import (
	"testing"

	"streambox.local/appliance/usb/usbtest"
)

// The real helper, the real kernel, a real file system; only the USB is missing.
func TestContractLoopStick(t *testing.T) {
	if usbtest.InOwnMounts(t) {
		usbtest.Contract(t, usbtest.NewLoopBench(t))
	}
}
