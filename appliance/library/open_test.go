package library

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// finishedTitle makes a library with one finished title and returns its folders.
func finishedTitle(t *testing.T) (dir, id string, r Rendition) {
	t.Helper()
	l := open(t, Config{})
	id = add(t, l, 1, "Film")
	r = finish(t, l, id, "first", "second", "third")
	if err := l.SetThumbnail(id, []byte("\xff\xd8\xff picture")); err != nil {
		t.Fatal(err)
	}
	return l.cfg.Dir, id, r
}

func TestOpenFindsWhatWasFinished(t *testing.T) {
	dir, id, r := finishedTitle(t)
	before, err := os.ReadFile(filepath.Join(dir, id, titleFile))
	if err != nil {
		t.Fatal(err)
	}
	l := open(t, Config{Dir: dir})
	title, ok := l.Title(id)
	if !ok || title.State != Unplugged || !title.Playable || title.Title != "Film" {
		t.Fatalf("%+v", title)
	}
	if want := "/stream/" + id + "/" + r.Name + "/index.m3u8"; title.Playlist != want {
		t.Errorf("playlist %s, not %s", title.Playlist, want)
	}
	if title.Master != "/stream/"+id+"/master.m3u8" || !strings.HasPrefix(title.Thumbnail, "/stream/"+id+"/thumbnail.jpg?v=") {
		t.Errorf("%+v", title)
	}
	if _, err := l.Source(id, r.Name); err != nil {
		t.Error(err)
	}
	update(t, l, id, func(r *Record) { r.Sources = []Place{{Stick: "sdb1", File: "Film.mkv"}} })
	if title, _ := l.Title(id); title.State != Ready || !title.Playable {
		t.Errorf("a finished title whose stick is plugged is ready, not %s", title.State)
	}
	if after, err := os.ReadFile(filepath.Join(dir, id, titleFile)); err != nil || string(after) != string(before) {
		t.Errorf("a start that found all well rewrote title.json (%v)", err)
	}
}

func inspect(t *testing.T, dir string) Inspection {
	t.Helper()
	found, err := Inspect(dir)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// tree is every file below dir with its size.
func tree(t *testing.T, dir string) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && !d.IsDir() {
			all[path] = info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestInspectTellsWhatIsThere(t *testing.T) {
	dir, id, r := finishedTitle(t)
	put(t, filepath.Join(dir, id, "video-0badcafe", "seg00000.ts"), "x")
	found := inspect(t, dir)
	if found.Titles != 1 || len(found.Found) != 1 || found.HalfWritten != 1 || len(found.Damaged) != 0 {
		t.Fatalf("%+v", found)
	}
	if one := found.Found[0]; one.Title != id || one.Dir != filepath.Join(dir, id, r.Name) || len(one.Rendition.SegmentBytes) != 3 {
		t.Errorf("%+v", one)
	}
	if none, err := Inspect(filepath.Join(dir, "none")); err != nil || none.Titles != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

func TestOpenAfterACrash(t *testing.T) {
	const gone, here = false, true
	type outcome struct {
		listed, playable bool
		files            map[string]bool // relative to the title's folder; R stands for the rendition
		log              string
	}
	for name, test := range map[string]struct {
		damage func(t *testing.T, title string, r Rendition)
		want   outcome
	}{
		"title.json half-written": {
			damage: func(t *testing.T, title string, _ Rendition) {
				t.Helper()
				if err := os.Truncate(filepath.Join(title, titleFile), 60); err != nil {
					t.Fatal(err)
				}
			},
			want: outcome{files: map[string]bool{titleFile: gone, titleFile + damagedSuffix: here, "R": gone}, log: "Set aside a damaged title.json"},
		},
		"title.json empty": {
			damage: func(t *testing.T, title string, _ Rendition) { t.Helper(); put(t, filepath.Join(title, titleFile), "") },
			want:   outcome{files: map[string]bool{titleFile + damagedSuffix: here, "R": gone}, log: "Set aside"},
		},
		"title.json of another title": {
			damage: func(t *testing.T, title string, _ Rendition) {
				t.Helper()
				put(t, filepath.Join(title, titleFile), `{"schema":1,"id":"`+testID(9)+`","title":"x"}`)
			},
			want: outcome{files: map[string]bool{titleFile + damagedSuffix: here}, log: "Set aside"},
		},
		"title.json larger than any can be": {
			damage: func(t *testing.T, title string, _ Rendition) {
				t.Helper()
				if err := os.Truncate(filepath.Join(title, titleFile), maxTitleBytes+1); err != nil {
					t.Fatal(err)
				}
			},
			want: outcome{files: map[string]bool{titleFile + damagedSuffix: here}, log: "Set aside"},
		},
		"title.json of a newer release": {
			damage: func(t *testing.T, title string, r Rendition) {
				t.Helper()
				put(t, filepath.Join(title, titleFile), `{"schema":2,"id":"`+filepath.Base(title)+`","titles":["x"]}`)
				put(t, filepath.Join(title, "video-0badcafe", "seg00000.ts.part"), "x")
			},
			want: outcome{files: map[string]bool{titleFile: here, "R": here, "video-0badcafe": here, "thumbnail.jpg": here}, log: "newer release"},
		},
		"title.json never written": {
			damage: func(t *testing.T, title string, _ Rendition) {
				t.Helper()
				if err := os.Rename(filepath.Join(title, titleFile), filepath.Join(title, "."+titleFile+"-123")); err != nil {
					t.Fatal(err)
				}
			},
			want: outcome{files: map[string]bool{".": gone}, log: "Removed"},
		},
		"a segment short by a byte": {
			damage: func(t *testing.T, title string, r Rendition) {
				t.Helper()
				if err := os.Truncate(filepath.Join(title, r.Name, "seg00001.ts"), r.SegmentBytes[1]-1); err != nil {
					t.Fatal(err)
				}
			},
			want: outcome{listed: true, files: map[string]bool{titleFile: here, "R": gone, "thumbnail.jpg": here}, log: "not whole"},
		},
		"a segment missing": {
			damage: func(t *testing.T, title string, r Rendition) {
				t.Helper()
				if err := os.Remove(filepath.Join(title, r.Name, "seg00002.ts")); err != nil {
					t.Fatal(err)
				}
			},
			want: outcome{listed: true, files: map[string]bool{"R": gone}, log: "segment 2 is missing"},
		},
		"the playlist missing": {
			damage: func(t *testing.T, title string, r Rendition) {
				t.Helper()
				if err := os.Remove(filepath.Join(title, r.Name, playlistFile)); err != nil {
					t.Fatal(err)
				}
			},
			want: outcome{listed: true, files: map[string]bool{"R": gone}, log: "playlist"},
		},
		"the rendition's folder missing": {
			damage: func(t *testing.T, title string, r Rendition) {
				t.Helper()
				if err := os.RemoveAll(filepath.Join(title, r.Name)); err != nil {
					t.Fatal(err)
				}
			},
			want: outcome{listed: true, files: map[string]bool{titleFile: here}, log: "not whole"},
		},
		"a conversion cut off": {
			damage: func(t *testing.T, title string, _ Rendition) {
				t.Helper()
				put(t, filepath.Join(title, "video-0badcafe", "seg00000.ts"), "x")
				put(t, filepath.Join(title, "video-0badcafe", "seg00001.ts.part"), "x")
				put(t, filepath.Join(title, "video-0badcafe", ".hashes.json123456"), "x")
			},
			want: outcome{listed: true, playable: true, files: map[string]bool{"video-0badcafe": gone, "R": here}, log: "Removed"},
		},
		"unfinished files beside finished ones": {
			damage: func(t *testing.T, title string, r Rendition) {
				t.Helper()
				put(t, filepath.Join(title, r.Name, "index.m3u8.part"), "x")
				put(t, filepath.Join(title, ".title.json-77"), "x")
				put(t, filepath.Join(title, ".thumbnail.jpg991"), "x")
			},
			want: outcome{listed: true, playable: true, files: map[string]bool{
				"R/index.m3u8.part": gone, "R/index.m3u8": here, ".title.json-77": gone, ".thumbnail.jpg991": gone, "thumbnail.jpg": here,
			}, log: "Removed"},
		},
		"folders and files of somebody else": {
			damage: func(t *testing.T, title string, r Rendition) {
				t.Helper()
				put(t, filepath.Join(title, "photos-20240101", "beach.jpg"), "x")
				put(t, filepath.Join(title, "photos-20240102", "seg00000.ts", "deep"), "x")
				put(t, filepath.Join(title, "notes.txt"), "x")
				put(t, filepath.Join(title, "holiday.mp4.part"), "x")
				put(t, filepath.Join(title, r.Name, "letter.tmp"), "x")
				put(t, filepath.Join(title, "Documents", "seg00000.ts"), "x")
				put(t, filepath.Join(title, "..", "holiday.mp4"), "x")
				put(t, filepath.Join(title, "..", "Films", "video-0badcafe", "seg00000.ts"), "x")
			},
			want: outcome{listed: true, playable: true, files: map[string]bool{
				"photos-20240101/beach.jpg": here, "photos-20240102/seg00000.ts/deep": here, "notes.txt": here, "Documents/seg00000.ts": here,
				"holiday.mp4.part": here, "R/letter.tmp": here,
				"../holiday.mp4": here, "../Films/video-0badcafe/seg00000.ts": here,
			}, log: "not ours"},
		},
		"an empty picture": {
			damage: func(t *testing.T, title string, _ Rendition) {
				t.Helper()
				put(t, filepath.Join(title, thumbnailFile), "")
			},
			want: outcome{listed: true, playable: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, id, r := finishedTitle(t)
			test.damage(t, filepath.Join(dir, id), r)
			other := testID(2)
			put(t, filepath.Join(dir, other, titleFile), `{"schema":1,"id":"`+other+`","title":"Other","how":"direct"}`)
			before := tree(t, dir)
			foreseen := inspect(t, dir)
			if after := tree(t, dir); !maps.Equal(before, after) {
				t.Errorf("to inspect has changed something: %v, then %v", before, after)
			}
			l, log := openLogged(t, dir)
			plugAll(t, l)
			bad := strings.Contains(log.String(), "Set aside") || strings.Contains(log.String(), "not whole")
			if bad != (len(foreseen.Damaged) > 0) {
				t.Errorf("inspected: %+v, but a start says\n%s", foreseen, log)
			}
			if again := inspect(t, dir); len(again.Damaged) > 0 || test.want.log != "not ours" && again.HalfWritten > 0 {
				t.Errorf("after a start: %+v", again)
			}
			if _, ok := l.Title(other); !ok {
				t.Error("one bad title hid another")
			}
			title, listed := l.Title(id)
			if listed != test.want.listed || title.Playable != test.want.playable {
				t.Errorf("listed %v, playable %v: %+v", listed, title.Playable, title)
			}
			for file, want := range test.want.files {
				if file == "R" || strings.HasPrefix(file, "R/") {
					file = r.Name + file[1:]
				}
				if got := exists(filepath.Join(dir, id, file)); got != want {
					t.Errorf("%s is there: %v", file, got)
				}
			}
			if !strings.Contains(log.String(), test.want.log) {
				t.Errorf("the log does not say %q:\n%s", test.want.log, log)
			}
			if _, err := l.Source(id, r.Name); test.want.playable != (err == nil) {
				t.Errorf("source: %v", err)
			}
			again, log := openLogged(t, dir)
			plugAll(t, again)
			if got := again.Titles(Query{}).Total; got != l.Titles(Query{}).Total {
				t.Errorf("the second start finds %d titles\n%s", got, log)
			}
		})
	}
}
