package web

import (
	"testing"

	"streambox.local/appliance/library"
)

func TestTheRateOfAFilm(t *testing.T) { // not in parallel: it counts allocations
	f := start(t, nil)
	f.film(filmID, "A film", 30, 1000)
	lib := f.srv.cfg.Library
	for name, c := range map[string]struct {
		rendition library.Rendition
		want      float64
	}{
		"packaged on request: from its file's size": {library.Rendition{Name: "direct-00000001", Complete: true, TotalBytes: 5e8, DurationSeconds: 1000}, 4e6},
		"on the disk: from its segments":            {library.Rendition{Name: "video-00000002", Complete: true, SegmentBytes: []int64{500, 1500}, DurationSeconds: 8}, 2000},
		"still being made: not known":               {library.Rendition{Name: "video-00000003"}, 0},
		"of an unknown length: not known":           {library.Rendition{Name: "video-00000004", TotalBytes: 1000}, 0},
	} {
		err := lib.Update(filmID, false, func(r *library.Record) { r.Renditions = append(r.Renditions, c.rendition) })
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second answer is remembered
			equal(t, name, f.srv.rates.of(lib, filmID, c.rendition.Name), c.want)
		}
		if n := testing.AllocsPerRun(10, func() { f.srv.rates.of(lib, filmID, c.rendition.Name) }); n > 0 {
			t.Errorf("%s: %v allocations for each request", name, n)
		}
	}
	equal(t, "no such film", f.srv.rates.of(lib, "aaaaaaaaaaaaaaaa", "video-00000001"), 0.0)
}
