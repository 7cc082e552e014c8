package vm

import (
	"strings"
	"testing"
)

func TestArgumentsOfBoards(t *testing.T) {
	all := channels{qmp: 3, qtest: 4, console: 5, shell: 6, cable: 7}
	none := channels{qmp: 3, qtest: 4, console: 5}
	for _, test := range []struct {
		name   string
		config Config
		fd     channels
		want   []string // each is part of the command line
		not    []string
	}{
		{
			"virt starts paused, with every channel on a descriptor",
			Config{Board: Virt(), Kernel: "/k", Initrd: "/i", Append: "root=/dev/vda"},
			all,
			[]string{
				"-S -nodefaults", "-M virt", "-kernel /k -initrd /i", "-append console=ttyAMA0 root=/dev/vda",
				"socket,id=qmp,fd=3 -mon chardev=qmp,mode=control", "socket,id=qtest,fd=4 -qtest chardev:qtest",
				"socket,id=console,fd=5 -serial chardev:console", "-device qemu-xhci,id=usb",
				"socket,id=shell,fd=6", "virtserialport,chardev=shell,name=vm.shell", "dgram,id=net1,local.type=fd,local.str=7",
			},
			[]string{"-serial null", "-dtb"},
		},
		{
			"no shell and no cable where none is asked for",
			Config{Board: Virt(), Kernel: "/k"},
			none,
			nil,
			[]string{"vm.shell", "net1", "-initrd"},
		},
		{
			"the Raspberry Pi's console is the second port, its disk an SD card, its network USB",
			Config{Board: Raspi3B("/pi.dtb"), Kernel: "/k", Disks: []Disk{{Path: "/card", Format: "raw"}}},
			none,
			[]string{"-serial null -serial chardev:console", "-dtb /pi.dtb", "-drive if=sd,file=/card,format=raw", "usb-net,netdev=net0"},
			[]string{"virtio", "xhci"},
		},
		{
			"disks keep their order, and a comma in a path does not end it",
			Config{Board: Virt(), Disks: []Disk{{Path: "/a,b", Format: "raw", Snapshot: true}, {Path: "/c", Format: "qcow2", ReadOnly: true, Serial: "payload"}}},
			none,
			[]string{
				"if=none,id=disk0,file=/a,,b,format=raw,cache=unsafe,snapshot=on -device virtio-blk-pci,drive=disk0",
				"id=disk1,file=/c,format=qcow2,cache=unsafe,readonly=on -device virtio-blk-pci,drive=disk1,serial=payload",
			},
			nil,
		},
		{
			"a disk whose writes are recorded gets the flushes, and keeps its name in the guest",
			Config{Board: Virt(), NoReboot: true, Disks: []Disk{{Path: "/a,b", Format: "raw", Serial: "state", WriteLog: "/log"}}},
			none,
			[]string{
				`-blockdev {"driver":"blklogwrites","file":{"cache":{"no-flush":true},"driver":"raw","file":{"cache":{"no-flush":true},"driver":"file","filename":"/a,b"}},` +
					`"log":{"cache":{"no-flush":true},"driver":"file","filename":"/log"},"node-name":"disk0"}`,
				"-device virtio-blk-pci,drive=disk0,write-cache=on,serial=state", "-no-reboot",
			},
			[]string{"-drive"},
		},
		{
			"ports are forwarded to this machine only, and the guest reaches nothing outside",
			Config{Board: Virt(), Forward: []int{80, 3003}},
			none,
			[]string{"user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:0-:80,hostfwd=tcp:127.0.0.1:0-:3003"},
			nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			line := strings.Join(test.config.arguments(test.fd), " ")
			for _, w := range test.want {
				if !strings.Contains(line, w) {
					t.Errorf("%q is missing in\n%s", w, line)
				}
			}
			for _, n := range test.not {
				if strings.Contains(line, n) {
					t.Errorf("%q is in\n%s", n, line)
				}
			}
		})
	}
}
