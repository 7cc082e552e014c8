//go:build service

package systemd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestMain lets the test binary be what runs in the machine: STREAMBOX_PROBES
// names a group of probes; their outcomes go to standard output.
func TestMain(m *testing.M) {
	if group := os.Getenv("STREAMBOX_PROBES"); group != "" {
		outcomes, err := workerProbes(group)
		if err != nil {
			_, _ = os.Stderr.WriteString(err.Error())
			os.Exit(1)
		}
		if outcomes == nil {
			outcomes = map[string]string{}
		}
		for _, p := range probes() {
			if p.group == group {
				outcomes[p.what] = outcome(p.attempt)
			}
		}
		if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// outcome is "" when the attempt succeeded.
func outcome(attempt func() error) string {
	if err := attempt(); err != nil {
		return err.Error()
	}
	return ""
}

// The groups of probes.
const (
	forbidden = "forbidden" // each succeeds for root of the machine (but see notInThisKernel), and fails in the unit
	allowed   = "allowed"   // each succeeds in the unit
	phone     = "phone"     // from outside
)

// What the test puts into the machine for the probes.
const (
	diary       = "/home/ada/diary.txt"                 // everybody may read it
	memoryNode  = "/dev/mem"                            // everybody may open it
	strangeNode = "/dev/strange"                        // a device that is not the service's; everybody may open it
	ledFile     = "/sys/devices/virtual/net/lo/uevent"  // stands for brightness of an LED: of the group gpio
	probeClip   = "/srv/films/Film of another kind.mkv" // HEVC: decoded by ffmpeg, encoded by libx264
)

type probe struct {
	group, what string
	attempt     func() error
}

func probes() []probe {
	return []probe{
		{forbidden, "writing /etc", func() error { return os.WriteFile("/etc/streambox-probe", nil, 0o600) }},
		{forbidden, "writing /run", func() error { return os.WriteFile("/run/streambox-probe", nil, 0o600) }},
		{forbidden, "reading a home", func() error { _, err := os.ReadFile(diary); return err }},
		{forbidden, "seeing other users' processes", func() error { _, err := os.Stat("/proc/1/comm"); return err }},
		{forbidden, "opening /dev/mem", opens(memoryNode)},
		{forbidden, "opening a device that is not the service's", opens(strangeNode)},
		{forbidden, "making a device", func() error {
			dir, err := os.MkdirTemp("", "")
			if err != nil {
				return err
			}
			return unix.Mknod(filepath.Join(dir, "null"), unix.S_IFCHR|0o666, int(unix.Mkdev(1, 3)))
		}},
		{forbidden, "ptrace", traces},
		{forbidden, "mounting", mounts},
		{forbidden, "bpf", makesMap},
		{forbidden, "loading a module", loadsModule},
		{forbidden, "reading the kernel's log", func() error { _, err := unix.Klogctl(unix.SYSLOG_ACTION_SIZE_BUFFER, nil); return err }},
		{forbidden, "changing the kernel's settings", func() error {
			file, err := os.OpenFile("/proc/sys/net/ipv4/ip_forward", os.O_WRONLY, 0)
			if err == nil {
				err = file.Close()
			}
			return err
		}},
		{forbidden, "becoming another user", func() error { return syscall.Setresuid(1, -1, -1) }},
		{forbidden, "giving a file away", func() error {
			file, err := os.CreateTemp("", "")
			if err != nil {
				return err
			}
			return errors.Join(file.Chown(1, 1), file.Close())
		}},
		{forbidden, "making a namespace", func() error {
			cmd := exec.Command("true")
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER}
			return cmd.Run()
		}},
		{forbidden, "memory that is written and executed", func() error {
			page, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
			if err == nil {
				err = unix.Munmap(page)
			}
			return err
		}},
		{forbidden, "listening to all packets of the network", func() error {
			fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
			if err == nil {
				err = unix.Close(fd)
			}
			return err
		}},

		{allowed, "the library", writes("STATE_DIRECTORY")},
		{allowed, "the log of report", writes("RUNTIME_DIRECTORY")},
		{allowed, "a request to root", func() error { return os.WriteFile("/run/streambox/request/nothing", nil, 0o600) }},
		{allowed, "port 80", func() error {
			listener, err := net.Listen("tcp", ":80")
			if err == nil {
				err = listener.Close()
			}
			return err
		}},
		{allowed, "asking which networks there are", func() error { _, err := net.Interfaces(); return err }},
		{allowed, "reading a stick", func() error { _, err := os.ReadFile(probeClip); return err }},
		{allowed, "an LED", func() error { return os.WriteFile(ledFile, []byte("change"), 0) }},
		{allowed, "converting a film", converts},

		{phone, "asking the box", asks},
	}
}

func asks() error {
	client := http.Client{Timeout: 5 * time.Second}
	answer, err := client.Get("http://127.0.0.1:80/api/v1/box")
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		err = errors.New(answer.Status)
	}
	return errors.Join(err, answer.Body.Close())
}

func opens(device string) func() error {
	return func() error {
		file, err := os.Open(device)
		if err == nil {
			err = file.Close()
		}
		return err
	}
}

func writes(variable string) func() error {
	return func() error {
		dir := os.Getenv(variable)
		if dir == "" {
			return fmt.Errorf("%s is not set", variable)
		}
		file, err := os.CreateTemp(dir, "probe")
		if err == nil {
			err = errors.Join(file.Close(), os.Remove(file.Name()))
		}
		return err
	}
}

func traces() error {
	cmd := exec.Command("true")
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true} // the child asks to be traced before it becomes the program
	if err := cmd.Start(); err != nil {
		return err
	}
	return errors.Join(cmd.Process.Kill(), ignore(cmd.Wait()))
}

func ignore(error) error { return nil }

func mounts() error {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		return err
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=4k"); err != nil {
		return err
	}
	return unix.Unmount(dir, unix.MNT_DETACH)
}

// makesMap makes the smallest map that bpf has: an array of one number.
func makesMap() error {
	attributes := struct{ kind, keyBytes, valueBytes, entries uint32 }{unix.BPF_MAP_TYPE_ARRAY, 4, 4, 1}
	fd, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_MAP_CREATE, uintptr(unsafe.Pointer(&attributes)), unsafe.Sizeof(attributes))
	if errno != 0 {
		return errno
	}
	return unix.Close(int(fd))
}

// loadsModule offers the kernel what is no module: whoever may load one is told
// so, the others that they may not.
func loadsModule() error {
	err := unix.InitModule(make([]byte, 64), "")
	if errors.Is(err, unix.ENOEXEC) || errors.Is(err, unix.EINVAL) {
		return nil
	}
	return err
}

// converts runs the program itself, which runs ffmpeg as the box does.
func converts() error {
	out, err := os.MkdirTemp(os.Getenv("STATE_DIRECTORY"), "probe")
	if err != nil {
		return err
	}
	said, err := exec.Command("streambox", "convert", "--out", out, probeClip).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	found := errors.New("no segment was made")
	_ = filepath.WalkDir(out, func(name string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".ts") {
			found = nil
		}
		return nil
	})
	return errors.Join(found, os.RemoveAll(out))
}
