//go:build linux && (amd64 || arm64 || arm)

package worker

import (
	"encoding/binary"
	"testing"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// What the filter answers, as its machine decides it: on each architecture this
// test is built for, also where no kernel puts it on (qemu-user).
func TestTheListOfCalls(t *testing.T) {
	const us = 4711
	allowed := uint32(unix.SECCOMP_RET_ALLOW)
	refused, absent := refuse.Val, unknown.Val
	ofARM := absent
	if architecture == unix.AUDIT_ARCH_ARM {
		ofARM = allowed
	}
	for _, c := range []struct {
		sentence  string
		number    uint32
		arguments []uint64
		want      uint32
		hardware  uint32 // with the encoder; 0: the same
	}{
		{"reading", unix.SYS_READ, nil, allowed, 0},
		{"a start of the program", unix.SYS_EXECVE, nil, allowed, 0},
		{"opening for reading", unix.SYS_OPENAT, []uint64{0, 0, unix.O_RDONLY | unix.O_CLOEXEC}, allowed, 0},
		{"opening a device", unix.SYS_OPENAT, []uint64{0, 0, unix.O_RDWR}, refused, allowed},
		{"opening for writing", unix.SYS_OPENAT, []uint64{0, 0, unix.O_WRONLY}, refused, 0},
		{"making a file", unix.SYS_OPENAT, []uint64{0, 0, unix.O_RDWR | unix.O_CREAT}, refused, 0},
		{"a way to open that cannot be looked into", unix.SYS_OPENAT2, nil, absent, 0},
		{"a socket", unix.SYS_SOCKET, []uint64{unix.AF_UNIX}, refused, 0},
		{"a thread", unix.SYS_CLONE, []uint64{unix.CLONE_VM | unix.CLONE_THREAD | unix.CLONE_SIGHAND}, allowed, 0},
		{"a process", unix.SYS_CLONE, []uint64{uint64(unix.SIGCHLD)}, refused, 0},
		{"a way to clone that cannot be looked into", unix.SYS_CLONE3, nil, absent, 0},
		{"a signal for itself", unix.SYS_TGKILL, []uint64{us}, allowed, 0},
		{"a signal for another", unix.SYS_KILL, []uint64{us + 1}, refused, 0},
		{"reading a limit", unix.SYS_PRLIMIT64, []uint64{0, 0, 0}, allowed, 0},
		{"setting a limit", unix.SYS_PRLIMIT64, []uint64{0, 0, 1 << 40}, refused, 0},
		{"typing into a terminal", unix.SYS_IOCTL, []uint64{0, tiocsti}, refused, 0},
		{"asking a device", unix.SYS_IOCTL, []uint64{0, 0xc0cc5604}, allowed, 0},
		{"another process's memory", unix.SYS_PTRACE, nil, refused, 0},
		{"leaving the group", unix.SYS_SETSID, nil, refused, 0},
		{"a memory policy, for which libx265 asks", unix.SYS_SET_MEMPOLICY, nil, allowed, 0},
		{"what programs of 32-bit ARM begin with", 0xf0005, nil, ofARM, 0},
		{"a call of a kernel to come", newestCall + 1, nil, absent, 0},
		{"a number of no kernel", 1 << 30, nil, absent, 0}, // those of x32 begin there
	} {
		t.Run(c.sentence, func(t *testing.T) {
			for _, hardware := range []bool{false, true} {
				want := c.want
				if hardware && c.hardware != 0 {
					want = c.hardware
				}
				program := assemble(architecture, newestCall, calls(us, hardware))
				if got := answerTo(t, program, architecture, c.number, c.arguments); got != want {
					t.Errorf("with the encoder %t: %#x, want %#x", hardware, got, want)
				}
				if got := answerTo(t, program, architecture^1, c.number, c.arguments); got != refused {
					t.Errorf("called as of another architecture: %#x", got)
				}
			}
		})
	}
	if raw, err := bpf.Assemble(assemble(architecture, newestCall, calls(us, true))); err != nil || len(raw) > 1000 { // of 4096
		t.Errorf("%d instructions, %v", len(raw), err)
	}
}

// answerTo is what the filter says of a call.
func answerTo(t *testing.T, program []bpf.Instruction, architecture, number uint32, arguments []uint64) uint32 {
	t.Helper()
	vm, err := bpf.NewVM(program)
	if err != nil {
		t.Fatal(err)
	}
	data := make([]byte, 64) // the virtual machine is one of networks: its numbers are big-endian, the kernel's the machine's own
	binary.BigEndian.PutUint32(data[numberOffset:], number)
	binary.BigEndian.PutUint32(data[archOffset:], architecture)
	for i, a := range arguments {
		binary.BigEndian.PutUint32(data[argumentOffset+8*i:], uint32(a))
		binary.BigEndian.PutUint32(data[argumentOffset+8*i+4:], uint32(a>>32))
	}
	answer, err := vm.Run(data)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(answer)
}
