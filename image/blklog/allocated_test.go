package blklog

import (
	"io/fs"
	"syscall"
)

// allocated is what a file takes on the disk (stat(2): in units of 512 bytes).
func allocated(info fs.FileInfo) int64 { return info.Sys().(*syscall.Stat_t).Blocks * 512 }
