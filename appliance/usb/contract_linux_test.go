package usb_test

import (
	"os"
	"testing"

	"streambox.local/appliance/usb/usbtest"
)

// The real helper, the real kernel, a real file system; only the USB is missing.
func TestContractLoopStick(t *testing.T) {
	if usbtest.InOwnMounts(t) {
		usbtest.Contract(t, usbtest.NewLoopBench(t))
	}
}

// A real USB disk, the real units. How to run it: package comment of usbtest.
func TestContractRealStick(t *testing.T) {
	port := os.Getenv("STREAMBOX_STICK_PORT")
	if port == "" {
		t.Skip("not run here: a USB disk that may be formatted is missing (STREAMBOX_STICK_PORT=1-1); make vm-test has one")
	}
	usbtest.Contract(t, usbtest.NewPort(t, port))
}
