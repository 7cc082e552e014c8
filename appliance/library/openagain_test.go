package library

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

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
