//go:build cuts

package cutstest

import (
	"os"
	"testing"

	"streambox.local/appliance/usb/usbtest"
	"streambox.local/image/blklog"
)

func TestMain(m *testing.M) {
	usbtest.MainRecording(m, func(log *os.File) usbtest.Recorder { return blklog.NewWriter(log) })
}
