package web

import (
	"net/http"
	"strings"
	"testing"

	"streambox.local/appliance/library"
)

func TestPreviews(t *testing.T) {
	t.Parallel()
	f := start(t, nil)
	f.film(filmID, "A film", 1, 100)
	sheet := []byte{0xff, 0xd8, 0xff, 0xe0, 1, 2, 3}
	grid := library.PreviewGrid{EverySeconds: 10, Count: 6, Columns: 10, Rows: 10, Width: 160, Height: 90}
	f.must(f.lib.SetPreviews(filmID, grid, [][]byte{sheet}))
	title := decode[library.Title](t, f.get("/api/v1/titles/"+filmID).body)
	if title.Previews == nil || title.Previews.PreviewGrid != grid || len(title.Previews.Sheets) != 1 {
		t.Fatalf("previews %+v", title.Previews)
	}
	url := title.Previews.Sheets[0]
	got := f.get(url)
	equal(t, "the sheet", string(got.body), string(sheet))
	equal(t, "its type", got.Header.Get("Content-Type"), "image/jpeg")
	equal(t, "for ever", got.Header.Get("Cache-Control"), forEver)
	for name, path := range map[string]string{
		"another digest":   "/stream/" + filmID + "/previews/0-0123456789ab.jpg",
		"another number":   "/stream/" + filmID + "/previews/1" + url[len(url)-17:],
		"not a number":     "/stream/" + filmID + "/previews/00" + url[len(url)-17:],
		"another form":     url[:len(url)-4] + ".png",
		"another title":    "/stream/" + secondID + "/previews/0" + url[len(url)-17:],
		"a title's record": "/stream/" + filmID + "/previews/..%2Ftitle.json",
	} {
		got := f.get(path)
		if got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", name, got.StatusCode)
		}
		if name == "another digest" && !strings.Contains(string(got.body), `"no_previews"`) {
			t.Errorf("%s: %s", name, got.body)
		}
	}
}
