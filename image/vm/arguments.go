package vm

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// channels are the descriptors that QEMU inherits, by number; 0 is not there.
type channels struct {
	qmp, qtest, console, shell, cable int
}

// arguments is QEMU's command line. Pure: it can be read in a test.
func (c Config) arguments(fd channels) []string {
	b := c.Board
	args := append([]string{"-S", "-nodefaults", "-display", "none", "-no-user-config"}, b.Machine...)
	args = append(args, "-kernel", c.Kernel)
	if c.Initrd != "" {
		args = append(args, "-initrd", c.Initrd)
	}
	if b.DTB != "" {
		args = append(args, "-dtb", b.DTB)
	}
	args = append(args, "-append", strings.TrimSpace(b.Console+" "+c.Append))

	if c.NoReboot {
		args = append(args, "-no-reboot")
	}

	socket := func(name string, n int) string { return fmt.Sprintf("socket,id=%s,fd=%d", name, n) }
	args = append(args,
		"-chardev", socket("qmp", fd.qmp), "-mon", "chardev=qmp,mode=control",
		"-chardev", socket("qtest", fd.qtest), "-qtest", "chardev:qtest", "-qtest-log", "none",
		"-chardev", socket("console", fd.console))
	for range b.Serials {
		args = append(args, "-serial", "null")
	}
	args = append(args, "-serial", "chardev:console")
	if b.XHCI != "" {
		args = append(args, "-device", b.XHCI+",id="+usbController)
	}
	for n, d := range c.Disks {
		args = append(args, d.arguments(n, b.Virtio)...)
	}

	card := "usb-net"
	if b.Virtio {
		card = "virtio-net-pci,romfile=" // no boot ROM: QEMU's need not be installed
		args = append(args, "-device", "virtio-rng-pci")
	}
	args = append(args, "-netdev", c.userNetwork(), "-device", card+",netdev=net0,mac="+guestMAC(0))
	if fd.shell != 0 {
		args = append(args, "-chardev", socket("shell", fd.shell),
			"-device", "virtio-serial-pci", "-device", "virtserialport,chardev=shell,name="+ShellPort)
	}
	if fd.cable != 0 {
		args = append(args, "-netdev", fmt.Sprintf("dgram,id=net1,local.type=fd,local.str=%d", fd.cable),
			"-device", card+",netdev=net1,mac="+guestMAC(1))
	}
	return args
}

// userNetwork is QEMU's built-in network: the guest is 10.0.2.15 and reaches
// nothing outside (restrict) unless it is to reach this host; ports of it are forwarded to 127.0.0.1. Port 0 lets the kernel choose.
func (c Config) userNetwork() string {
	words := []string{"user", "id=net0"}
	if !c.ReachHost {
		words = append(words, "restrict=on")
	}
	for _, port := range c.Forward {
		words = append(words, "hostfwd=tcp:127.0.0.1:0-:"+strconv.Itoa(port))
	}
	return strings.Join(words, ",")
}

// guestMAC is the address of the guest's nth network card: QEMU's own prefix,
// so that the guest's rules can tell the cards apart.
func guestMAC(n int) string { return fmt.Sprintf("52:54:00:12:34:%02x", 0x56+n) }

func (d Disk) arguments(n int, virtio bool) []string {
	if d.WriteLog != "" {
		return d.recorded(n)
	}
	// The host's disk cache need not survive the host: what is tested here is the guest.
	drive := fmt.Sprintf("file=%s,format=%s,cache=unsafe", strings.ReplaceAll(d.Path, ",", ",,"), d.Format)
	if d.ReadOnly {
		drive += ",readonly=on"
	}
	if d.Snapshot {
		drive += ",snapshot=on"
	}
	if !virtio {
		return []string{"-drive", "if=sd," + drive}
	}
	device := fmt.Sprintf("virtio-blk-pci,drive=disk%d", n)
	if d.Serial != "" {
		device += ",serial=" + d.Serial
	}
	return []string{"-drive", fmt.Sprintf("if=none,id=disk%d,%s", n, drive), "-device", device}
}

// recorded is a disk whose writes are noted by QEMU's blklogwrites driver. Flushes
// must reach that driver to be noted, and nothing below it.
func (d Disk) recorded(n int) []string {
	unsafe := map[string]any{"no-flush": true}
	file := func(path string) map[string]any {
		return map[string]any{"driver": "file", "filename": path, "cache": unsafe}
	}
	node, err := json.Marshal(map[string]any{
		"driver": "blklogwrites", "node-name": fmt.Sprintf("disk%d", n),
		"file": map[string]any{"driver": "raw", "file": file(d.Path), "cache": unsafe}, "log": file(d.WriteLog),
	})
	if err != nil {
		panic(err) // strings and maps of them cannot fail
	}
	device := fmt.Sprintf("virtio-blk-pci,drive=disk%d,write-cache=on", n)
	if d.Serial != "" {
		device += ",serial=" + d.Serial
	}
	return []string{"-blockdev", string(node), "-device", device}
}
