// Package usbtest has sticks for tests: a fake one in a temporary folder, real
// file systems on loop devices, a disk whose reads hang (a loop device on a
// FUSE file of our own), and a real USB port. One suite, Contract, says what a
// stick must do on all of them.
//
// # On real hardware, or in a virtual machine
//
// The suite runs on any machine that has StreamBox's units and udev rules
// installed with sticks = "auto", as root, on a USB disk that may be FORMATTED:
//
//	GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go test -c -tags stick -o usb.test ./appliance/usb
//	STREAMBOX_STICK_PORT=1-1 ./usb.test -test.v -test.run '^TestContractRealStick$'
//
// STREAMBOX_STICK_PORT is the folder's name in /sys/bus/usb/devices of a mass
// storage device of 64 MB or more. The suite formats it with FAT32, exFAT, NTFS
// and ext4 in turn (mkfs.vfat, mkfs.exfat, mkfs.ntfs, mkfs.ext4: packages
// dosfstools, exfatprogs, ntfs-3g, e2fsprogs), and plugs and pulls it by
// /sys/bus/usb/drivers/usb/bind and unbind, which to the rest of the system is
// the cable. STREAMBOX_STICK_FILESYSTEMS=vfat,ext4 takes only these. Nothing
// outside of the machine is needed. The tag keeps the
// test out of runs that have no such disk.
package usbtest
