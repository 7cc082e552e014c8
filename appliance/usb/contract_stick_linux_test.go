//go:build stick

package usb_test

import (
	"os"
	"testing"

	"streambox.local/appliance/usb/usbtest"
)

// A real USB disk, the real units. How to run it: package comment of usbtest.
func TestContractRealStick(t *testing.T) {
	port := os.Getenv("STREAMBOX_STICK_PORT")
	if port == "" {
		t.Fatal("STREAMBOX_STICK_PORT names no USB disk that may be formatted (1-1, for instance)")
	}
	usbtest.Contract(t, usbtest.NewPort(t, port))
}
