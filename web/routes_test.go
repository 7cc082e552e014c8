package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRoutes(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 3, 3000)
	f.listed(secondID, "not a film", "unplayable")
	folder := strings.TrimSuffix(film.Playlist, "index.m3u8")
	const (
		jsonType = "application/json"
		never    = "no-store"
	)
	for _, c := range []struct {
		name, method, path string
		status             int
		contentType, cache string
		code               string
	}{
		{"the library page", "GET", "/", 200, htmlType, "private, no-cache", ""},
		{"a title's page", "GET", "/watch/" + filmID, 200, htmlType, "private, no-cache", ""},
		{"the page of a title that is gone is the app too", "GET", "/watch/" + missingID, 404, htmlType, "private, no-cache", ""},
		{"titles", "GET", "/api/v1/titles", 200, jsonType, "no-cache", ""},
		{"one title", "GET", "/api/v1/titles/" + filmID, 200, jsonType, "no-cache", ""},
		{"an unknown title", "GET", "/api/v1/titles/" + missingID, 404, jsonType, never, "unknown_title"},
		{"an id in capitals", "GET", "/api/v1/titles/" + strings.ToUpper(filmID), 404, jsonType, never, "unknown_title"},
		{"the box", "GET", "/api/v1/box", 200, jsonType, never, ""},
		{"resume", "GET", "/api/v1/resume/" + filmID, 200, jsonType, never, ""},
		{"resume of an unknown title", "GET", "/api/v1/resume/" + missingID, 404, jsonType, never, "unknown_title"},
		{"rescan", "POST", "/api/v1/rescan", 202, jsonType, never, ""},
		{"rescan by GET", "GET", "/api/v1/rescan", 405, jsonType, never, "method_not_allowed"},
		{"host while nobody pressed the button", "POST", "/api/v1/host", 403, jsonType, never, "host_only"},
		{"DELETE of a title", "DELETE", "/api/v1/titles/" + filmID, 405, jsonType, never, "method_not_allowed"},
		{"no such API", "GET", "/api/v2/titles", 404, jsonType, never, "not_found"},
		{"master playlist", "GET", film.Master, 200, playlistType, never, ""},
		{"master playlist of what cannot be played", "GET", "/stream/" + secondID + "/master.m3u8", 404, jsonType, never, "unplayable"},
		{"master playlist of an unknown title", "GET", "/stream/" + missingID + "/master.m3u8", 404, jsonType, never, "unknown_title"},
		{"media playlist", "GET", film.Playlist, 200, playlistType, never, ""},
		{"hashes", "GET", folder + "hashes.json", 200, jsonType, "no-cache", ""},
		{"a segment", "GET", folder + "seg00001.ts", 200, "video/mp2t", forEver, ""},
		{"the head of a segment", "HEAD", folder + "seg00001.ts", 200, "video/mp2t", forEver, ""},
		{"a file that no rendition has", "GET", folder + "title.json", 404, jsonType, never, "not_found"},
		{"the library's own file", "GET", "/stream/" + filmID + "/title.json", 404, jsonType, never, "not_found"},
		{"an old rendition", "GET", "/stream/" + filmID + "/video-00000000/index.m3u8", 410, jsonType, never, "rendition_gone"},
		{"a segment of an old rendition", "GET", "/stream/" + filmID + "/video-00000000/seg00000.ts", 410, jsonType, never, "rendition_gone"},
		{"a rendition of an unknown title", "GET", "/stream/" + missingID + "/video-00000000/index.m3u8", 404, jsonType, never, "unknown_title"},
		{"no thumbnail", "GET", "/stream/" + filmID + "/thumbnail.jpg", 404, jsonType, never, "no_thumbnail"},
		{"the list for players", "GET", "/titles.m3u", 200, "audio/x-mpegurl; charset=utf-8", never, ""},
		{"QR code", "GET", "/qr.svg?for=url", 200, "image/svg+xml", never, ""},
		{"QR code for what it cannot do", "GET", "/qr.svg?for=tea", 400, htmlType, never, ""},
		{"QR code for a Wi-Fi that is not there", "GET", "/qr.svg?for=wifi", 404, htmlType, never, ""},
		{"projector page", "GET", "/join", 200, htmlType, never, ""},
		{"its style", "GET", "/pages.css", 200, "text/css; charset=utf-8", "no-cache", ""},
		{"health", "GET", "/healthz", 200, "text/plain; charset=utf-8", never, ""},
		{"metrics", "GET", "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", never, ""},
		{"WebSocket address without a WebSocket", "GET", "/ws", 426, jsonType, never, "websocket_only"},
		{"nothing", "GET", "/nothing", 404, htmlType, never, ""},
		{"POST to the page", "POST", "/", 405, htmlType, never, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := f.ask(c.method, c.path, "")
			equal(t, "status", a.StatusCode, c.status)
			equal(t, "Content-Type", a.Header.Get("Content-Type"), c.contentType)
			equal(t, "Cache-Control", a.Header.Get("Cache-Control"), c.cache)
			equal(t, "code", a.code(), c.code)
			equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"), "nosniff")
			contains(t, "CSP", a.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self' 'wasm-unsafe-eval';")
			contains(t, "CSP", a.Header.Get("Content-Security-Policy"), "connect-src 'self' ws://"+f.addr+" ")
			lacks(t, "headers", fmt.Sprint(a.Header), "Cross-Origin-Opener-Policy")
			if a.StatusCode == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "" {
				t.Error("a 405 without Allow")
			}
			if c.method == "HEAD" {
				equal(t, "bytes of a HEAD", len(a.body), 0)
				equal(t, "Content-Length of a HEAD", a.ContentLength, 3000)
			}
		})
	}
}

// raw sends bytes as they are, which no HTTP client would, and returns status and body.
func (f *fixture) raw(request string) (status int, body string) {
	f.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(f.t.Context(), "tcp", f.addr)
	f.must(err)
	defer func() { _ = conn.Close() }()
	f.must(conn.SetDeadline(time.Now().Add(10 * time.Second)))
	_, err = io.WriteString(conn, request)
	f.must(err)
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return 0, ""
	}
	f.must(err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	f.must(err)
	return response.StatusCode, string(text)
}

func TestAddressesThatTryToGetOut(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	film := f.film(filmID, "A film", 1, 100)
	folder := strings.TrimSuffix(film.Playlist, "index.m3u8")
	for _, target := range []string{
		folder + "../../title.json",
		folder + "..%2f..%2ftitle.json",
		folder + "%2e%2e/%2e%2e/" + filmID + "/title.json",
		folder + "..%5c..%5ctitle.json",
		folder + "%2fetc%2fpasswd",
		folder + "seg00000.ts%00.m3u8",
		folder + "seg00000.ts%00",
		folder + "seg00000.ts/",
		folder + "seg00000.ts.part",
		folder + ".seg00000.ts",
		folder + "SEG00000.TS",
		folder + "seg00000.ts%0d%0aX-Evil:1",
		folder + strings.Repeat("a", 5000) + ".ts",
		"/stream/..%2f..%2f..%2fetc/passwd",
		"/stream/" + strings.ToUpper(filmID) + "/master.m3u8",
		"/stream/" + filmID + "%2fx/master.m3u8",
		"/stream/%2e%2e/%2e%2e/etc/passwd",
		"/stream//etc/passwd",
		"/stream/" + filmID + "/..%2fvideo-0/seg00000.ts",
		"/stream/" + filmID + "/subtitles/1-00000000.vtt",
		"/assets/" + f.srv.client.version() + "/..%2f..%2fetc%2fpasswd",
		"/assets/" + f.srv.client.version() + "/%2e%2e/%2e%2e/etc/passwd",
		"/assets/" + f.srv.client.version() + "/secret.pem",
		"/assets/" + f.srv.client.version() + "/",
		"/assets/" + f.srv.client.version() + "/vendor",
		"/watch/..%2f..%2fetc",
		"/api/v1/titles/..%2f..%2fetc%2fpasswd",
		"/api/v1/titles/%00",
		"/api/v1/resume/..%2fx",
		"//evil.example/%2e%2e",
		"/%ff%fe",
		"/.git/config",
	} {
		t.Run(target[:min(len(target), 60)], func(t *testing.T) {
			t.Parallel()
			status, body := f.raw("GET " + target + " HTTP/1.1\r\nHost: " + f.addr + "\r\nConnection: close\r\n\r\n")
			if status != 404 && status != 410 && status != 301 && status != 307 && status != 400 {
				t.Errorf("status %d, body %q", status, body)
			}
			lacks(t, "body", body, "root:")
			lacks(t, "body", body, "schema")
			lacks(t, "body", body, "no kind of file")
		})
	}
}

func TestRequestsThatAreTooMuch(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	head := "Host: " + f.addr + "\r\nConnection: close\r\n"
	for _, c := range []struct {
		name, request string
		status        int
	}{
		{"headers of 64 KiB", "GET / HTTP/1.1\r\n" + head + "X-Long: " + strings.Repeat("a", 64<<10) + "\r\n\r\n", 431},
		{
			"a body of a gigabyte is refused when it is read",
			"PUT /api/v1/resume/" + filmID + " HTTP/1.1\r\n" + head + "Content-Length: 1000000000\r\n\r\n{\"seconds\":1" + strings.Repeat("0", 8<<10), 413,
		},
		{
			"a chunked body that is too long",
			"PUT /api/v1/resume/" + filmID + " HTTP/1.1\r\n" + head + "Transfer-Encoding: chunked\r\n\r\n2000\r\n" + strings.Repeat(" ", 0x2000) + "\r\n0\r\n\r\n", 413,
		},
		{"no host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400},
		{"two hosts", "GET / HTTP/1.1\r\n" + head + "Host: evil.example\r\n\r\n", 400},
		{"HTTP/1.0 without a host", "GET / HTTP/1.0\r\n\r\n", 421},
		{"another host in the request line", "GET http://evil.example/ HTTP/1.1\r\n" + head + "\r\n", 421},
		{"not HTTP", "HELLO\r\n\r\n", 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, _ := f.raw(c.request)
			equal(t, "status", status, c.status)
		})
	}
}
