package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"streambox.local/appliance"
	"streambox.local/appliance/library"
)

// The whole way: a film is put on a stick, becomes playable, is played, and is
// there again at once after the box was switched off and on.
func TestServeFromTheStickToThePhone(t *testing.T) {
	needFFmpeg(t)
	stick, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	env := []string{"RUNTIME_DIRECTORY=" + t.TempDir()}
	box := serveHere(t, env, "--media", stick, "--data", data, "--name", "cinema")
	film := clip(t, "h264-ac3")
	old := time.Now().Add(-time.Hour) // not still being written
	if err := os.Chtimes(film, old, old); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(film, filepath.Join(stick, "My film.mkv")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a rescan is accepted", func() bool { return box.post("/api/v1/rescan") == http.StatusAccepted })
	title := box.title("the film is ready", func(t library.Title) bool { return t.State == library.Ready && t.Playable && t.Thumbnail != "" })
	if title.Title != "My film" || title.How != library.Audio || title.Sources[0].File != "My film.mkv" {
		t.Errorf("title = %+v", title)
	}
	box.playFirstSegment(title)
	var answer boxAnswer
	eventually(t, "the box has nothing left to do", func() bool { // the film is ready a moment before its job has ended
		box.json("/api/v1/box", &answer)
		return answer.State == string(appliance.Ready)
	})
	if answer.Name != "cinema" || answer.Version != "1.2.3" || len(answer.URLs) != 1 || answer.URLs[0] != box.url ||
		len(answer.Sticks) != 1 || answer.Sticks[0].Titles != 1 || len(answer.Problems) != 0 {
		t.Errorf("box = %+v", answer)
	}
	if info, running, _ := appliance.RunningBox(data); !running || "http://"+info.Listen != box.url {
		t.Errorf("doctor would see %+v, %v", info, running)
	}
	began := time.Now()
	if err := box.stop(); err != nil {
		t.Fatal(err)
	}
	t.Logf("stopped after %v", time.Since(began)) // for whoever reads it; not asserted

	again := serveHere(t, env, "--media", stick, "--data", data)
	same := again.title("the film is back", func(t library.Title) bool { return t.Playable })
	if same.ID != title.ID || same.Playlist != title.Playlist {
		t.Errorf("after a restart the title is %+v, before it was %+v", same, title)
	}
	again.playFirstSegment(same)
}

func (b *servedBox) post(path string) int {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.t.Fatal(err)
	}
	if err = response.Body.Close(); err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode
}

// playFirstSegment fetches what a player would and checks it against hashes.json.
func (b *servedBox) playFirstSegment(title library.Title) {
	b.t.Helper()
	playlist := string(b.get(title.Playlist))
	name := regexp.MustCompile(`(?m)^seg\d+\.ts$`).FindString(playlist)
	if name == "" || !strings.Contains(playlist, "#EXT-X-ENDLIST") {
		b.t.Fatalf("the playlist is\n%s", playlist)
	}
	segment := b.get(path.Join(path.Dir(title.Playlist), name))
	if len(segment)%188 != 0 || segment[0] != 0x47 {
		b.t.Errorf("%s is no transport stream: %d bytes", name, len(segment))
	}
	var hashes struct {
		Segments []struct{ Name, SHA256 string }
	}
	b.json(path.Join(path.Dir(title.Playlist), "hashes.json"), &hashes)
	sum := sha256.Sum256(segment)
	if len(hashes.Segments) == 0 || hashes.Segments[0].SHA256 != hex.EncodeToString(sum[:]) {
		b.t.Errorf("%s is not what hashes.json says", name)
	}
	if !strings.Contains(string(b.get(title.Master)), "#EXT-X-STREAM-INF") {
		b.t.Error("the multivariant playlist names no rendition")
	}
	if picture := b.get(title.Thumbnail); !bytes.HasPrefix(picture, []byte{0xff, 0xd8}) {
		b.t.Error("the picture is no JPEG")
	}
}

func TestServeWithoutFFmpegSaysSoAndServes(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	box := serveHere(t, []string{"RUNTIME_DIRECTORY=" + t.TempDir()}, "--media", t.TempDir(), "--data", t.TempDir())
	var answer boxAnswer
	eventually(t, "the box asks for attention", func() bool {
		box.json("/api/v1/box", &answer)
		return answer.State == string(appliance.Attention)
	})
	if len(answer.Problems) != 1 || answer.Problems[0].Code != "ffmpeg_missing" {
		t.Errorf("problems = %+v", answer.Problems)
	}
	if !strings.Contains(box.log.String(), "apt-get install ffmpeg") {
		t.Errorf("the log does not say how to mend it:\n%s", box.log)
	}
}

// A phone's page is told who it is and where STUN answers, as soon as it does.
func TestServeBringsPhonesTogether(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no ffmpeg is needed to share
	box := serveHere(t, []string{"RUNTIME_DIRECTORY=" + t.TempDir(), "STREAMBOX_P2P=off"}, "--media", t.TempDir(), "--data", t.TempDir(), "--p2p", "on", "--debug")
	var answer struct {
		Swarm struct{ Policy, Why string }
		Room  struct{ Role string }
	}
	box.json("/api/v1/box", &answer)
	if answer.Swarm.Policy != "on" || !strings.Contains(answer.Swarm.Why, "switched on") || answer.Room.Role == "" {
		t.Errorf("box = %+v", answer)
	}
	var inside struct{ Policy struct{ Mode, Role string } }
	box.json("/api/v1/swarm", &inside)
	if inside.Policy.Mode != "on" || inside.Policy.Role != answer.Room.Role {
		t.Errorf("swarm = %+v", inside)
	}
	var hello struct {
		You  string
		STUN []string
	}
	eventually(t, "STUN answers", func() bool {
		hello.STUN = nil
		page, response, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(box.url, "http")+"/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		defer page.Close()
		if err = page.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello","protocol":1,"p2p":true}`)); err != nil {
			t.Fatal(err)
		}
		if err = page.ReadJSON(&hello); err != nil {
			t.Fatal(err)
		}
		return len(hello.STUN) == 1
	})
	if hello.You == "" || !strings.HasPrefix(hello.STUN[0], "stun:127.0.0.1:") {
		t.Errorf("hello = %+v", hello)
	}
}

func TestServeRefusesWhatCannotWork(t *testing.T) {
	t.Setenv("PATH", t.TempDir()) // no ffmpeg is needed to refuse
	data, media := t.TempDir(), t.TempDir()
	env := []string{"RUNTIME_DIRECTORY=" + t.TempDir()}
	box := serveHere(t, env, "--media", media, "--data", data)
	port := box.url[strings.LastIndex(box.url, ":")+1:]
	notFolder := filepath.Join(media, "file")
	if err := os.WriteFile(notFolder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		sentence string
		args     []string
		status   int
		says     string
	}{
		{"a data folder in use", []string{"--data", data, "--listen", "127.0.0.1:0"}, exitFailed, fmt.Sprintf("(process %d) already works in the data folder", os.Getpid())},
		{"a port in use, and who has it", []string{"--data", t.TempDir(), "--listen", "127.0.0.1:" + port}, exitFailed, "port " + port + " is taken by "},
		{"an address of another machine", []string{"--data", t.TempDir(), "--listen", "192.0.2.77:3003"}, exitFailed, "does not have the address"},
		{"a media folder that is a file", []string{"--data", t.TempDir(), "--media", notFolder}, exitUsage, "is not a folder"},
		{"a data folder that cannot be made", []string{"--data", notFolder + "/x"}, exitFailed, "cannot be made: not a directory"},
		{"a page that is not there", []string{"--data", t.TempDir(), "--listen", "127.0.0.1:0", "--client", "/none"}, exitUsage, "--client /none: there is no such file"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			a, _, stderr := testApp(env...)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			status := a.run(ctx, append([]string{"serve"}, tt.args...))
			if status != tt.status || !strings.Contains(stderr.String(), tt.says) {
				t.Errorf("exit status %d, want %d; standard error lacks %q:\n%s", status, tt.status, tt.says, stderr)
			}
		})
	}
}

func TestServeNamesWhatIsWrongInTheSettingsAndServes(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	file := filepath.Join(t.TempDir(), "streambox.toml")
	if err := os.WriteFile(file, []byte("\xef\xbb\xbfname = \"kino\"\r\nlog-levl = \"debug\"\r\nnonsense\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	box := serveHere(t, []string{"RUNTIME_DIRECTORY=" + t.TempDir(), "STREAMBOX_HOSTS=not a host"}, "--media", t.TempDir(), "--data", t.TempDir(), "--config", file)
	var answer boxAnswer
	box.json("/api/v1/box", &answer)
	if answer.Name != "kino" {
		t.Errorf("name = %q, want the one of the file", answer.Name)
	}
	for _, want := range []string{"line 2 of", "did you mean log-level?", "line 3 of", "STREAMBOX_HOSTS in the environment is not used"} {
		if !strings.Contains(box.log.String(), want) {
			t.Errorf("the log lacks %q:\n%s", want, box.log)
		}
	}
}

func TestServeSignals(t *testing.T) {
	stick := t.TempDir()
	cmd := program(t, "serve", "--media", stick, "--data", t.TempDir(), "--listen", "127.0.0.1:0")
	cmd.Env = append(cmd.Env, "PATH="+t.TempDir())
	var log syncBuffer
	cmd.Stderr = &log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("no address: %v\n%s", err, log.String())
	}
	eventually(t, "the stick is scanned", func() bool { return strings.Count(log.String(), "Stick scanned") == 1 })
	// SIGHUP reads the sticks again, once rescans are taken again.
	eventually(t, "a rescan after SIGHUP", func() bool {
		if err = cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		return strings.Count(log.String(), "Stick scanned") > 1
	})
	// A viewer that never reads does not hold it up.
	idle, err := net.Dial("tcp", strings.TrimPrefix(strings.TrimSpace(url), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	if _, err = io.WriteString(idle, "GET /api/v1/box HTTP/1.1\r\nHost: localhost\r\n"); err != nil {
		t.Fatal(err)
	}
	if err = cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err = <-ended:
		if err != nil {
			t.Errorf("it ended with %v:\n%s", err, log.String())
		}
	case <-time.After(15 * time.Second):
		t.Fatalf("it does not end:\n%s", log.String())
	}
	if !strings.Contains(log.String(), "StreamBox has stopped") {
		t.Errorf("it did not stop by itself:\n%s", log.String())
	}
}

// report of a box that runs: its log is there, without the film's name.
func TestReportOfARunningBox(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	stick, data, runtime := t.TempDir(), t.TempDir(), "RUNTIME_DIRECTORY="+t.TempDir()
	if err := os.WriteFile(filepath.Join(stick, "Secret Holiday.mkv"), bytes.Repeat([]byte("x"), 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	box := serveHere(t, []string{runtime}, "--media", stick, "--data", data)
	eventually(t, "the stick is scanned", func() bool { return strings.Contains(box.log.String(), "Stick scanned") })
	out := filepath.Join(t.TempDir(), "support.txt")
	a, stdout, stderr := testApp(runtime)
	if status := a.run(t.Context(), []string{"report", "--media", stick, "--data", data, "--out", out}); status != exitOK {
		t.Fatalf("exit status %d: %s", status, stderr)
	}
	if stdout.String() != out+"\n" {
		t.Errorf("standard output %q", stdout)
	}
	content, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	for _, want := range []string{"running, process", "Stick scanned", "StreamBox is running", "1 folders", "ffmpeg"} {
		if !strings.Contains(text, want) {
			t.Errorf("the support file lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "Secret") || strings.Contains(text, "Holiday") || strings.Contains(text, stick) {
		t.Errorf("the support file names a film or its folder:\n%s", text)
	}
}
