package usb

import "golang.org/x/sys/unix"

// readOnlyFlag is the bit of statfs(2) for a file system mounted read-only.
const readOnlyFlag = unix.ST_RDONLY

// mountNumber is the number of the mount that an open folder lies in. Since
// Linux 6.8 no two mounts ever had the same; before, numbers are used again.
func mountNumber(fd int) uint64 {
	for _, mask := range []int{unix.STATX_MNT_ID_UNIQUE, unix.STATX_MNT_ID} {
		var st unix.Statx_t
		if unix.Statx(fd, "", unix.AT_EMPTY_PATH, mask, &st) == nil && st.Mask&uint32(mask) != 0 { //nolint:gosec // a bit
			return st.Mnt_id
		}
	}
	return 0
}
