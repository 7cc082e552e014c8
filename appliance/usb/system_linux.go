package usb

import "golang.org/x/sys/unix"

// readOnlyFlag is the bit of statfs(2) for a file system mounted read-only.
const readOnlyFlag = unix.ST_RDONLY

// mountNumber is the number of the mount that an open folder lies in, 0 for
// unknown. It is unique since Linux 6.8: no two mounts ever had the same. Before,
// numbers are used again.
func mountNumber(fd int) (number uint64, unique bool) {
	for _, mask := range []int{unix.STATX_MNT_ID_UNIQUE, unix.STATX_MNT_ID} {
		var st unix.Statx_t
		if unix.Statx(fd, "", unix.AT_EMPTY_PATH, mask, &st) == nil && st.Mask&uint32(mask) != 0 { //nolint:gosec // a bit
			return st.Mnt_id, mask == unix.STATX_MNT_ID_UNIQUE
		}
	}
	return 0, false
}
