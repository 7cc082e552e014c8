package vm

import (
	"log/slog"
	"time"
)

// Config says what machine to build. Board, Kernel and Dir are needed.
type Config struct {
	Board    Board
	Kernel   string // path of an uncompressed or self-extracting kernel
	Initrd   string // path, "" none
	Append   string // the kernel's command line; the console is added by Board
	Disks    []Disk // in this order: vda, vdb … on Virt; the first is the SD card on Raspi3B
	NoReboot bool   // a reboot of the guest ends QEMU, as switching off does
	Forward  []int  // TCP ports of the guest that the host may reach, see Machine.Forwarded
	// ReachHost lets the guest call this host's 127.0.0.1, which it finds at
	// HostAddress, and with it whatever the host reaches. Off, it reaches nothing.
	ReachHost bool
	Shell     bool // a second serial line for a root shell, port name ShellPort (virtio boards only)
	Cable     bool // a second network card whose other end is Machine.Peer (virtio boards only)

	Dir      string        // for console.log, shell.log and qemu.log; must exist
	Emulator string        // "" the Board's
	QuitWait time.Duration // how long QEMU may take to quit when Run's context ends; 0 is 5 s
	Log      *slog.Logger  // optional
}

// ShellPort is the name of the virtio serial port that Config.Shell makes: the
// guest finds it as /dev/virtio-ports/<ShellPort>.
const ShellPort = "vm.shell"

// HostAddress is this host as a guest with Config.ReachHost sees it.
const HostAddress = "10.0.2.2"

// Disk is a block device that is there from the beginning.
type Disk struct {
	Path     string
	Format   string // raw or qcow2
	ReadOnly bool
	// Snapshot throws away what the guest writes when QEMU ends; it stays over a reboot of the guest.
	Snapshot bool
	// Serial names it in the guest: /dev/disk/by-id/virtio-<Serial>. Virtio only.
	Serial string
	// WriteLog is a file to record every write and flush in, as package blklog
	// reads it; "" none. Raw disks on virtio only, and not with Snapshot.
	WriteLog string
}

// Board is a kind of machine: what differs between QEMU's boards.
type Board struct {
	Emulator string
	Machine  []string // -M, -cpu, -m, -smp, -accel
	Console  string   // the kernel's argument for its console
	// Serials says which of the board's serial ports is the console (others are null).
	Serials int
	Virtio  bool   // disks, network, randomness and the shell are virtio; else SD card and USB
	DTB     string // device tree for the kernel, "" the board's own
	XHCI    string // a controller to add for sticks, "" the board has USB
	// GPIOType is the QOM type of the controller that GPIO drives, "" none.
	GPIOType string
}

// Virt is QEMU's generic arm64 machine with two processors and a PL061.
func Virt() Board {
	return Board{
		Emulator: "qemu-system-aarch64",
		// tb-size: translated code of systemd, udev and ffmpeg does not fit QEMU's usual buffer.
		Machine: []string{"-M", "virt,gic-version=3", "-cpu", "cortex-a72", "-m", "1024", "-smp", "2", "-accel", "tcg,thread=multi,tb-size=512"},
		Console: "console=ttyAMA0", Serials: 0, Virtio: true, XHCI: "qemu-xhci", GPIOType: "pl061",
	}
}

// Raspi3B is QEMU's Raspberry Pi 3. dtb is the device tree of its kernel. Its
// console is the second (mini) UART, as on the real board.
func Raspi3B(dtb string) Board {
	return Board{
		Emulator: "qemu-system-aarch64",
		Machine:  []string{"-M", "raspi3b", "-accel", "tcg,thread=multi,tb-size=512"},
		Console:  "console=ttyS1,115200", Serials: 1, DTB: dtb,
	}
}
