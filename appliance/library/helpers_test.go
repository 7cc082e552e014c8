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

func open(t testing.TB, cfg Config) *Library {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	l, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func openLogged(t testing.TB, dir string) (*Library, *logText) {
	t.Helper()
	text := &logText{}
	return open(t, Config{Dir: dir, Log: slog.New(slog.NewTextHandler(text, nil))}), text
}

func update(t testing.TB, l *Library, id string, edit func(*Record)) {
	t.Helper()
	if err := l.Update(id, false, edit); err != nil {
		t.Fatal(err)
	}
}

// add makes a probed title on stick sda1.
func add(t testing.TB, l *Library, n int, name string) string {
	t.Helper()
	id := testID(n)
	update(t, l, id, func(r *Record) {
		r.Name, r.How, r.State = name, Convert, Queued
		r.Sources = []Place{{Stick: "sda1", File: name + ".mkv"}}
	})
	return id
}

// writeRendition makes the folder of a complete rendition as a publisher leaves it.
func writeRendition(t testing.TB, dir, name string, segments ...string) Rendition {
	t.Helper()
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
		put(t, filepath.Join(dir, name, file), data)
		sum := sha256.Sum256([]byte(data))
		hashes = append(hashes, entry{file, hex.EncodeToString(sum[:]), len(data)})
		playlist += "#EXTINF:4.0,\n" + file + "\n"
		r.SegmentBytes = append(r.SegmentBytes, int64(len(data)))
		r.TotalBytes += int64(len(data))
	}
	data, err := json.Marshal(map[string]any{"schema": 1, "segments": hashes})
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, name, hashesFile), string(data))
	put(t, filepath.Join(dir, name, playlistFile), playlist+"#EXT-X-ENDLIST\n")
	return r
}

// finish converts a title as intake does.
func finish(t testing.TB, l *Library, id string, segments ...string) Rendition {
	t.Helper()
	name, dir, err := l.NewRendition(id, "video")
	if err != nil {
		t.Fatal(err)
	}
	r := writeRendition(t, filepath.Dir(dir), name, segments...)
	if err := l.Finished(id, r); err != nil {
		t.Fatal(err)
	}
	return r
}

func put(t testing.TB, name, data string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), dirMode); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(data), fileMode); err != nil {
		t.Fatal(err)
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
func readTitle(t testing.TB, l *Library, id string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(l.cfg.Dir, id, titleFile))
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
