// Package boxtest is what the tests of the virtual machine (image/vmtest) and of
// the card image (image/cardtest) do alike: it drives a box in QEMU as the people
// in the room do. A Guest is a machine with the box's button and LED, a Phone is a
// browser's share, sticks are made of test films, and Cuts puts a disk back to
// where the power can have gone and looks whether the box could go on.
//
// Waits are long because the machine is emulated, on a host with other things to
// do. What lasted how long is told, not judged.
package boxtest
