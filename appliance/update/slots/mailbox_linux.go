package slots

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The property interface of a Raspberry Pi's firmware: a message is its own length, a code, a
// tag with the room of its value, the value, and a zero (github.com/raspberrypi/firmware/wiki/Mailbox-property-interface).
const (
	tagSetRebootFlags = 0x00038064
	flagTryboot       = 1
	answered          = 0x80000000
)

// mailboxRequest is the ioctl of /dev/vcio: _IOWR(100, 0, char *).
const mailboxRequest = 3<<30 | unsafe.Sizeof(uintptr(0))<<16 | 100<<8

// rebootFlags is the message that asks for a try with the next start, or takes that back.
func rebootFlags(try bool) []uint32 {
	m := []uint32{0, 0, tagSetRebootFlags, 4, 4, 0, 0}
	if try {
		m[5] = flagTryboot
	}
	m[0] = uint32(4 * len(m)) //nolint:gosec // 28
	return m
}

// tellFirmware sets the flag for the next start. A firmware that does not know it says so.
func tellFirmware(device string, try bool) error {
	file, err := os.OpenFile(device, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("opening the mailbox: %w", err)
	}
	defer file.Close()
	message := rebootFlags(try)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, file.Fd(), mailboxRequest, uintptr(unsafe.Pointer(&message[0]))) //nolint:gosec // the kernel copies it in and out
	runtime.KeepAlive(message)
	if errno != 0 {
		return fmt.Errorf("asking the firmware: %w", errno)
	}
	return refused(message)
}

// refused reads the answer.
func refused(message []uint32) error {
	if message[1] != answered || message[4]&answered == 0 {
		return errors.New("this firmware cannot try a slot; it needs an update of its own (rpi-eeprom-update)")
	}
	return nil
}
