package usb_test

import (
	"testing"

	"streambox.local/appliance/usb/usbtest"
)

func TestContractFakeStick(t *testing.T) { usbtest.Contract(t, usbtest.NewFake(t)) }
