// Package slots is the two halves of a card: each holds a whole system, one runs, and
// the other can be written, tried once, and be chosen for good.
//
// # Who chooses
//
// The firmware, by autoboot.txt on the card's first partition:
//
//	[all]
//	tryboot_a_b=1
//	boot_partition=2        what is started
//	[tryboot]
//	boot_partition=3        what is started once, when a reboot asked for it
//
// The file is exactly one sector, in one cluster ([Autoboot], [locate]), and is
// overwritten in place on the block device: no entry of a folder and no table of the file
// system changes, so a power cut leaves the old choice or the new one. People may edit the
// partition's other files on a laptop meanwhile; the file is looked for anew each time.
//
// "Once" is not written anywhere: it is the argument of the reboot ([TryArgument]). The
// Raspberry Pi kernel hands it to the firmware, which keeps it in RAM and forgets it with
// the next start, or with the power. Where the firmware takes mailbox messages (/dev/vcio), it is
// told directly too. A virtual machine has no such firmware: there the kernel's last line on
// the console says the argument, and whoever started the machine with
// streambox.tryboot=console on its command line has promised to read it.
//
// # What the other slot must not do
//
// Start while it is half written. Who writes it begins with zeros in the first sectors of
// its boot partition and ends with what belongs there (package update).
//
// # One logic, three machines
//
// [Card] is all of them: the partitions of a board, those of a virtual machine, and plain
// files in a folder for tests and developers ([Folder]), with the same sectors, and one
// contract suite (updatetest.Contract). Whether a board heeds the argument can be seen
// on that board only.
package slots
