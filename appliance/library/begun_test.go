package library

import (
	"os"
	"path/filepath"
	"testing"
)

// begin puts an unfinished conversion of half a film beside a title.
func begin(t *testing.T, l *Library, id, by string) (name, dir string) {
	t.Helper()
	name, dir, err := l.NewRendition(id, "video")
	if err != nil {
		t.Fatal(err)
	}
	if err = os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"seg00000.ts": "film", playlistFile: "#EXTM3U\n", hashesFile: "{}", ".seg00001.ts.part": "fi"} {
		if err = os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	update(t, l, id, func(r *Record) {
		r.How, r.DurationSeconds = Convert, 100
		r.Renditions = append(r.Renditions, Rendition{Name: name, By: by, SegmentBytes: []int64{4}, TotalBytes: 4, DurationSeconds: 50})
	})
	return name, dir
}

func TestWhatWasBegunStays(t *testing.T) {
	for name, c := range map[string]struct {
		by    string
		spoil func(dir string) error
		stays bool
	}{
		"what can be gone on with stays": {"x", nil, true},
		"what cannot does not":           {"", nil, false},
		"nor what has lost its lists":    {"x", func(dir string) error { return os.Remove(filepath.Join(dir, hashesFile)) }, false},
		"an empty playlist is written anew": {"x", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, playlistFile), nil, 0o600)
		}, true},
		"so is none": {"x", func(dir string) error { return os.Remove(filepath.Join(dir, playlistFile)) }, true},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, Config{})
			id := add(t, l, 1, "Film")
			rendition, dir := begin(t, l, id, c.by)
			if c.spoil != nil {
				if err := c.spoil(dir); err != nil {
					t.Fatal(err)
				}
			}
			l = open(t, Config{Dir: l.cfg.Dir})
			rec, _ := l.Record(id)
			_, err := os.Stat(filepath.Join(dir, "seg00000.ts"))
			if (err == nil) != c.stays || (rec.rendition(rendition) >= 0) != c.stays {
				t.Fatalf("%v, %+v", err, rec.Renditions)
			}
			if !c.stays {
				return
			}
			if _, err := os.Stat(filepath.Join(dir, ".seg00001.ts.part")); err == nil {
				t.Error("what was being written is still there")
			}
			if rec.State != Unplugged || rec.Progress != 0.5 {
				t.Errorf("%s, %g", rec.State, rec.Progress)
			}
			if _, err := l.Source(id, rendition); err != nil {
				t.Error(err)
			}
			if err := l.Finished(id, Rendition{Name: rendition, SegmentBytes: []int64{4}, DurationSeconds: 100}); err != nil {
				t.Fatal(err)
			}
			if rec, _ = l.Record(id); len(rec.Renditions) != 1 || rec.Renditions[0].By != "" || rec.begun() != 0 {
				t.Errorf("%+v", rec.Renditions)
			}
		})
	}
}

func TestWhatWasBegunMakesRoomForWhoWaitsAndWithoutItsStickForAll(t *testing.T) {
	for _, c := range []struct{ plugged, wanted, goes bool }{
		{true, false, false},
		{true, true, true},
		{false, false, true},
		{false, true, true},
	} {
		plugged := c.plugged
		l := open(t, Config{DiskSpace: func(string) (int64, int64, error) { return 1000, 0, nil }, ReserveBytes: func(int64) int64 { return 2 }})
		id := add(t, l, 1, "Film")
		_, dir := begin(t, l, id, "x")
		update(t, l, id, func(r *Record) {
			if r.State = Queued; !plugged {
				r.Sources = nil
			}
		})
		if !plugged {
			update(t, l, id, func(r *Record) { r.State = Unplugged })
		}
		other := add(t, l, 2, "Other")
		err := l.MakeRoom(other, 1, c.wanted, nil)
		if _, gone := os.Stat(dir); (gone != nil) != c.goes || (err == nil) != c.goes {
			t.Errorf("%+v: %v, %v", c, err, gone)
		}
		if rec, _ := l.Record(id); plugged && (rec.State != Queued || rec.Reason != nil) {
			t.Errorf("%+v: it is %s, %v: it waits for its turn as before", c, rec.State, rec.Reason)
		}
	}
}
