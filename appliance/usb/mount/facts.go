package mount

// Probe is what looking at a device's first sectors gave.
type Probe int

// The answers.
const (
	Found      Probe = iota // FileSystem is set
	Blank                   // readable, and nothing known on it
	Ambivalent              // signs of several file systems
	Broken                  // reading gives errors
	NoAnswer                // reading does not end
)

// Device is what Decide must know of a block device.
type Device struct {
	Name        string   // kernel name: sda1
	Disk        string   // of the whole disk: sda; Name itself for one
	USB         bool     // it hangs on USB
	SizeBytes   int64    // 0: no medium in the reader
	Rank        int      // 1 for the first partition of its disk, in the order of numbers; 0: a whole disk
	Partitions  int      // of a whole disk, as the kernel sees them
	Holders     []string // devices that are made of this one (LVM, LUKS, RAID)
	Probe       Probe
	FileSystem  string // as libblkid calls it: vfat, exfat, ntfs, ext4, apfs, BitLocker, crypto_LUKS …
	Usage       string // filesystem, crypto, raid, other
	Label, UUID string // untrusted text
	PartUUID    string
	PartLabel   string
	PartType    string // GUID, or MBR type like 0xef
	// Links are udev's names of the device below /dev that are not there yet: while
	// udev asks, it has not made them.
	Links []string
}

// Claim is a device that the machine's administrator has plans with.
type Claim struct {
	Spec    string   // as written: /dev/sda1, UUID=…, LABEL=…, PARTUUID=…, PARTLABEL=…
	Devices []string // kernel names it means now, with those they are made of
	By      string   // file, for the log
}

// Mounted is a file system that is in the machine's tree.
type Mounted struct {
	Device string // kernel name
	Point  string
}

// Machine is what Decide must know of the machine.
type Machine struct {
	SystemDisks []string // whole disks that the system stands on
	Claims      []Claim
	Mounts      []Mounted
}
