package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func unzip(t *testing.T, packed []byte) string {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func TestGzip(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 400, 10)
	folder := strings.TrimSuffix(film.Playlist, "index.m3u8")
	for n := range 30 {
		f.listed(strings.Repeat(string(rune('a'+n%26)), 15)+string(rune('2'+n/26)), strings.Repeat("title ", 10), "queued")
	}
	base := f.srv.client.base()
	for _, c := range []struct {
		name, path string
		packed     bool
	}{
		{"titles", "/api/v1/titles", true},
		{"page", "/", true},
		{"media playlist", film.Playlist, true},
		{"hashes", folder + "hashes.json", true},
		{"script", base + "/app.js", true},
		{"QR code", "/qr.svg?for=url", true},
		{"metrics", "/metrics", true},
		{"a small script", base + "/vendor/small.mjs", false},
		{"a small answer", "/healthz", false},
		{"a segment", folder + "seg00000.ts", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plain := f.get(c.path)
			packed := f.get(c.path, "Accept-Encoding", "br, gzip;q=0.5")
			equal(t, "plain by default", plain.Header.Get("Content-Encoding"), "")
			equal(t, "packed", packed.Header.Get("Content-Encoding") == "gzip", c.packed)
			if !c.packed {
				equal(t, "same", bytes.Equal(plain.body, packed.body), true)
				return
			}
			contains(t, "caches must know", packed.Header.Get("Vary"), "Accept-Encoding")
			contains(t, "caches must know", plain.Header.Get("Vary"), "Accept-Encoding")
			equal(t, "Content-Length", packed.ContentLength, int64(len(packed.body)))
			if c.name != "metrics" && c.name != "titles" {
				equal(t, "same", unzip(t, packed.body), string(plain.body))
			}
			refused := f.get(c.path, "Accept-Encoding", "gzip;q=0, *")
			equal(t, "refused", refused.Header.Get("Content-Encoding"), "")
			head := f.ask("HEAD", c.path, "", "Accept-Encoding", "gzip")
			equal(t, "HEAD", head.Header.Get("Content-Encoding"), "gzip")
			equal(t, "HEAD", len(head.body), 0)
		})
	}
}

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "deflate, gzip": true, "gzip;q=1.0": true, "gzip; q=0.1": true, "gzip;q=0": false,
		"gzip; q=0.000": false, "*": true, "*;q=0": false, "gzip;q=0, *;q=1": false, "identity": false, "xgzip": false, "br": false,
		"gzip;q=x": false, ",,,": false,
	} {
		equal(t, header, acceptsGzip(header), want)
	}
}

func TestEtagMatches(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]bool{
		"": false, `"a"`: true, `W/"a"`: true, `"b"`: false, `"b", "a"`: true, `"b",W/"a"`: true, "*": true, "a": false, `"A"`: false, `"aa"`: false,
	} {
		equal(t, header, etagMatches(header, `W/"a"`), want)
		equal(t, header, etagMatches(header, `"a"`), want)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	page := f.get("/")
	base := f.srv.client.base()
	contains(t, "page", string(page.body), `src="`+base+`/app.js"`)
	contains(t, "page", string(page.body), "<i>1.2.3</i>")
	lacks(t, "page", string(page.body), "{{")
	for path, contentType := range map[string]string{
		"/app.js": "text/javascript; charset=utf-8", "/vendor/small.mjs": "text/javascript; charset=utf-8",
		"/languages/en.json": "application/json", "/index.html": htmlType,
	} {
		a := f.get(base + path)
		equal(t, path, a.StatusCode, http.StatusOK)
		equal(t, path, a.Header.Get("Content-Type"), contentType)
		equal(t, path, a.Header.Get("Cache-Control"), forEver)
		for _, encoding := range []string{"identity", "gzip"} {
			again := f.get(base+path, "Accept-Encoding", encoding, "If-None-Match", a.Header.Get("Etag"))
			equal(t, path, again.StatusCode, http.StatusNotModified)
			equal(t, path, len(again.body), 0)
		}
	}
	for _, path := range []string{base + "/nothing.js", base + "/vendor", base + "/vendor/", base + "/secret.pem", "/assets/000000000000/app.js", "/assets/"} {
		equal(t, path, f.get(path).StatusCode, http.StatusNotFound)
	}
	other := testApp()
	other["app.js"].Data = append(other["app.js"].Data, '\n')
	changed := loadClient(other, false)
	equal(t, "another release has another address", changed.base() == base, false)
}

func TestAssetsFromDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("index.html", "{{base}} one")
	write("app.js", "one")
	f := start(t, func(c *Config) { c.Assets, c.DevAssets = os.DirFS(dir), true })
	equal(t, "page", string(f.get("/").body), "/assets/dev one")
	write("index.html", "{{base}} two")
	write("app.js", "two")
	equal(t, "page", string(f.get("/").body), "/assets/dev two")
	a := f.get("/assets/dev/app.js")
	equal(t, "script", string(a.body), "two")
	equal(t, "never kept", a.Header.Get("Cache-Control"), "no-store")
	equal(t, "a file that was removed", f.get("/assets/dev/gone.js").StatusCode, http.StatusNotFound)
}

func TestWithoutTheClient(t *testing.T) {
	t.Parallel()
	f := start(t, func(c *Config) { c.Assets = nil })
	film := f.film(filmID, "A film", 1, 100)
	page := f.get("/")
	equal(t, "status", page.StatusCode, http.StatusOK)
	contains(t, "sentence", string(page.body), "was built without its page")
	contains(t, "films", string(page.body), film.Master)
	equal(t, "assets", f.get("/assets/dev/app.js").StatusCode, http.StatusNotFound)
}
