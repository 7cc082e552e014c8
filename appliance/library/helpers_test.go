package library

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// testID is a valid id that differs for each n.
func testID(n int) string {
	sum := sha256.Sum256(fmt.Append(nil, n))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// logText collects log lines of several goroutines.
type logText struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func open(tb testing.TB, cfg Config) *Library {
	tb.Helper()
	if cfg.Dir == "" {
		cfg.Dir = tb.TempDir()
	}
	l, err := Open(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

func openLogged(tb testing.TB, dir string) (*Library, *logText) {
	tb.Helper()
	text := &logText{}
	return open(tb, Config{Dir: dir, Log: slog.New(slog.NewTextHandler(text, nil))}), text
}

func update(tb testing.TB, l *Library, id string, edit func(*Record)) {
	tb.Helper()
	if err := l.Update(id, false, edit); err != nil {
		tb.Fatal(err)
	}
}

// add makes a probed title on stick sda1.
func add(tb testing.TB, l *Library, n int, name string) string {
	tb.Helper()
	id := testID(n)
	update(tb, l, id, func(r *Record) {
		r.Name, r.How, r.State = name, Convert, Queued
		r.Sources = []Place{{Stick: "sda1", File: name + ".mkv"}}
	})
	return id
}

// plugAll gives every title its stick back, as intake does after a start.
func plugAll(tb testing.TB, l *Library) {
	tb.Helper()
	for _, r := range l.Records() {
		update(tb, l, r.ID, func(r *Record) { r.Sources = []Place{{Stick: "sda1", File: r.Name + ".mkv"}} })
	}
}

// writeRendition makes the folder of a complete rendition as a publisher leaves it.
func writeRendition(tb testing.TB, dir, name string, segments ...string) Rendition {
	tb.Helper()
	r := Rendition{Name: name, Complete: true}
	type entry struct {
		Name   string `json:"name"`
		SHA256 string `json:"sha256"`
		Bytes  int    `json:"bytes"`
	}
	var hashes []entry
	playlist := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n"
	for i, data := range segments {
		file := fmt.Sprintf("seg%05d.ts", i)
		put(tb, filepath.Join(dir, name, file), data)
		sum := sha256.Sum256([]byte(data))
		hashes = append(hashes, entry{file, hex.EncodeToString(sum[:]), len(data)})
		playlist += "#EXTINF:4.0,\n" + file + "\n"
		r.SegmentBytes = append(r.SegmentBytes, int64(len(data)))
		r.TotalBytes += int64(len(data))
	}
	data, err := json.Marshal(map[string]any{"schema": 1, "segments": hashes})
	if err != nil {
		tb.Fatal(err)
	}
	put(tb, filepath.Join(dir, name, hashesFile), string(data))
	put(tb, filepath.Join(dir, name, playlistFile), playlist+"#EXT-X-ENDLIST\n")
	return r
}

// finish converts a title as intake does.
func finish(tb testing.TB, l *Library, id string, segments ...string) Rendition {
	tb.Helper()
	name, dir, err := l.NewRendition(id, "video")
	if err != nil {
		tb.Fatal(err)
	}
	r := writeRendition(tb, filepath.Dir(dir), name, segments...)
	if err := l.Finished(id, r); err != nil {
		tb.Fatal(err)
	}
	return r
}

func put(tb testing.TB, name, data string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(name), dirMode); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), fileMode); err != nil {
		tb.Fatal(err)
	}
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

func ids(p Page) []string {
	list := []string{}
	for _, one := range p.Titles {
		list = append(list, one.ID)
	}
	return list
}

func names(p Page) []string {
	list := []string{}
	for _, one := range p.Titles {
		list = append(list, one.Title)
	}
	return list
}

// readTitle returns a title.json as generic JSON.
func readTitle(tb testing.TB, l *Library, id string) map[string]any {
	tb.Helper()
	data, err := os.ReadFile(filepath.Join(l.cfg.Dir, id, titleFile))
	if err != nil {
		tb.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		tb.Fatal(err)
	}
	return fields
}
