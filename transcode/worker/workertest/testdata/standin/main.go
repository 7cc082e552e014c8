// Standin takes the place of ffmpeg and tries what a film that has taken ffmpeg
// over would try. Its arguments are name=value: where things are that it may not
// touch. It prints a JSON object: what was tried → why it failed, "" if it succeeded.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	where := map[string]string{}
	for _, a := range os.Args[1:] {
		name, value, _ := strings.Cut(a, "=")
		where[name] = value
	}
	outcomes := map[string]string{}
	try := func(what string, attempt func() error) {
		if only := where["only"]; only != "" && only != what {
			return
		}
		outcomes[what] = ""
		if err := attempt(); err != nil {
			outcomes[what] = err.Error()
		}
	}
	parent := os.Getppid()
	if where["only"] == "hanging" {
		for {
			time.Sleep(time.Hour)
		}
	}

	try("reading the film", func() error { return reads("/dev/fd/3") })
	try("computing by many threads", func() error { return threads(32) })
	try("a gigabyte of memory", func() error { return memory(1<<30-1<<28, syscall.MAP_PRIVATE) })

	try("TCP", func() error { return connects("tcp", where["tcp"]) })
	try("UDP", func() error { return connects("udp", where["udp"]) })
	try("a socket of the user's session", func() error { return connects("unix", where["unix"]) })
	try("reading the state folder", func() error { return reads(where["state"]) })
	try("listing a home", func() error { _, err := os.ReadDir(where["home"]); return err })
	try("reading another film of the stick", func() error { return reads(where["neighbour"]) })
	try("writing the stick", func() error { return writes(filepath.Join(filepath.Dir(where["neighbour"]), "new")) })
	try("changing a film of the stick", func() error { return opens(where["neighbour"], os.O_RDWR) })
	try("emptying a film of the stick", func() error { return shortens(where["neighbour"]) })
	try("writing a film of the stick by memory", func() error { return maps(where["neighbour"]) })
	try("writing the parent's memory", func() error { return opens(fmt.Sprintf("/proc/%d/mem", parent), os.O_RDWR) })
	try("removing a film of the stick", func() error { return os.Remove(where["neighbour"]) })
	try("writing elsewhere", func() error { return writes(filepath.Join(where["elsewhere"], "new")) })
	try("writing a temporary folder", func() error {
		var err error
		for _, dir := range []string{"/tmp", "/var/tmp", "/dev/shm"} {
			var file *os.File
			if file, err = os.CreateTemp(dir, ""); err == nil {
				return errors.Join(file.Close(), os.Remove(file.Name()))
			}
		}
		return err
	})
	try("changing a name", func() error { return os.Rename(where["name"], where["name"]+".old") })
	try("looking at the parent's memory", func() error { return opens(fmt.Sprintf("/proc/%d/mem", parent), os.O_RDONLY) })
	try("reading the parent's memory by a call", func() error { return readsOther(parent) })
	try("tracing the parent", func() error { return traces(parent) })
	try("signalling the parent", func() error { return syscall.Kill(parent, 0) })
	try("another process", func() error { return process("/bin/true").Run() })
	try("a fork bomb", func() error { return bomb(number(where["bomb"], 100)) })
	try("leaving the process group", leaves)
	try("10 GB of memory", func() error { return memory(10<<30, syscall.MAP_PRIVATE) })
	try("10 GB of shared memory", func() error { return memory(10<<30, syscall.MAP_SHARED) })
	try("a namespace of its own", namespace)
	try("a file that grows", grows)
	try("outliving the box", func() error { return prctl(syscall.PR_SET_PDEATHSIG, 0) })

	if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
		os.Exit(1)
	}
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return otherwise
}

func connects(network, address string) error {
	conn, err := net.Dial(network, address)
	if err == nil {
		_, err = conn.Write([]byte("hello"))
		conn.Close()
	}
	return err
}

func opens(name string, how int) error {
	file, err := os.OpenFile(name, how, 0)
	if err == nil {
		file.Close()
	}
	return err
}

// shortens takes a byte away, which no limit of a file's size forbids.
func shortens(name string) error {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	return file.Truncate(info.Size() - 1)
}

// maps changes a byte without writing.
func maps(name string) error {
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer file.Close()
	data, err := syscall.Mmap(int(file.Fd()), 0, 1, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return err
	}
	data[0] ^= 1
	return syscall.Munmap(data)
}

func reads(name string) error {
	data, err := os.ReadFile(name)
	if err == nil && len(data) == 0 {
		err = errors.New("it is empty")
	}
	return err
}

func writes(name string) error { return os.WriteFile(name, []byte("x"), 0o600) }

func traces(pid int) error {
	// Another thread than the one that traces may not detach; the end of this program does.
	const seize = 0x4206
	if _, _, errno := syscall.Syscall6(syscall.SYS_PTRACE, seize, uintptr(pid), 0, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// readsOther asks to read nothing: the right to is checked all the same.
func readsOther(pid int) error {
	var b byte
	own := syscall.Iovec{Base: &b}
	own.SetLen(1)
	other := syscall.Iovec{Base: &b} // an address there may be nothing at
	other.SetLen(1)
	_, _, errno := syscall.Syscall6(sysProcessVMReadv, uintptr(pid), uintptr(unsafe.Pointer(&own)), 1, uintptr(unsafe.Pointer(&other)), 1, 0)
	if errno != 0 && errno != syscall.EFAULT {
		return errno
	}
	return nil
}

// process opens nothing: it fails, if it does, as a process.
func process(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stderr, os.Stderr
	return c
}

func bomb(n int) error {
	var children []*exec.Cmd
	defer func() {
		for _, c := range children {
			c.Process.Kill()
			c.Wait()
		}
	}()
	for range n {
		c := process("/bin/sleep", "60")
		if err := c.Start(); err != nil {
			return err
		}
		children = append(children, c)
	}
	return nil
}

func leaves() error {
	if err := syscall.Setpgid(0, parentGroup()); err != nil {
		return err
	}
	return syscall.Setpgid(0, 0)
}

func parentGroup() int {
	group, err := syscall.Getpgid(os.Getppid())
	if err != nil {
		return -1
	}
	return group
}

// memory asks for addresses and does not use them: what is refused is the asking.
func memory(size int, kind int) error {
	const noReserve = 0x4000
	data, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|noReserve|kind)
	if err == nil {
		err = syscall.Munmap(data)
	}
	return err
}

func threads(n int) error {
	release, done := make(chan struct{}), make(chan struct{})
	for range n {
		go func() {
			<-release
			syscall.Getpid()
			done <- struct{}{}
		}()
	}
	close(release)
	for range n {
		<-done
	}
	return nil
}

func namespace() error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_UNSHARE, syscall.CLONE_NEWUTS, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

// grows writes to a file that is in memory alone and was opened by itself.
func grows() error {
	name := []byte("grows\x00")
	fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(&name[0])), 0, 0)
	if errno != 0 {
		return errno
	}
	defer syscall.Close(int(fd))
	_, err := syscall.Write(int(fd), []byte("x"))
	return err
}

func prctl(option, value int) error {
	if _, _, errno := syscall.RawSyscall(syscall.SYS_PRCTL, uintptr(option), uintptr(value), 0); errno != 0 {
		return errno
	}
	return nil
}
