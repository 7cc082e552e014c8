package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"streambox.local/appliance/library"
)

// fakeSystemd hears what a box tells systemd.
type fakeSystemd struct {
	path string
	log  syncBuffer
}

func newFakeSystemd(t *testing.T) *fakeSystemd {
	t.Helper()
	f := &fakeSystemd{path: filepath.Join(t.TempDir(), "notify")}
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: f.path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		message := make([]byte, 4096)
		for {
			n, err := socket.Read(message)
			if err != nil {
				return
			}
			_, _ = f.log.Write(append(message[:n:n], '\n'))
		}
	}()
	return f
}

func (f *fakeSystemd) heard(message string) bool {
	return strings.Contains("\n"+f.log.String(), "\n"+message+"\n")
}

// processBox is a box that is a process of its own.
type processBox struct {
	servedBox
	cmd   *exec.Cmd
	ended chan error
}

func startProcess(t *testing.T, env []string, args ...string) *processBox {
	t.Helper()
	cmd := program(t, append([]string{"serve", "--listen", "127.0.0.1:0", "--data", t.TempDir()}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	return started(t, cmd)
}

// started starts a program that serves, and waits for its address.
func started(t *testing.T, cmd *exec.Cmd) *processBox {
	t.Helper()
	b := &processBox{servedBox: servedBox{t: t, log: &syncBuffer{}}, cmd: cmd, ended: make(chan error, 1)}
	var out syncBuffer
	cmd.Stdout, cmd.Stderr = &out, b.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { b.ended <- cmd.Wait() }()
	eventually(t, "the address is printed", func() bool {
		line, _, found := strings.Cut(out.String(), "\n")
		b.url = line
		return found
	})
	return b
}

// children are the processes that the box has started and that still run.
func (b *processBox) children() (pids []string) {
	b.t.Helper()
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", b.cmd.Process.Pid))
	if err != nil {
		b.t.Fatal(err)
	}
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread that is gone has none
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}

// terminate sends SIGTERM and waits for the end.
func (b *processBox) terminate() (took time.Duration) {
	b.t.Helper()
	began := time.Now()
	if err := b.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.t.Fatal(err)
	}
	select {
	case err := <-b.ended:
		if err != nil {
			b.t.Errorf("it ended with %v:\n%s", err, b.log)
		}
	case <-time.After(15 * time.Second):
		b.t.Fatalf("it does not end:\n%s", b.log)
	}
	return time.Since(began)
}

// ffmpeg makes a film for the stick.
func ffmpeg(t *testing.T, args ...string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-v", "error", "-y"}, args...)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg %v: %v\n%s", args, err, out)
	}
}

// Told to stop in the middle of everything (a conversion, an open page, a phone
// that takes minutes for a segment) the box tells the page, ends ffmpeg, and is
// gone before systemd would lose patience.
func TestStoppingInTheMiddleOfEverything(t *testing.T) {
	needFFmpeg(t)
	stick, systemd := t.TempDir(), newFakeSystemd(t)
	// Noise, so that a segment is larger than what the sockets between us hold.
	big, short, long := filepath.Join(stick, "big.mp4"), filepath.Join(t.TempDir(), "short.mpg"), filepath.Join(stick, "long.mpg")
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25,noise=alls=100:allf=t", "-t", "12", "-c:v", "libx264", "-preset", "ultrafast",
		"-pix_fmt", "yuv420p", "-g", "100", "-b:v", "24M", "-minrate", "24M", "-maxrate", "24M", "-bufsize", "12M", big)
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25", "-t", "10", "-c:v", "mpeg2video", "-b:v", "4M", short)
	ffmpeg(t, "-stream_loop", "300", "-i", short, "-c", "copy", long)
	old := time.Now().Add(-time.Hour) // not still being written
	for _, file := range []string{big, long} {
		if err := os.Chtimes(file, old, old); err != nil {
			t.Fatal(err)
		}
	}
	box := startProcess(t, []string{"NOTIFY_SOCKET=" + systemd.path, "WATCHDOG_USEC=600000"}, "--media", stick)
	eventually(t, "systemd hears READY", func() bool { return strings.Contains(systemd.log.String(), "READY=1\n") })
	eventually(t, "systemd hears signs of life", func() bool { return systemd.heard("WATCHDOG=1") })
	var playable library.Title
	eventually(t, "one film can be played, the other is being converted", func() bool {
		var page library.Page
		box.json("/api/v1/titles", &page)
		at := slices.IndexFunc(page.Titles, func(t library.Title) bool { return t.Title == "big" && t.Playable })
		if at >= 0 {
			playable = page.Titles[at]
		}
		return at >= 0 && slices.ContainsFunc(page.Titles, func(t library.Title) bool { return t.Title == "long" && t.State == library.Converting }) &&
			len(box.children()) > 0
	})
	eventually(t, "systemd hears what goes on", func() bool { return strings.Contains(systemd.log.String(), "STATUS=Working: preparing films, ") })
	children := box.children()

	page, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(box.url, "http")+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	defer page.Close()
	if err = page.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","protocol":1}`)); err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`(?m)^seg\d+\.ts$`).FindString(string(box.get(playable.Playlist)))
	slow, err := http.Get(box.url + path.Join(path.Dir(playable.Playlist), name))
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Body.Close()
	if _, err = slow.Body.Read(make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}

	t.Logf("stopped after %v", box.terminate()) // for whoever reads it; not asserted
	if text := box.log.String(); !strings.Contains(text, "StreamBox has stopped") || strings.Contains(text, "leaving it behind") {
		t.Errorf("it did not stop by itself:\n%s", text)
	}
	if !systemd.heard("STOPPING=1\nSTATUS=Stopping") {
		t.Errorf("systemd heard\n%s", &systemd.log)
	}
	bye := false
	for {
		_, text, err := page.ReadMessage()
		if err != nil {
			if !websocket.IsCloseError(err, websocket.CloseGoingAway) {
				t.Errorf("the page's connection ended with %v", err)
			}
			break
		}
		bye = bye || bytes.Contains(text, []byte(`{"type":"bye","reason":"stopping"}`))
	}
	if !bye {
		t.Error("the page was not told")
	}
	eventually(t, "ffmpeg is gone", func() bool {
		return !slices.ContainsFunc(children, func(pid string) bool {
			state, err := os.ReadFile("/proc/" + pid + "/stat")
			return err == nil && !strings.Contains(string(state), ") Z ") // nobody may be here to collect a dead one
		})
	})
}
