package web

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

func TestSegments(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 2, 10_000)
	data := segmentData(filmID, 1, 10_000)
	url := strings.TrimSuffix(film.Playlist, "index.m3u8") + "seg00001.ts"
	whole := f.get(url, "Accept-Encoding", "gzip")
	etag := whole.Header.Get("Etag")
	equal(t, "whole", bytes.Equal(whole.body, data), true)
	equal(t, "never compressed", whole.Header.Get("Content-Encoding"), "")
	equal(t, "ranges are offered", whole.Header.Get("Accept-Ranges"), "bytes")
	equal(t, "no date of change", whole.Header.Get("Last-Modified"), "")
	if len(etag) != 34 || strings.HasPrefix(etag, "W/") {
		t.Fatalf("ETag %s is not the half of a SHA-256", etag)
	}
	for _, c := range []struct {
		name     string
		header   []string
		status   int
		from, to int
	}{
		{"the beginning", []string{"Range", "bytes=0-99"}, 206, 0, 100},
		{"the middle", []string{"Range", "bytes=5000-5999"}, 206, 5000, 6000},
		{"from somewhere on", []string{"Range", "bytes=9000-"}, 206, 9000, 10000},
		{"the last bytes", []string{"Range", "bytes=-10"}, 206, 9990, 10000},
		{"more than there is", []string{"Range", "bytes=9990-20000"}, 206, 9990, 10000},
		{"of the same thing", []string{"Range", "bytes=1-1", "If-Range", etag}, 206, 1, 2},
		{"of another thing: all of it", []string{"Range", "bytes=1-1", "If-Range", `"other"`}, 200, 0, 10000},
		{"behind the end", []string{"Range", "bytes=10000-"}, 416, 0, 0},
		{"backwards", []string{"Range", "bytes=5-1"}, 416, 0, 0},
		{"not bytes", []string{"Range", "lines=1-2"}, 416, 0, 0},
		{"already there", []string{"If-None-Match", etag}, 304, 0, 0},
		{"another is there", []string{"If-None-Match", `"x", W/"y"`}, 200, 0, 10000},
		{"anything is there", []string{"If-None-Match", "*"}, 304, 0, 0},
		{"not what was expected", []string{"If-Match", `"x"`}, 412, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := f.get(url, c.header...)
			equal(t, "status", a.StatusCode, c.status)
			if c.status < 300 {
				equal(t, "bytes", bytes.Equal(a.body, data[c.from:c.to]), true)
			}
			if c.status == 206 {
				equal(t, "Content-Range", a.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-%d/10000", c.from, c.to-1))
			}
			if c.status == 304 {
				equal(t, "tag of a 304", a.Header.Get("Etag"), etag)
			}
		})
	}
}

func TestWhatASourceMaySay(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	failing := func(err error) (func() ([]byte, error), func(string) (io.ReadSeekCloser, error), func(string) ([]byte, int64, error)) {
		return func() ([]byte, error) { return nil, err },
			func(string) (io.ReadSeekCloser, error) { return nil, err },
			func(string) ([]byte, int64, error) { return nil, 0, err }
	}
	for n, c := range []struct {
		name       string
		err        error
		status     int
		code       string
		retryAfter string
	}{
		{"not yet: hls.js tries a 503 again, a 404 never", library.ErrNotYet, 503, "not_yet", "1"},
		{"wrapped not yet", fmt.Errorf("x: %w", library.ErrNotYet), 503, "not_yet", "1"},
		{"a stick that was pulled in mid-read", fmt.Errorf("x: %w: read /secret/path: input/output error", library.ErrUnreadable), 503, "cannot_read", "2"},
		{"replaced", library.ErrRenditionGone, 410, "rendition_gone", ""},
		{"no such title", library.ErrUnknownTitle, 404, "unknown_title", ""},
		{"no such segment", &fs.PathError{Op: "open", Path: "/secret/path", Err: fs.ErrNotExist}, 404, "not_found", ""},
		{"a stick that was pulled", &fs.PathError{Op: "read", Path: "/secret/path", Err: errors.New("input/output error")}, 503, "cannot_read", "2"},
	} {
		id := fmt.Sprintf("ccccccccccccccc%c", 'a'+n)
		playlist, segment, digest := failing(c.err)
		folder := f.attach(id, fakeSource{playlist, segment, digest})
		for _, file := range []string{"index.m3u8", "seg00000.ts", "hashes.json", "init.mp4", "seg00000.m4s"} {
			t.Run(c.name+" "+file, func(t *testing.T) {
				t.Parallel()
				a := f.get(folder + file)
				equal(t, "status", a.StatusCode, c.status)
				equal(t, "code", a.code(), c.code)
				equal(t, "Retry-After", a.Header.Get("Retry-After"), c.retryAfter)
				equal(t, "never kept", a.Header.Get("Cache-Control"), "no-store")
				equal(t, "no tag", a.Header.Get("Etag"), "")
				lacks(t, "the sentence has no paths", string(a.body), "secret")
			})
		}
	}
	t.Run("a stick that was pulled in mid-read, and it is known by now", func(t *testing.T) {
		t.Parallel()
		const id = "ddddddddddddddd4"
		playlist, segment, digest := failing(library.ErrUnreadable)
		folder := f.attach(id, fakeSource{playlist, segment, digest})
		f.must(f.lib.Update(id, false, func(r *library.Record) { r.Sources = nil }))
		for _, file := range []string{"index.m3u8", "seg00000.ts", "hashes.json"} {
			a := f.get(folder + file)
			equal(t, "status of "+file, a.StatusCode, http.StatusServiceUnavailable)
			equal(t, "code of "+file, a.code(), "unplugged")
		}
	})
	t.Run("the log has the cause", func(t *testing.T) {
		t.Parallel()
		playlist, segment, digest := failing(errors.New("cause of the test"))
		f.get(f.attach("ddddddddddddddd2", fakeSource{playlist, segment, digest}) + "seg00000.ts")
		contains(t, "log", f.log.String(), "cause of the test")
	})
}

// generated is a segment made in memory, as a packager would.
type generated struct{ *bytes.Reader }

func (generated) Close() error { return nil }

func TestSegmentsThatAreNoFiles(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	data := segmentData(filmID, 7, 3<<20)
	folder := f.attach(filmID, fakeSource{
		playlist: func() ([]byte, error) { return []byte("#EXTM3U\n"), nil },
		segment:  func(string) (io.ReadSeekCloser, error) { return generated{bytes.NewReader(data)}, nil },
		digest:   func(string) ([]byte, int64, error) { return nil, 0, nil },
	})
	a := f.get(folder + "seg00007.m4s")
	equal(t, "type", a.Header.Get("Content-Type"), "video/mp4")
	equal(t, "bytes", bytes.Equal(a.body, data), true)
	equal(t, "tag without a hash", a.Header.Get("Etag"), `"video-0123456789abcdef-seg00007.m4s-300000"`)
	a = f.get(folder+"seg00007.m4s", "Range", "bytes=3000000-3000009")
	equal(t, "range", string(a.body), string(data[3000000:3000010]))
}

func TestPanicsBecomeA500(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	folder := f.attach(filmID, fakeSource{
		playlist: func() ([]byte, error) { panic("the packager broke") },
		segment: func(string) (io.ReadSeekCloser, error) {
			return generated{bytes.NewReader(make([]byte, 1<<20))}, nil
		},
		digest: func(string) ([]byte, int64, error) {
			panic(errors.New("so did the digest"))
		},
	})
	for _, file := range []string{"index.m3u8", "seg00000.ts", "hashes.json"} {
		a := f.get(folder + file)
		equal(t, file, a.code(), "internal")
		equal(t, file, a.StatusCode, http.StatusInternalServerError)
		equal(t, file, a.Header.Get("Content-Type"), "application/json")
		lacks(t, "body", string(a.body), "broke")
	}
	contains(t, "log", f.log.String(), "the packager broke")
	contains(t, "log", f.log.String(), "so did the digest")
	contains(t, "metrics", string(f.get("/metrics").body), "streambox_panics_total 3")
	equal(t, "the server goes on", f.get("/healthz").StatusCode, http.StatusOK)
}

// sendfileProbe notes in which shape a body reaches net/http.
type sendfileProbe struct {
	http.ResponseWriter
	shapes    []string
	bytes     int64
	deadlines []time.Time
}

func (p *sendfileProbe) SetWriteDeadline(t time.Time) error {
	p.deadlines = append(p.deadlines, t)
	return nil
}

func (p *sendfileProbe) ReadFrom(src io.Reader) (int64, error) {
	shape := fmt.Sprintf("%T", src)
	if limited, ok := src.(*io.LimitedReader); ok {
		shape += fmt.Sprintf(" of %T", limited.R)
	}
	p.shapes = append(p.shapes, shape)
	n, err := io.Copy(io.Discard, src)
	p.bytes += n
	return n, err
}

func TestFilesReachSendfile(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 1, 9<<20+5)
	probe := &sendfileProbe{ResponseWriter: httptest.NewRecorder()}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(film.Playlist, "index.m3u8")+"seg00000.ts", nil)
	r.Host = "localhost"
	f.srv.Handler().ServeHTTP(probe, r)
	equal(t, "bytes", probe.bytes, 9<<20+5)
	equal(t, "steps", len(probe.shapes), 3)
	for _, shape := range probe.shapes {
		// package net: sendFile takes an *os.File, or one inside one *io.LimitedReader; nothing else.
		equal(t, "shape", shape, "*io.LimitedReader of *os.File")
	}
	// One for the request and one before each step: who stalls is dropped, who is slow is not.
	equal(t, "deadlines", len(probe.deadlines), 4)
	for i, longest := range []time.Duration{time.Minute, 4 * time.Minute, 4 * time.Minute, 2 * time.Minute} { // 1 MiB a minute
		if left := time.Until(probe.deadlines[i]); left <= longest-progressTimeout || left > longest {
			t.Errorf("deadline %d is %v from now", i, left)
		}
	}
	contains(t, "counted", string(f.get("/metrics").body), fmt.Sprintf("streambox_segment_bytes_total %d", 9<<20+5))
}

func TestRecorderStopsWhereTheReaderDoes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	w := &recorder{ResponseWriter: &sendfileProbe{ResponseWriter: httptest.NewRecorder()}}
	n, err := w.ReadFrom(&io.LimitedReader{R: file, N: 1 << 30})
	if n != 100 || err != nil || w.bytes != 100 || w.status != http.StatusOK {
		t.Errorf("sent %d, error %v, counted %d, status %d", n, err, w.bytes, w.status)
	}
}

func TestHashes(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 3, 500)
	a := f.get(strings.TrimSuffix(film.Playlist, "index.m3u8") + "hashes.json")
	body := decode[hashesBody](t, a.body)
	equal(t, "schema", body.Schema, 1)
	equal(t, "segments", len(body.Segments), 3)
	src, err := f.lib.Source(filmID, strings.Split(film.Playlist, "/")[3])
	f.must(err)
	for _, segment := range body.Segments {
		sum, size, err := src.Digest(context.Background(), segment.Name)
		f.must(err)
		equal(t, "sum", *segment.SHA256, hex.EncodeToString(sum))
		equal(t, "size", segment.Bytes, size)
	}
	equal(t, "asked again", f.get(a.Request.URL.Path, "If-None-Match", a.Header.Get("Etag")).StatusCode, http.StatusNotModified)

	folder := f.attach(secondID, fakeSource{
		playlist: func() ([]byte, error) { return []byte("#EXTM3U\n#EXTINF:4,\nseg00000.ts\n"), nil },
		digest:   func(string) ([]byte, int64, error) { return nil, 77, nil },
	})
	equal(t, "not yet known", string(f.get(folder+"hashes.json").body),
		`{"schema":1,"segments":[{"name":"seg00000.ts","sha256":null,"bytes":77}]}`+"\n")
}
