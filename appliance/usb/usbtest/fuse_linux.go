package usbtest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// HangingDisk is a file of our own FUSE file system, which answers reads of it
// when it likes. With a loop device on it, it is a disk as dying sticks are:
// system calls on it hang, no signal ends them, and when the disk goes they
// end with errors. (Device mapper's dm-delay would do; not every kernel has it.)
//
// Its server is a process of its own: one that waits for itself could not even be
// killed. It is the test binary again, see Main.
type HangingDisk struct {
	Path   string // of the file
	server *exec.Cmd
	orders *os.File
	done   *os.File // a byte when an order is carried out
}

// The parts of the FUSE protocol that one file needs (linux/fuse.h).
const (
	fuseLookup, fuseForget, fuseGetattr, fuseOpen, fuseRead, fuseWrite        = 1, 2, 3, 14, 15, 16
	fuseStatfs, fuseRelease, fuseFsync, fuseFlush, fuseInit, fuseOpendir      = 17, 18, 20, 25, 26, 27
	fuseReleasedir, fuseInterrupt, fuseDestroy, fuseBatchForget, fuseFallocat = 29, 36, 38, 42, 43

	fuseMajor, fuseMinor = 7, 31
	fuseDirectIO         = 1  // each read is asked of us
	fuseHeader           = 40 // bytes before a request's own part
	rootNode, diskNode   = 1, 2
)

// serverVariable makes a test binary the server of a HangingDisk.
const serverVariable = "USBTEST_HANGING_DISK"

// Main is TestMain of a package that uses a HangingDisk.
func Main(m *testing.M) { MainRecording(m, nil) }

// Recorder is told of each write and flush of a disk, when it is done.
type Recorder interface {
	Wrote(offset int64, data []byte) error
	Flushed() error
}

// MainRecording is Main of a package that uses NewRecordedDisk: recorder makes what
// is told, of the file that is to be written.
func MainRecording(m *testing.M, recorder func(log *os.File) Recorder) {
	if how := os.Getenv(serverVariable); how != "" {
		s := &server{fuse: 3, disk: os.NewFile(4, "disk")}
		if how == recorded && recorder != nil {
			s.recorder = recorder(os.NewFile(5, "log"))
		}
		s.run()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// recorded is the value of serverVariable for a disk whose writes are noted.
const recorded = "recorded"

// NewHangingDisk mounts a FUSE file system with one file, the content of
// image; only inside of InOwnMounts. It answers until Hang.
func NewHangingDisk(tb testing.TB, image string) *HangingDisk {
	tb.Helper()
	return newDisk(tb, image, nil)
}

// NewRecordedDisk is NewHangingDisk; writes and flushes are told to the recorder
// of MainRecording, which writes log. The test must use that as its TestMain.
func NewRecordedDisk(tb testing.TB, image, log string) *HangingDisk {
	tb.Helper()
	f, err := os.Create(log)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	return newDisk(tb, image, f)
}

func newDisk(tb testing.TB, image string, log *os.File) *HangingDisk {
	tb.Helper()
	fuse, err := os.OpenFile("/dev/fuse", os.O_RDWR, 0)
	if err != nil {
		NotHere(tb, "FUSE")
	}
	defer fuse.Close()
	disk, err := os.OpenFile(image, os.O_RDWR, 0)
	if err != nil {
		tb.Fatal(err)
	}
	defer disk.Close()
	self, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	orders, give, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	defer orders.Close()
	done, say, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	defer say.Close()
	dir := tb.TempDir()
	options := fmt.Sprintf("fd=%d,rootmode=40755,user_id=0,group_id=0", fuse.Fd())
	if err = unix.Mount("usbtest", dir, "fuse", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
		tb.Fatalf("mount FUSE: %v", err)
	}
	h := &HangingDisk{Path: filepath.Join(dir, "disk"), orders: give, done: done}
	h.server = exec.CommandContext(context.Background(), self)
	h.server.Env = append(os.Environ(), serverVariable+"=1")
	files := []*os.File{fuse, disk}
	if log != nil {
		h.server.Env = append(os.Environ(), serverVariable+"="+recorded)
		files = append(files, log)
	}
	h.server.Stdin, h.server.Stdout, h.server.Stderr = orders, say, os.Stderr
	h.server.ExtraFiles = files
	h.server.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err = h.server.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		h.Die()
		_ = give.Close()                       // nobody reads it
		_ = done.Close()                       // nobody writes it
		_ = unix.Unmount(dir, unix.MNT_DETACH) // its connection is gone
	})
	return h
}

// Hang lets no read be answered from now on.
func (h *HangingDisk) Hang() { h.order('h') }

// Release answers all that waits.
func (h *HangingDisk) Release() { h.order('r') }

func (h *HangingDisk) order(o byte) {
	done := make([]byte, 1)
	if _, err := h.orders.Write([]byte{o}); err == nil {
		_, _ = h.done.Read(done) // from a server that is gone: it hangs no more
	}
}

// Die pulls the disk: all that waits, and all that comes, ends with an error.
func (h *HangingDisk) Die() {
	_ = h.server.Process.Kill() // it may be gone
	_ = h.server.Wait()         // killed
}

// server answers the kernel.
type server struct {
	fuse int
	disk *os.File

	recorder Recorder   // nil: nobody wants to know
	writing  sync.Mutex // what is recorded is in the order in which it was done

	mu   sync.Mutex
	hang chan struct{} // nil: reads are answered
}

// run serves until the file system is gone. Orders come on standard input.
func (h *server) run() {
	go func() {
		order := make([]byte, 1)
		for {
			if n, err := os.Stdin.Read(order); n == 0 || err != nil {
				return
			}
			h.mu.Lock()
			switch {
			case order[0] == 'h' && h.hang == nil:
				h.hang = make(chan struct{})
			case order[0] == 'r' && h.hang != nil:
				close(h.hang)
				h.hang = nil
			}
			h.mu.Unlock()
			if _, err := os.Stdout.Write(order); err != nil {
				return
			}
		}
	}()
	h.serve()
}

// serve answers requests, each by itself, until the file system is gone.
func (h *server) serve() {
	var running sync.WaitGroup
	defer running.Wait()
	for {
		request := make([]byte, 1<<20)
		n, err := unix.Read(h.fuse, request)
		switch {
		case errors.Is(err, unix.EINTR), errors.Is(err, unix.ENOENT), errors.Is(err, unix.EAGAIN):
			continue
		case err != nil || n < fuseHeader:
			return // ENODEV: unmounted
		}
		running.Go(func() { h.answer(request[:n]) })
	}
}

// answer does one request.
func (h *server) answer(request []byte) {
	le := binary.NativeEndian
	opcode, unique, node := le.Uint32(request[4:]), le.Uint64(request[8:]), le.Uint64(request[16:])
	body := request[fuseHeader:]
	var reply []byte
	var failed unix.Errno
	switch opcode {
	case fuseForget, fuseBatchForget, fuseInterrupt:
		return // take no answer
	case fuseInit:
		reply = make([]byte, 64)
		le.PutUint32(reply, fuseMajor)
		le.PutUint32(reply[4:], fuseMinor)
		le.PutUint32(reply[8:], le.Uint32(body[8:])) // readahead as asked
		le.PutUint16(reply[16:], 64)                 // requests in flight
		le.PutUint16(reply[18:], 48)
		le.PutUint32(reply[20:], 128<<10) // largest write
		le.PutUint32(reply[24:], 1)       // grain of time
	case fuseLookup:
		if string(body) != "disk\x00" {
			failed = unix.ENOENT
			break
		}
		reply = make([]byte, 40, 128)
		le.PutUint64(reply, diskNode)
		reply = append(reply, h.attributes(diskNode)...)
	case fuseGetattr:
		reply = append(make([]byte, 16), h.attributes(node)...)
	case fuseOpen:
		reply = make([]byte, 16)
		le.PutUint32(reply[8:], fuseDirectIO)
	case fuseOpendir:
		reply = make([]byte, 16)
	case fuseRead:
		h.wait()
		data := make([]byte, le.Uint32(body[16:]))
		n, _ := h.disk.ReadAt(data, int64(le.Uint64(body[8:])))
		reply = data[:n]
	case fuseWrite:
		size := le.Uint32(body[16:])
		if err := h.write(int64(le.Uint64(body[8:])), body[40:40+size]); err != nil {
			failed = unix.EIO
		}
		reply = make([]byte, 8)
		le.PutUint32(reply, size)
	case fuseStatfs:
		reply = make([]byte, 80)
	case fuseFsync:
		if h.flush() != nil {
			failed = unix.EIO
		}
	case fuseRelease, fuseReleasedir, fuseFlush, fuseDestroy:
	default: // fuseFallocat among them: discards of the loop device
		failed = unix.ENOSYS
	}
	if failed != 0 {
		reply = nil
	}
	out := make([]byte, 16, 16+len(reply))
	le.PutUint32(out, uint32(16+len(reply)))
	le.PutUint32(out[4:], uint32(-int32(failed)))
	le.PutUint64(out[8:], unique)
	_, _ = unix.Write(h.fuse, append(out, reply...)) // gone meanwhile: nobody waits
}

func (h *server) write(at int64, data []byte) error {
	h.writing.Lock()
	defer h.writing.Unlock()
	if _, err := h.disk.WriteAt(data, at); err != nil || h.recorder == nil {
		return err
	}
	return h.recorder.Wrote(at, data)
}

// flush keeps nothing safe: the machine outlives the test.
func (h *server) flush() error {
	h.writing.Lock()
	defer h.writing.Unlock()
	if h.recorder == nil {
		return nil
	}
	return h.recorder.Flushed()
}

// wait hangs while the disk does.
func (h *server) wait() {
	h.mu.Lock()
	hang := h.hang
	h.mu.Unlock()
	if hang != nil {
		<-hang
	}
}

// attributes is struct fuse_attr.
func (h *server) attributes(node uint64) []byte {
	le := binary.NativeEndian
	a := make([]byte, 88)
	le.PutUint64(a, node)
	mode := uint32(unix.S_IFDIR | 0o755)
	if node == diskNode {
		mode = unix.S_IFREG | 0o644
		info, err := h.disk.Stat()
		if err != nil {
			return a
		}
		le.PutUint64(a[8:], uint64(info.Size()))
		le.PutUint64(a[16:], uint64(info.Size()/512))
	}
	le.PutUint32(a[60:], mode)
	le.PutUint32(a[64:], 1)
	le.PutUint32(a[80:], 4096)
	return a
}
