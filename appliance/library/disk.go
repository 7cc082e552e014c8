package library

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// diskSpace asks the file system; free is what an ordinary user may still write.
func diskSpace(dir string) (total, free int64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, fmt.Errorf("ask how full the disk is: %w", err)
	}
	block := int64(st.Bsize)                                       //nolint:unconvert // 32 bits wide on 32-bit boards
	return int64(st.Blocks) * block, int64(st.Bavail) * block, nil //nolint:gosec // G115: no disk has 2^63 bytes
}

// defaultReserve is what stays free: 1 GiB or a tenth, whichever is larger.
func defaultReserve(total int64) int64 { return max(1<<30, total/10) }

// Storage is what GET /api/v1/box shows of the disk.
func (l *Library) Storage() Storage {
	total, free, err := l.cfg.DiskSpace(l.cfg.Dir)
	if err != nil {
		l.cfg.Log.Warn("Could not ask how full the disk is", "error", err)
	}
	s := Storage{TotalBytes: total, FreeBytes: free, ReserveBytes: l.cfg.ReserveBytes(total)}
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, e := range l.entries {
		for _, one := range e.rec.Renditions {
			if e.onDisk[one.Name] {
				s.LibraryBytes += one.Bytes()
			}
		}
	}
	return s
}
