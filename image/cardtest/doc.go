// Package cardtest is `make image-smoke` and `make image-test`: the card that
// `make image` has made, started in QEMU as a Raspberry Pi starts it, and used.
//
// Its tests have the build tag card. They need the card in .cache/card/debian and
// what the make targets install; no root. Logs of the last run, and how long each
// step took: .cache/cardtest.
//
// # Which truth of the hardware each part stands for
//
//   - The host plays the firmware: it reads autoboot.txt from the card's first
//     partition, takes kernel, initrd and cmdline.txt from the boot partition named
//     there, and starts the machine with them. "Once" (tryboot) is what the system
//     says last on its console, as a Pi's firmware is told by the kernel.
//   - -M virt stands for the board: another chip, the same kernel package and the
//     same root. The card is a virtio disk.
//   - A file on the first partition that is changed with mtools is a laptop's card reader.
//   - The test's shell is not in the card: the host, as firmware, hands systemd a
//     unit on the command line. Who starts the machine owns it, on a Pi too.
//   - Power cuts: all writes of the card are recorded once, and each moment is put
//     back and looked at (package blklog says what a cut leaves); five real ones,
//     QEMU killed, prove that the card starts again.
//   - sticks, button, LED, phone: as in package vmtest, by the same steps (boxtest).
package cardtest
