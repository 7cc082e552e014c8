package library

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var someGrid = PreviewGrid{EverySeconds: 10, Count: 130, Columns: 10, Rows: 10, Width: 160, Height: 90}

func sheet(text string) []byte { return append([]byte{0xff, 0xd8, 0xff, 0xe0}, text...) }

// sheetsOf reads a title's sheets by the addresses that pages get.
func sheetsOf(t *testing.T, l *Library, id string) []string {
	t.Helper()
	title, _ := l.Title(id)
	if title.Previews == nil {
		return nil
	}
	var all []string
	for n, url := range title.Previews.Sheets {
		name := strings.TrimSuffix(filepath.Base(url), ".jpg")
		data, err := l.Preview(id, n, name[2:])
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(data[4:]))
	}
	return all
}

func TestPreviewsAreKeptOverARestart(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	id := add(t, l, 1, "film")
	if err := l.SetPreviews(id, someGrid, [][]byte{sheet("one"), sheet("two")}); err != nil {
		t.Fatal(err)
	}
	if err := l.SetPreviews(id, someGrid, [][]byte{sheet("one"), sheet("other")}); err != nil {
		t.Fatal(err)
	}
	want := "one other"
	if got := strings.Join(sheetsOf(t, l, id), " "); got != want {
		t.Errorf("sheets %q, want %q", got, want)
	}
	files, _ := filepath.Glob(filepath.Join(dir, id, "previews", "*"))
	if len(files) != 2 {
		t.Errorf("%d files of 2: %v", len(files), files)
	}
	if err := os.WriteFile(filepath.Join(dir, id, "previews", "0-0123456789ab.jpg.part"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	l = open(t, Config{Dir: dir})
	plugAll(t, l)
	if got := strings.Join(sheetsOf(t, l, id), " "); got != want {
		t.Errorf("after a restart sheets %q, want %q", got, want)
	}
	if files, _ = filepath.Glob(filepath.Join(dir, id, "previews", "*")); len(files) != 2 {
		t.Errorf("after a restart %d files of 2: %v", len(files), files)
	}
	if _, err := l.Preview(id, 0, "0123456789ab"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a sheet of another digest: %v", err)
	}
	if _, err := l.Preview("aaaaaaaaaaaaaaaa", 0, "0123456789ab"); !errors.Is(err, ErrUnknownTitle) {
		t.Errorf("a title that is none: %v", err)
	}
	if err := os.Remove(files[0]); err != nil {
		t.Fatal(err)
	}
	l = open(t, Config{Dir: dir})
	plugAll(t, l)
	if got := sheetsOf(t, l, id); got != nil {
		t.Errorf("with a sheet gone there are %q", got)
	}
	if _, err := os.Stat(filepath.Join(dir, id, "previews")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is left of them stays: %v", err)
	}
}

func TestPreviewsGoWithTheirTitle(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	id := add(t, l, 1, "film")
	if err := l.SetPreviews(id, someGrid, [][]byte{sheet("one"), sheet("two")}); err != nil {
		t.Fatal(err)
	}
	if err := l.Remove(id); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, id)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the title's folder stays: %v", err)
	}
}

func TestPreviewsOutOfBoundsAreNotKept(t *testing.T) {
	l := open(t, Config{Dir: t.TempDir()})
	id := add(t, l, 1, "film")
	two := [][]byte{sheet("one"), sheet("two")}
	for name, c := range map[string]struct {
		change func(g *PreviewGrid)
		sheets [][]byte
	}{
		"a sheet too few":        {func(*PreviewGrid) {}, two[:1]},
		"a sheet too many":       {func(g *PreviewGrid) { g.Count = 100 }, two},
		"no pictures":            {func(g *PreviewGrid) { g.Count = 0 }, nil},
		"no time between":        {func(g *PreviewGrid) { g.EverySeconds = 0 }, two},
		"a sheet too wide":       {func(g *PreviewGrid) { g.Width = 1000 }, two},
		"more than there can be": {func(g *PreviewGrid) { g.Count, g.Columns, g.Rows = 1<<20, 1, 1 }, two},
		"not a JPEG":             {func(*PreviewGrid) {}, [][]byte{sheet("one"), []byte("<svg>")}},
	} {
		g := someGrid
		c.change(&g)
		if err := l.SetPreviews(id, g, c.sheets); err == nil {
			t.Errorf("%s: kept", name)
		}
	}
	if got := sheetsOf(t, l, id); got != nil {
		t.Errorf("there are %q", got)
	}
}

func TestPreviewsLeaveTheReserve(t *testing.T) {
	free := int64(100 + maxSheets*maxSheetBytes)
	l := open(t, Config{
		Dir:          t.TempDir(),
		ReserveBytes: func(int64) int64 { return 100 },
		DiskSpace:    func(string) (int64, int64, error) { return 1 << 40, free, nil },
	})
	id := add(t, l, 1, "film")
	two := [][]byte{sheet("one"), sheet("two")}
	if err := l.SetPreviews(id, someGrid, two); err != nil {
		t.Fatal(err)
	}
	free--
	if err := l.SetPreviews(id, someGrid, [][]byte{sheet("more"), sheet("of them")}); !errors.Is(err, ErrNoRoom) {
		t.Errorf("without room: %v", err)
	}
	if got := strings.Join(sheetsOf(t, l, id), " "); got != "one two" {
		t.Errorf("sheets %q", got)
	}
}

func TestPreviewsOfTitlesThatAreNotListedMakeRoomFirst(t *testing.T) {
	dir, free := t.TempDir(), int64(1<<40)
	l := open(t, Config{
		Dir:          dir,
		ReserveBytes: func(int64) int64 { return 100 },
		DiskSpace:    func(string) (int64, int64, error) { return 1 << 40, free, nil },
	})
	hidden, shown := add(t, l, 1, "hidden"), add(t, l, 2, "shown")
	for _, id := range []string{hidden, shown} {
		if err := l.SetPreviews(id, someGrid, [][]byte{sheet("one"), sheet("two")}); err != nil {
			t.Fatal(err)
		}
	}
	l.Hide(hidden)
	here := func(id string) bool { return exists(filepath.Join(dir, id, "previews")) }
	if err := l.MakeRoom(shown, 50, false, nil); err != nil || !here(hidden) {
		t.Errorf("they go though there is room: %v", err)
	}
	free = 120
	if err := l.MakeRoom(shown, 50, false, nil); !errors.Is(err, ErrNoRoom) {
		t.Errorf("this disk stays as full as it was: %v", err)
	}
	if here(hidden) || !here(shown) {
		t.Errorf("left are those of the hidden: %v, of the shown: %v", here(hidden), here(shown))
	}
	if rec, _ := l.Record(hidden); rec.Previews != nil {
		t.Errorf("its record speaks of %+v", rec.Previews)
	}
}

func TestADamagedSheetIsNotHandedOut(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	id := add(t, l, 1, "film")
	if err := l.SetPreviews(id, someGrid, [][]byte{sheet("one"), sheet("two")}); err != nil {
		t.Fatal(err)
	}
	title, _ := l.Title(id)
	name := filepath.Base(title.Previews.Sheets[1])
	if err := os.WriteFile(filepath.Join(dir, id, "previews", name), sheet("tww"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Preview(id, 1, strings.TrimSuffix(name, ".jpg")[2:]); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("with another byte it is handed out for ever: %v", err)
	}
}
