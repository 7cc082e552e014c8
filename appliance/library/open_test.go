package library

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

func TestNewerTitlesAreNotWritten(t *testing.T) {
	id, dir := testID(1), t.TempDir()
	content := `{"schema":7,"id":"` + id + `","name":"of tomorrow"}`
	put(t, filepath.Join(dir, id, titleFile), content)
	l, _ := openLogged(t, dir)
	if _, ok := l.Title(id); ok {
		t.Error("a title that cannot be read is shown")
	}
	add(t, l, 1, "Film")
	if title, ok := l.Title(id); !ok || title.Title != "Film" {
		t.Errorf("with its stick it is not shown: %+v", title)
	}
	if _, _, err := l.NewRendition(id, "video"); err == nil {
		t.Error("it is converted, into a folder that the newer release does not know")
	}
	if err := l.SetThumbnail(id, []byte("\xff\xd8\xff")); err == nil {
		t.Error("its picture is replaced")
	}
	list, err := os.ReadDir(filepath.Join(dir, id))
	data, readErr := os.ReadFile(filepath.Join(dir, id, titleFile))
	if err != nil || readErr != nil || len(list) != 1 || string(data) != content {
		t.Errorf("its folder was touched: %v, %s", list, data)
	}
}

func TestIncompleteRenditionsOfARecordGo(t *testing.T) {
	id, dir := testID(1), t.TempDir()
	put(t, filepath.Join(dir, id, titleFile), `{"schema":1,"id":"`+id+`","title":"x","how":"convert","renditions":[
		{"name":"video-00000001","complete":false,"segmentBytes":[1]},
		{"name":"../../../etc-00000002","complete":true,"segmentBytes":[1]},
		{"name":"video-00000003","complete":true}]}`)
	for _, name := range []string{"video-00000001", "video-00000003"} {
		writeRendition(t, filepath.Join(dir, id), name, "x")
	}
	l, _ := openLogged(t, dir)
	rec, ok := l.Record(id)
	if !ok || len(rec.Renditions) != 0 {
		t.Errorf("%+v", rec)
	}
	if exists(filepath.Join(dir, id, "video-00000001")) || exists(filepath.Join(dir, id, "video-00000003")) {
		t.Error("their folders are still there")
	}
}

func TestOpenNeedsAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, "x")
	if _, err := Open(Config{Dir: file}); err == nil {
		t.Error("a file is no library")
	}
	dir := filepath.Join(t.TempDir(), "a", "b")
	open(t, Config{Dir: dir})
	if !exists(dir) {
		t.Error("the folder was not made")
	}
}

func TestRevisionsOfTwoProcessesDiffer(t *testing.T) {
	dir := t.TempDir()
	a, b := open(t, Config{Dir: dir}), open(t, Config{Dir: dir})
	old := a.Titles(Query{}).Revision
	if p := b.Titles(Query{Since: old}); !p.Reset {
		t.Errorf("revision %d of an earlier process is taken for one of this, which is at %d", old, p.Revision)
	}
	if p := a.Titles(Query{Since: old}); p.Reset {
		t.Error("a revision of this process is not recognised")
	}
	if old >= 1<<53-1<<maxRevisionAge {
		t.Errorf("revision %d leaves no room below 2^53", old)
	}
}

func TestAddedNumbersGoOn(t *testing.T) {
	l := open(t, Config{})
	first, second := add(t, l, 1, "B"), add(t, l, 2, "A")
	l = open(t, Config{Dir: l.cfg.Dir})
	plugAll(t, l)
	third := add(t, l, 3, "C")
	if got := ids(l.Titles(Query{Sort: "added"})); !slices.Equal(got, []string{third, second, first}) {
		t.Errorf("newest first: %v", got)
	}
}

func TestOldTitlesAreForgottenAtAStart(t *testing.T) {
	l, log := openLogged(t, t.TempDir())
	for n := range 5 {
		if err := l.SetThumbnail(add(t, l, n, "film"), []byte("\xff\xd8\xff")); err != nil {
			t.Fatal(err)
		}
	}
	finish(t, l, testID(0), "a")
	put(t, filepath.Join(l.cfg.Dir, testID(2), "notes.txt"), "mine")
	found := []*entry{nil, {id: testID(9), newer: true}}
	for n := range 5 {
		found = append(found, l.entries[testID(n)])
	}
	left := prune(l.cfg.Dir, found, 2, l.cfg.Log)
	if len(left) != 5 || slices.Contains(left, l.entries[testID(1)]) || slices.Contains(left, l.entries[testID(2)]) {
		t.Errorf("%d are left", len(left))
	}
	for n, want := range map[int]bool{0: true, 1: false, 3: true, 4: true} {
		if exists(filepath.Join(l.cfg.Dir, testID(n))) != want {
			t.Errorf("the folder of title %d is there: %v", n, !want)
		}
	}
	if !exists(filepath.Join(l.cfg.Dir, testID(2), "notes.txt")) || exists(filepath.Join(l.cfg.Dir, testID(2), titleFile)) {
		t.Error("somebody's file went, or the title stayed")
	}
	if !strings.Contains(log.String(), "titles=2") {
		t.Errorf("the log does not say it:\n%s", log)
	}
	again := open(t, Config{Dir: l.cfg.Dir})
	plugAll(t, again)
	if again.Titles(Query{}).Total != 3 {
		t.Error("the rest is not found")
	}
}
