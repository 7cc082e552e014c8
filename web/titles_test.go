package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"streambox.local/appliance/library"
)

func TestTitles(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	empty := f.get("/api/v1/titles")
	contains(t, "lists are never null", string(empty.body), `"titles":[],"removed":[]`)
	for n := range 5 {
		f.film(strings.Repeat(string(rune('a'+n)), 16), fmt.Sprintf("Film %d", n), 1, 100)
	}
	first := f.get("/api/v1/titles?limit=2")
	page := decode[library.Page](t, first.body)
	equal(t, "page", len(page.Titles), 2)
	equal(t, "total", page.Total, 5)
	equal(t, "next", page.Next, page.Titles[1].ID)
	seen := map[string]bool{}
	for after := ""; ; {
		p := decode[library.Page](t, f.get("/api/v1/titles?limit=2&after="+after).body)
		for _, title := range p.Titles {
			seen[title.ID] = true
		}
		if after = p.Next; after == "" {
			break
		}
	}
	equal(t, "titles by pages", len(seen), 5)
	equal(t, "search", len(decode[library.Page](t, f.get("/api/v1/titles?q=film+3").body).Titles), 1)
	equal(t, "folder", len(decode[library.Page](t, f.get("/api/v1/titles?folder=/Films/").body).Titles), 5)
	equal(t, "other folder", len(decode[library.Page](t, f.get("/api/v1/titles?folder=Film").body).Titles), 0)

	since := fmt.Sprintf("/api/v1/titles?since=%d", page.Revision)
	equal(t, "nothing new", len(decode[library.Page](t, f.get(since).body).Titles), 0)
	f.film("fffffffffffffff2", "Another", 1, 100)
	news := decode[library.Page](t, f.get(since).body)
	equal(t, "news", len(news.Titles), 1)
	equal(t, "news", news.Titles[0].Title, "Another")
}

func TestTitlesAreRevalidated(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	for _, path := range []string{"/api/v1/titles", "/api/v1/titles/" + filmID} {
		a := f.get(path)
		etag := a.Header.Get("Etag")
		again := f.get(path, "If-None-Match", etag)
		equal(t, "same", again.StatusCode, http.StatusNotModified)
		equal(t, "no body", len(again.body), 0)
		f.srv.presence.open("somebody", addrOf("192.0.2.1:1"), 99, filmID)
		again = f.get(path, "If-None-Match", etag)
		equal(t, "somebody watches now", again.StatusCode, http.StatusOK)
		contains(t, "viewers", string(again.body), `"viewers":1`)
		f.srv.presence.open("somebody", addrOf("192.0.2.1:1"), 99, "")
	}
}

func TestParametersOfTitles(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	for _, c := range []struct {
		name, query string
		status      int
		parameter   string
	}{
		{"none", "", 200, ""},
		{"all", "since=1&after=" + filmID + "&limit=200&folder=a%2Fb&q=%C3%A9t%C3%A9&sort=added", 200, ""},
		{"unknown ones are of a later release", "colour=red", 200, ""},
		{"empty ones", "since=&after=&folder=&q=&sort=&limit=", 200, ""},
		{"an after that is gone", "after=" + missingID, 200, ""},
		{"a folder that would get out", "folder=../../etc", 200, ""},
		{"a folder with a line break", "folder=a%0Ab", 200, ""},
		{"regular expression as q", "q=.*%28%5B", 200, ""},
		{"a quote as q", "q=%27%22%3B--%20DROP", 200, ""},
		{"limit 0", "limit=0", 400, "limit"},
		{"limit 201", "limit=201", 400, "limit"},
		{"limit -1", "limit=-1", 400, "limit"},
		{"limit in words", "limit=ten", 400, "limit"},
		{"limit beyond numbers", "limit=99999999999999999999", 400, "limit"},
		{"since -1", "since=-1", 400, "since"},
		{"since 1.5", "since=1.5", 400, "since"},
		{"since beyond numbers", "since=18446744073709551616", 400, "since"},
		{"after a path", "after=..%2F..%2Fetc", 400, "after"},
		{"after in capitals", "after=" + strings.ToUpper(filmID), 400, "after"},
		{"folder with NUL", "folder=a%00b", 400, "folder"},
		{"folder not UTF-8", "folder=%ff", 400, "folder"},
		{"folder too long", "folder=" + strings.Repeat("a", 1025), 400, "folder"},
		{"q with NUL", "q=%00", 400, "q"},
		{"q not UTF-8", "q=%c3%28", 400, "q"},
		{"q too long", "q=" + strings.Repeat("a", 257), 400, "q"},
		{"unknown order", "sort=size", 400, "sort"},
		{"half an escape", "q=%2", 400, ""},
		{"semicolons", "q=a;b", 400, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			a := f.get("/api/v1/titles?" + c.query)
			equal(t, "status", a.StatusCode, c.status)
			if c.status == 400 {
				body := decode[errorBody](t, a.body)
				equal(t, "code", body.Code, "wrong_parameter")
				equal(t, "parameter", fmt.Sprint(body.Parameters["parameter"]), c.parameter)
			}
		})
	}
}

// hostileNames are what files on a stick may be called.
func hostileNames() []string {
	return []string{
		"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "a\n#EXTINF:1,x\nhttp://evil.example/x", "a\rb",
		"a\u2028b\u2029c\u0085d\x00e\x1bf", "{{base}}{{list}}{{.}}", "</noscript><b>", "$(reboot) `reboot` ; reboot", "../../etc/passwd",
		"日本語 🎬 \u202egpj.exe", strings.Repeat("ä", 127),
	}
}

func TestHostileNames(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	names := hostileNames()
	for n, name := range names {
		f.film(strings.Repeat(string(rune('a'+n)), 16), name, 1, 100)
	}
	t.Run("the list for players has two lines a title, and only our addresses", func(t *testing.T) {
		t.Parallel()
		a := f.get("/titles.m3u", "Host", "streambox.local")
		lines := strings.Split(strings.TrimSuffix(string(a.body), "\n"), "\n")
		equal(t, "lines", len(lines), 1+2*len(names))
		equal(t, "first", lines[0], "#EXTM3U")
		for i := 1; i+1 < len(lines); i += 2 {
			if !strings.HasPrefix(lines[i], "#EXTINF:4,") || strings.ContainsAny(lines[i], "\r\x00\x1b\u2028\u2029\u0085") {
				t.Errorf("line %q", lines[i])
			}
			u, err := url.Parse(lines[i+1])
			if err != nil || u.Scheme != "http" || u.Host != "streambox.local" || !strings.HasSuffix(u.Path, "/master.m3u8") {
				t.Errorf("address %q", lines[i+1])
			}
		}
	})
	t.Run("the page has them as text", func(t *testing.T) {
		t.Parallel()
		page := string(f.get("/").body)
		lacks(t, "page", page, "<script>alert")
		lacks(t, "page", page, "<img src=x")
		lacks(t, "page", page, "</noscript><b>")
		contains(t, "page", page, "&lt;script&gt;alert(1)&lt;/script&gt;")
		contains(t, "placeholders of a name stay text", page, "{{base}}{{list}}{{.}}")
		equal(t, "lists", strings.Count(page, `<ul class="plain">`), 1)
	})
	t.Run("JSON has them escaped for HTML as well", func(t *testing.T) {
		t.Parallel()
		lacks(t, "JSON", string(f.get("/api/v1/titles").body), "<script>")
	})
}

func TestM3UHasAllPages(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	for n := range 205 {
		id := fmt.Sprintf("%c%c%saaaaaaaaaaaa", 'a'+n/26, 'a'+n%26, "aa")
		f.attach(id, fakeSource{playlist: func() ([]byte, error) { return []byte("#EXTM3U\n#EXTINF:4,\nseg00000.ts\n"), nil }})
	}
	f.listed(secondID, "text.mp4", library.Unplayable)
	body := string(f.get("/titles.m3u").body)
	equal(t, "titles that can be played", strings.Count(body, "#EXTINF"), 205)
	lacks(t, "list", body, "text.mp4")
}

func TestPlainList(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	contains(t, "empty box", string(f.get("/").body), "Plug in a USB stick")
	for n := range 51 {
		f.listed(fmt.Sprintf("%c%caaaaaaaaaaaaaa", 'a'+n/26, 'a'+n%26), fmt.Sprintf("t%03d", n), library.Unplayable)
	}
	page := string(f.get("/").body)
	equal(t, "titles of the first page", strings.Count(page, "<li>"), 50)
	contains(t, "reason", page, "This file is not a video.")
	_, more, ok := strings.Cut(page, `<a href="/?page=`)
	if !ok {
		t.Fatal("there is no link to more")
	}
	second := string(f.get("/?page=" + more[:16]).body)
	equal(t, "titles of the second page", strings.Count(second, "<li>"), 1)
	contains(t, "second page", second, "t050")
	lacks(t, "second page", second, "/?page=")
	equal(t, "a page that is no id", f.get("/?page=..%2F").StatusCode, http.StatusBadRequest)
	film := f.film(filmID, "A film", 900, 10)
	f.must(f.lib.SetThumbnail(filmID, []byte("\xff\xd8\xff picture")))
	page = string(f.get("/").body)
	contains(t, "link", page, `<a href="`+film.Master+`">`)
	contains(t, "picture", page, `<img src="/stream/`+filmID+`/thumbnail.jpg?v=`)
	contains(t, "length", page, "1:00:00")
}

func TestClockLength(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[float64]string{0: "", -1: "", 0.6: "0:01", 59.6: "1:00", 754: "12:34", 3599.9: "1:00:00", 7325: "2:02:05", 360000: "100:00:00"} {
		equal(t, fmt.Sprint(seconds), clockLength(seconds), want)
	}
}

func TestThumbnails(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	picture := "\xff\xd8\xff the picture"
	f.must(f.lib.SetThumbnail(filmID, []byte(picture)))
	title, _ := f.lib.Title(filmID)
	a := f.get(title.Thumbnail)
	equal(t, "picture", string(a.body), picture)
	equal(t, "type", a.Header.Get("Content-Type"), "image/jpeg")
	equal(t, "by its digest it is for ever", a.Header.Get("Cache-Control"), forEver)
	equal(t, "there already", f.get(title.Thumbnail, "If-None-Match", a.Header.Get("Etag")).StatusCode, http.StatusNotModified)
	for _, path := range []string{"", "?v=", "?v=0", "?v=000000000000", "?v=%00"} {
		other := f.get("/stream/" + filmID + "/thumbnail.jpg" + path)
		equal(t, path, other.Header.Get("Cache-Control"), "no-cache")
		equal(t, path, string(other.body), picture)
	}
	f.must(f.lib.SetThumbnail(filmID, []byte("\xff\xd8\xff a better one")))
	equal(t, "another picture", f.get("/stream/"+filmID+"/thumbnail.jpg", "If-None-Match", a.Header.Get("Etag")).StatusCode, http.StatusOK)
}
