// Package vmtest is `make vm-test`: StreamBox as a service on a Debian arm64
// machine in QEMU, with sticks that are plugged and pulled, a button that is
// pressed, and an LED that is watched, all from outside.
//
// Its tests have the build tag vm. They need root (to make the machine's disk)
// and what `make vm-test` installs; the disk is kept in .cache/vm under a digest
// of recipe/, so only the first run makes it (recipe/root). Logs of the last run: .cache/vm/last.
//
// # Which truth of the hardware each part stands for
//
//   - virt board, TCG, Debian's kernel: a real boot with systemd and udev, and the kernel's
//     own drivers for USB storage, FAT, exFAT, NTFS and ext4. Not the Pi's kernel.
//   - xHCI with usb-storage that is pulled by QMP: a hand that pulls a stick, reads in flight.
//   - the kernel's own USB disk (dummy_hcd) over a device that device-mapper stops: a stick that
//     is dying. What is asked of it stays unanswered, the drivers' resets too.
//   - a USB port's authorization, taken and given again and again: a loose contact.
//   - Debian's udisks, LVM and cryptsetup: the owners of disks that are none of ours.
//   - PL061 with a test that holds its input and sees its output: a button to ground
//     with a pull-up, and an LED.
//   - the peer on a cable: a phone that asks for streambox.local by multicast.
//   - the forwarded port: that phone's browser.
//
// All runs in one machine, in order, because a boot takes half a minute: what one
// step leaves is what the next one begins with, as in a day of the box.
package vmtest
