// Package vm drives a QEMU machine as a person in the room drives the box: it
// switches it on, plugs and pulls sticks, presses the button, looks at the LED,
// reads the serial console, and opens the page.
//
// It knows nothing of StreamBox and nothing of testing. image/vmtest and the
// boot test of the card image put their scenarios on top of it.
//
// # A machine
//
//	machine := vm.New(vm.Config{Board: vm.Virt(), Kernel: …, Disks: …})
//	go machine.Run(ctx)       // until QEMU ends: the guest switched itself off, or ctx ended
//	machine.Up(ctx)           // QEMU runs, its processors do not yet
//	machine.GPIO.Set(ctx, 5, true)
//	machine.PowerOn(ctx)
//	machine.Console.Expect(ctx, regexp.MustCompile(`login:`))
//
// QEMU starts paused, so that lines which the outside world holds (a button with
// its pull-up) have their level before the first instruction. Everything that
// waits takes a context and ends with it, or when QEMU is gone; then the error
// says what was waited for, and Ended says how QEMU ended.
//
// # How it talks to QEMU
//
// Over socket pairs whose other ends QEMU inherits as descriptors: there is no
// path that could be too long or left behind, no port that somebody else could
// take, and no moment at which QEMU is not listening yet. There are up to five:
//
//   - QMP, the machine protocol (QMP): sticks, power, the ports that are forwarded;
//   - qtest (QTest): drives and intercepts interrupt lines, which is what the pins
//     of a GPIO controller are inside QEMU. The guest runs under TCG as
//     usual; qtest does not stop its clock;
//   - the serial console (Console), kept in full in a file;
//   - a second line to a root shell in the guest (Shell), where the guest has one,
//     so that commands and the kernel's messages do not mix;
//   - a cable (Peer): a second network card whose Ethernet frames come to the
//     test, because QEMU's built-in network forwards no multicast. The peer
//     speaks as much ARP, IPv4 and UDP as a question to 224.0.0.251 needs.
//
// TCP ports of the guest are forwarded to 127.0.0.1, at a port that the kernel chose.
//
// # Sticks
//
// Plug adds a USB mass storage device to the xHCI controller; Pull removes it as
// a hand does: the guest is told afterwards, and reads in flight fail. A stick's
// speed can be limited (QEMU's throttle filter), so that a read is really in
// flight when a test pulls it.
//
// # Which boards
//
// Virt is the fast one (no firmware, virtio disks, a PL061 with eight lines, of
// which line 3 is QEMU's own power key). Raspi3B is QEMU's model of the Raspberry
// Pi 3: SD card, USB network; three to ten times slower to boot. KVM is not used: what
// is tested is arm64, and most machines that test it are not.
//
// # Ends
//
// When ctx ends, QEMU is asked to quit and after some seconds killed by its
// process id. On Linux it also dies with the process that started it, so a test
// that is killed leaves no machine behind. Nothing outside Config.Dir is written.
package vm
