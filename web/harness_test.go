package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"streambox.local/appliance/library"
)

const (
	filmID    = "aaaaaaaaaaaaaaa2"
	secondID  = "bbbbbbbbbbbbbbb3"
	missingID = "zzzzzzzzzzzzzzz7"
)

// fakeBox is what cmd would tell of the machine.
type fakeBox struct {
	mu sync.Mutex
	st BoxStatus
}

func (b *fakeBox) Status() BoxStatus {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.st
}

func (b *fakeBox) set(edit func(*BoxStatus)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	edit(&b.st)
}

// fakeResume keeps places in a map.
type fakeResume struct {
	mu     sync.Mutex
	places map[string]float64
	err    error
}

func (f *fakeResume) Resume(viewer, id string) (float64, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	seconds, ok := f.places[viewer+id]
	return seconds, ok, f.err
}

func (f *fakeResume) SetResume(viewer, id string, seconds float64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.places[viewer+id] = seconds
	return f.err
}

// fixture is a server on loopback over a real library in a temporary folder.
type fixture struct {
	t      testing.TB
	lib    *library.Library
	box    *fakeBox
	resume *fakeResume
	srv    *Server
	url    string // http://127.0.0.1:port
	addr   string
	client *http.Client
	log    *lockedBuffer
	pipes  *pipes // where the test has no network
	stop   func() // ends Run and waits for it
}

// start makes a fixture on loopback; edit may change the configuration before.
func start(tb testing.TB, edit func(*Config)) *fixture {
	tb.Helper()
	return startOn(tb, edit, nil)
}

func startOn(tb testing.TB, edit func(*Config), network *pipes) *fixture {
	tb.Helper()
	f := &fixture{t: tb, box: &fakeBox{st: BoxStatus{
		Name: "streambox", URLs: []string{"http://192.0.2.7/", "http://streambox.local/"}, Version: "1.2.3",
		UptimeSeconds: 12, State: "ready", Hardware: map[string]string{"led": "present"},
	}}, resume: &fakeResume{places: map[string]float64{}}, log: &lockedBuffer{}, pipes: network}
	logger := slog.New(slog.NewTextHandler(f.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	lib, err := library.Open(library.Config{
		Dir: filepath.Join(tb.TempDir(), "library"), Log: logger,
		DiskSpace: func(string) (int64, int64, error) { return 100 << 30, 50 << 30, nil },
	})
	if err != nil {
		tb.Fatal(err)
	}
	f.lib = lib
	cfg := Config{
		Library: lib, Resume: f.resume, Box: f.box, Log: logger, Assets: testApp(),
		Synced: func() bool { return true }, OwnNames: func() []string { return []string{"cinema", "cinema.local", "cinema.lan"} },
		Names: []string{"films.example.org"}, Rescan: func() error { return nil },
	}
	if edit != nil {
		edit(&cfg)
	}
	if f.srv, err = New(cfg); err != nil {
		tb.Fatal(err)
	}
	f.serve()
	return f
}

func (f *fixture) serve() {
	f.t.Helper()
	var listener net.Listener = f.pipes
	if f.pipes == nil {
		var lc net.ListenConfig
		var err error
		if listener, err = lc.Listen(context.Background(), "tcp", "127.0.0.1:0"); err != nil {
			f.t.Fatal(err)
		}
	}
	f.addr = listener.Addr().String()
	f.url = "http://" + f.addr
	server := f.srv.HTTPServer()
	ctx, cancel := context.WithCancel(context.Background())
	served, ran := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			f.t.Error(err)
		}
	}()
	go func() {
		defer close(ran)
		if err := f.srv.Run(ctx); err != nil {
			f.t.Error(err)
		}
	}()
	f.client = &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       20 * time.Second,
	}
	f.stop = sync.OnceFunc(func() {
		cancel()
		<-ran
		f.client.CloseIdleConnections()
		_ = server.Close()
		<-served
	})
	f.t.Cleanup(f.stop)
}

// testApp is a browser app of three files.
func testApp() fstest.MapFS {
	return fstest.MapFS{
		"index.html":        {Data: []byte(`<!doctype html><script type="module" src="{{base}}/app.js"></script><noscript>{{list}}</noscript><i>{{build}}</i>`)},
		"app.js":            {Data: []byte(strings.Repeat("export const a = 1; // again\n", 200))},
		"icon.svg":          {Data: []byte("<svg xmlns=\"http://www.w3.org/2000/svg\"/>")},
		"vendor/small.mjs":  {Data: []byte("export {};\n")},
		"languages/en.json": {Data: []byte(`{"title":"Films"}`)},
		"secret.pem":        {Data: []byte("no kind of file that an app has")},
	}
}

// segmentData is what segment n of a film holds: told apart, and long enough for ranges.
func segmentData(id string, n, size int) []byte {
	return bytes.Repeat([]byte(fmt.Sprintf("%s %05d ", id[:4], n)), size/11+1)[:size]
}

// film puts a finished title into the library, as intake and publish would.
func (f *fixture) film(id, name string, segments, segmentBytes int) library.Title {
	f.t.Helper()
	f.must(f.lib.Update(id, true, func(r *library.Record) {
		r.Name, r.State, r.How = name, library.Converting, library.Direct
		r.DurationSeconds, r.Width, r.Height = 4*float64(segments), 1280, 720
		r.Sources = []library.Place{{Stick: "sda1", Folder: "Films", File: "film.mp4"}}
	}))
	rendition, dir, err := f.lib.NewRendition(id, "video")
	f.must(err)
	f.must(os.MkdirAll(dir, 0o755))
	var playlist strings.Builder
	playlist.WriteString("#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:EVENT\n")
	var hashes hashesBody
	hashes.Schema = 1
	done := library.Rendition{Name: rendition, Complete: true, DurationSeconds: 4 * float64(segments)}
	for n := range segments {
		data := segmentData(id, n, segmentBytes)
		segment := fmt.Sprintf("seg%05d.ts", n)
		f.must(os.WriteFile(filepath.Join(dir, segment), data, 0o644))
		sum := sha256.Sum256(data)
		text := hex.EncodeToString(sum[:])
		hashes.Segments = append(hashes.Segments, hashSegment{Name: segment, SHA256: &text, Bytes: int64(len(data))})
		done.SegmentBytes = append(done.SegmentBytes, int64(len(data)))
		done.TotalBytes += int64(len(data))
		playlist.WriteString("#EXTINF:4.000000,\n" + segment + "\n")
	}
	playlist.WriteString("#EXT-X-ENDLIST\n")
	f.must(os.WriteFile(filepath.Join(dir, "index.m3u8"), []byte(playlist.String()), 0o644))
	text, err := json.Marshal(hashes)
	f.must(err)
	f.must(os.WriteFile(filepath.Join(dir, "hashes.json"), text, 0o644))
	f.must(f.lib.Finished(id, done))
	title, ok := f.lib.Title(id)
	if !ok || !title.Playable || title.Playlist == "" {
		f.t.Fatalf("the library does not offer the film: %+v", title)
	}
	return title
}

// listed puts a title into the list that has nothing to play yet.
func (f *fixture) listed(id, name string, state library.State) {
	f.t.Helper()
	f.must(f.lib.Update(id, false, func(r *library.Record) {
		r.Name, r.State = name, state
		r.Sources = []library.Place{{Stick: "sda1", Folder: "Films", File: name + ".mp4"}}
		if state == library.Unplayable {
			r.Reason = &library.Reason{Code: "not_a_video", Text: "This file is not a video."}
		}
	}))
}

// answer is a response with its body read.
type answer struct {
	*http.Response
	body []byte
}

// ask sends a request; header is name, value, name, value …
func (f *fixture) ask(method, path, body string, header ...string) answer {
	f.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(f.t.Context(), method, f.url+path, reader)
	f.must(err)
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Add(header[i], header[i+1])
	}
	response, err := f.client.Do(r)
	f.must(err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	f.must(err)
	return answer{response, text}
}

func (f *fixture) get(path string, header ...string) answer {
	f.t.Helper()
	return f.ask(http.MethodGet, path, "", header...)
}

// must ends the test on an error.
func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// code is the machine word of an error answer; "" when it is none.
func (a answer) code() string {
	var body errorBody
	if json.Unmarshal(a.body, &body) != nil || body.Error == "" || body.Parameters == nil {
		return ""
	}
	return body.Code
}

func decode[T any](tb testing.TB, text []byte) T {
	tb.Helper()
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		tb.Fatalf("%v in %q", err, text)
	}
	return v
}

func equal[T comparable](tb testing.TB, what string, got, want T) {
	tb.Helper()
	if got != want {
		tb.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func contains(tb testing.TB, what, text, part string) {
	tb.Helper()
	if !strings.Contains(text, part) {
		tb.Errorf("%s: %q is not in %q", what, part, text)
	}
}

func lacks(tb testing.TB, what, text, part string) {
	tb.Helper()
	if strings.Contains(text, part) {
		tb.Errorf("%s: %q is in %q", what, part, text)
	}
}

// lockedBuffer is a log that tests read while the server writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// fakeSource is a rendition that does what a test wants.
type fakeSource struct {
	playlist func() ([]byte, error)
	segment  func(name string) (io.ReadSeekCloser, error)
	digest   func(name string) ([]byte, int64, error)
}

func (s fakeSource) Playlist(context.Context) ([]byte, error) { return s.playlist() }

func (s fakeSource) Segment(_ context.Context, name string) (io.ReadSeekCloser, error) {
	return s.segment(name)
}

func (s fakeSource) Digest(_ context.Context, name string) ([]byte, int64, error) {
	return s.digest(name)
}

// attach gives a title a rendition served by src, and returns its address.
func (f *fixture) attach(id string, src library.Source) string {
	f.t.Helper()
	const rendition = "video-0123456789abcdef"
	f.must(f.lib.Update(id, false, func(r *library.Record) {
		r.Name, r.State = "attached", library.Converting
		r.Sources = []library.Place{{Stick: "sda1", File: "attached.mp4"}}
		r.Renditions = []library.Rendition{{Name: rendition}}
	}))
	f.lib.Attach(id, rendition, src)
	return "/stream/" + id + "/" + rendition + "/"
}

// eventually waits until ok, bounded.
func eventually(tb testing.TB, what string, ok func() bool) {
	tb.Helper()
	deadline := time.NewTimer(15 * time.Second)
	defer deadline.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !ok() {
		select {
		case <-deadline.C:
			tb.Fatalf("not in 15 s: %s", what)
		case <-again.C:
		}
	}
}
