// Package cutstest is `make test-cuts`: what a power cut leaves of a box's state, at
// every moment of its work, found on this machine and without an emulated one.
//
// The box runs here, at full speed, on an ext4 file system of its own whose disk
// notes every write and flush (usbtest.NewRecordedDisk); then each moment is put back
// and looked at (packages blklog and boxtest). The kernel's ext4 and the program are the
// real ones; the disk stands for an SD card that keeps what it has answered a flush for,
// and of the rest anything. What only the card has (its first start, updates) is in
// package cardtest.
//
// The tests have the build tag cuts, and need root, a mount namespace of their own, loop
// devices, FUSE and ffmpeg.
package cutstest
