//go:build cuts

package cutstest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"streambox.local/appliance/usb/usbtest"
	"streambox.local/image/blklog"
	"streambox.local/image/boxtest"
)

// recording is a box whose disk notes its writes.
type recording struct {
	program   string
	base, log string // the disk before, and what was written to it
	state     string // where it is mounted
	url       string
	box       *exec.Cmd
	said      *output
	stretches []boxtest.Stretch
}

const stateMiB = 3072 // 1 GiB stays free on any disk

// newRecording mounts an empty disk.
func newRecording(t *testing.T) *recording {
	t.Helper()
	if os.Getenv("STREAMBOX_OWN_MOUNTS") == "" {
		boxtest.Absent(t, "a mount namespace of its own, as root (make test-cuts)")
	}
	for _, needed := range []string{"ffmpeg", "mke2fs", "e2fsck", "debugfs"} {
		boxtest.Need(t, needed)
	}
	dir := boxtest.Fresh(t, "cutstest")
	r := &recording{program: filepath.Join(dir, "streambox"), base: filepath.Join(dir, "before.img"), log: filepath.Join(dir, "writes.log"), state: filepath.Join(dir, "state")}
	boxtest.HostBuild(t, r.program, "build", "./cmd/streambox")
	boxtest.Blank(t, r.base, stateMiB)
	boxtest.Tool(t, "mke2fs", "-q", "-F", "-t", "ext4", "-N", "8192", "-E", "lazy_itable_init=0,lazy_journal_init=0", r.base)
	disk := filepath.Join(dir, "disk.img")
	boxtest.Tool(t, "cp", "--sparse=always", r.base, disk)
	loop := usbtest.AttachLoop(t, usbtest.NewRecordedDisk(t, disk, r.log).Path)
	boxtest.Must(t, os.Mkdir(r.state, 0o755))
	boxtest.Must(t, unix.Mount("/dev/"+loop.Name, r.state, "ext4", unix.MS_NOATIME, ""))
	t.Cleanup(func() { _ = unix.Unmount(r.state, unix.MNT_DETACH) })
	return r
}

// output keeps what the box writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements io.Writer.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start starts the box with a folder of films.
func (r *recording) start(t *testing.T, films string) {
	t.Helper()
	r.said = &output{}
	r.box = exec.Command(r.program, "serve", "--data", filepath.Join(r.state, "box"), "--media", films, "--listen", "127.0.0.1:0", "--panel", "off", "--mdns", "off")
	r.box.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "STREAMBOX_CONFIG=" + os.DevNull}
	r.box.Stdout, r.box.Stderr = r.said, r.said
	r.box.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	boxtest.Must(t, r.box.Start())
	boxtest.Until(t, boxtest.StepWait, "the box listens", func() (bool, any) {
		found := regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(r.said.String())
		r.url = found
		return found != "", r.said.String()
	})
}

func (r *recording) stop(t *testing.T) {
	t.Helper()
	boxtest.Must(t, r.box.Process.Signal(syscall.SIGTERM))
	if err := r.box.Wait(); err != nil {
		t.Errorf("%v: %s", err, r.said)
	}
}

// ask calls the box.
func (r *recording) ask(t *testing.T, method, path, body string, into any) {
	t.Helper()
	request, err := http.NewRequestWithContext(boxtest.Within(t, boxtest.StepWait), method, r.url+path, strings.NewReader(body))
	boxtest.Must(t, err)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	boxtest.Must(t, err)
	defer response.Body.Close()
	if response.StatusCode/100 != 2 {
		t.Fatalf("%s %s: status %d", method, path, response.StatusCode)
	}
	if into != nil {
		boxtest.Must(t, json.NewDecoder(response.Body).Decode(into))
	}
}

// titles are those on the page, by name.
func (r *recording) titles(t *testing.T) map[string]boxtest.Title {
	t.Helper()
	var answer struct{ Titles []boxtest.Title }
	r.ask(t, http.MethodGet, "/api/v1/titles", "", &answer)
	all := map[string]boxtest.Title{}
	for _, one := range answer.Titles {
		all[one.Title] = one
	}
	return all
}

// flushed is how much of the recording a flush has reached.
func (r *recording) flushed(t *testing.T) int {
	t.Helper()
	return boxtest.Recording{Path: r.log}.Flushed(t)
}

// synced writes everything and flushes it.
func (r *recording) synced(t *testing.T) int {
	t.Helper()
	f, err := os.Open(r.state)
	boxtest.Must(t, err)
	defer f.Close()
	boxtest.Must(t, unix.Syncfs(int(f.Fd())))
	return r.flushed(t)
}

// stretch notes which entries of the recording something has made, of which there
// must be so many points at least.
func (r *recording) stretch(t *testing.T, name string, least int, do func()) {
	t.Helper()
	from := 0
	if len(r.stretches) > 0 {
		from = r.synced(t)
	}
	do()
	r.stretches = append(r.stretches, boxtest.Stretch{Name: name, From: from, To: r.synced(t), Least: least})
}

// cuts looks at the recording; kept says whether all is there that was promised.
// promised tells points apart by that.
func (r *recording) cuts(t *testing.T, promised func(at blklog.Point) string, kept func(found boxtest.State, at blklog.Point) error) boxtest.Cuts {
	t.Helper()
	return boxtest.Cuts{
		Log: boxtest.ReadLog(t, r.log), Base: r.base, Promised: promised,
		Parts: []blklog.Part{{Name: "state", Bytes: stateMiB * boxtest.Mebibyte}},
		Check: func(dir string, images []string, at blklog.Point) error {
			if err := boxtest.Sound(images[0]); err != nil {
				return err
			}
			if err := boxtest.Extract(images[0], dir); err != nil {
				return err
			}
			found, err := boxtest.CheckState(r.program, filepath.Join(dir, "box"))
			if err != nil {
				return err
			}
			return kept(found, at)
		},
	}
}
