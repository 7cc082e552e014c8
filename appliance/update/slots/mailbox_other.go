//go:build !linux

package slots

import "errors"

func tellFirmware(string, bool) error { return errors.New("this system has no such firmware") }
