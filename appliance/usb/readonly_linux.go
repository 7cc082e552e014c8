package usb

import "golang.org/x/sys/unix"

// readOnlyFlag is the bit of statfs(2) for a file system mounted read-only.
const readOnlyFlag = unix.ST_RDONLY
