package intake

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"streambox.local/appliance/usb"
)

// plant writes files of a size below dir.
func plant(t *testing.T, dir string, files map[string]int) {
	t.Helper()
	for name, size := range files {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func walkDir(t *testing.T, dir string) found {
	t.Helper()
	root, err := treeOpener()(usb.Stick{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	got, err := walk(t.Context(), root, "My Stick", newClassifier())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// lines renders entries as "folder|file|title|parts".
func lines(f found) []string {
	var out []string
	for _, e := range f.entries {
		out = append(out, fmt.Sprint(e.folder, "|", e.file, "|", e.title, "|", len(e.paths)))
	}
	return out
}

func TestWalk(t *testing.T) {
	cases := []struct {
		name   string
		files  map[string]int
		want   []string
		counts map[kind]int
	}{
		{
			"films in natural order, the rest counted by kind",
			map[string]int{
				"10.mp4": 1, "2.mkv": 1, "a/b/Film_One.avi": 1, "song.mp3": 1, "pic.JPG": 1, "doc.pdf": 1, "s.srt": 1, "x.zip": 1,
				"setup.exe": 1, "thing.xyz": 1, "noextension": 1,
			},
			[]string{"|2.mkv|2|1", "|10.mp4|10|1", "a/b|Film_One.avi|Film One|1"},
			map[kind]int{"audio": 1, "picture": 1, "document": 1, "subtitle": 1, "archive": 1, "app": 1, "other": 2},
		},
		{
			"what is hidden or of an operating system is not looked into",
			map[string]int{
				"._film.mp4": 1, ".hidden/f.mp4": 1, "System Volume Information/f.mp4": 1, "$RECYCLE.BIN/f.mp4": 1, "LOST.DIR/f.mp4": 1,
				".Trash-1000/f.mp4": 1, "Android/data/f.mp4": 1, "Films/Android/f.mp4": 1, "ads/.nomedia": 0, "ads/f.mp4": 1,
				"mine/.streambox-ignore": 0, "mine/deep/f.mp4": 1, "Thumbs.db": 1,
			},
			[]string{"Films/Android|f.mp4|f|1"},
			map[kind]int{"hidden": 10},
		},
		{
			"a folder StreamBox at the top is all that is shown",
			map[string]int{"private.mp4": 1, "other/p.mp4": 1, "streambox/f.mp4": 1, "streambox/s/g.mp4": 1},
			[]string{"streambox|f.mp4|f|1", "streambox/s|g.mp4|g|1"},
			map[kind]int{},
		},
		{
			"a DVD is one film: the largest title set, joined",
			map[string]int{
				"Heat/VIDEO_TS/VIDEO_TS.IFO": 1, "Heat/VIDEO_TS/VIDEO_TS.VOB": 900, "Heat/VIDEO_TS/VTS_01_0.VOB": 900, "Heat/VIDEO_TS/VTS_01_1.VOB": 10,
				"Heat/VIDEO_TS/VTS_02_1.VOB": 100, "Heat/VIDEO_TS/VTS_02_2.VOB": 100, "Heat/VIDEO_TS/VTS_02_3.VOB": 5, "Heat/extra.mp4": 1,
			},
			[]string{"Heat|extra.mp4|extra|1", "|Heat|Heat|3"},
			map[kind]int{},
		},
		{
			"a DVD at the top has the stick's name",
			map[string]int{"VIDEO_TS/VTS_01_1.VOB": 10},
			[]string{"|VIDEO_TS|My Stick|1"},
			map[kind]int{},
		},
		{
			"Blu-ray and AVCHD: the largest stream",
			map[string]int{
				"Films/Alien/BDMV/STREAM/00000.m2ts": 5, "Films/Alien/BDMV/STREAM/00001.m2ts": 500, "Films/Alien/BDMV/PLAYLIST/0.mpls": 1,
				"PRIVATE/AVCHD/BDMV/STREAM/00000.MTS": 5,
			},
			[]string{"Films|Alien|Alien|1", "|PRIVATE|My Stick|1"},
			map[kind]int{},
		},
		{
			"a ready-made folder is one film, and segments are never titles",
			map[string]int{
				"Films/Made/index.m3u8": 1, "Films/Made/seg00000.ts": 1, "Films/Made/seg00001.ts": 1, "Films/Made/hashes.json": 1,
				"Films/Made/thumbnail.jpg": 1, "Films/Made/bonus.mp4": 1, "broken copy/seg00000.ts": 1, "broken copy/chunk_001.ts": 1, "recording.ts": 1,
			},
			[]string{"|recording.ts|recording|1", "Films|Made|Made|1", "Films/Made|bonus.mp4|bonus|1"},
			map[kind]int{"segment": 2},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			plant(t, dir, c.files)
			got := walkDir(t, dir)
			if !slices.Equal(lines(got), c.want) {
				t.Errorf("films\n%s\nwant\n%s", strings.Join(lines(got), "\n"), strings.Join(c.want, "\n"))
			}
			for k, n := range got.counts {
				if c.counts[k] != n {
					t.Errorf("%d of %s, want %d", n, k, c.counts[k])
				}
			}
			for k, n := range c.counts {
				if got.counts[k] != n {
					t.Errorf("%d of %s, want %d", got.counts[k], k, n)
				}
			}
		})
	}
}

func TestAStickWhoseOwnerHidesItAll(t *testing.T) {
	dir := t.TempDir()
	plant(t, dir, map[string]int{".nomedia": 0, "f.mp4": 1})
	if got := walkDir(t, dir); !got.ignored || len(got.entries) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestSymlinksPipesAndDevicesAreNotFollowed(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	plant(t, outside, map[string]int{"secret.mp4": 1})
	plant(t, dir, map[string]int{"in/film.mp4": 1})
	for link, target := range map[string]string{
		"out.mp4": filepath.Join(outside, "secret.mp4"), "folder": outside, "up": "..", "cycle": ".", "in/inside.mp4": "film.mp4", "dangling.mp4": "nothing",
	} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.mp4"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := walkDir(t, dir)
	if want := []string{"in|film.mp4|film|1"}; !slices.Equal(lines(got), want) {
		t.Errorf("%v", lines(got))
	}
	if got.counts[kindSymlink] != 6 || got.counts[kindSpecial] != 1 {
		t.Errorf("%v", got.counts)
	}
	root, err := treeOpener()(usb.Stick{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, name := range []string{"out.mp4", "in/inside.mp4", "folder/secret.mp4", "up/x", "../x", "/etc/passwd", "pipe.mp4", "in"} {
		if f, err := root.Open(name); err == nil {
			t.Errorf("%s was opened", name)
			_ = f.Close()
		}
	}
}

func TestWrongAndMissingExtensions(t *testing.T) {
	mp4 := append([]byte{0, 0, 0, 24}, "ftypisom\x00\x00\x00\x00"...)
	heic := append([]byte{0, 0, 0, 24}, "ftypheic\x00\x00\x00\x00"...)
	ts := slices.Repeat(append([]byte{0x47}, make([]byte, 187)...), 6)
	cases := []struct {
		name  string
		file  string
		start []byte
		size  int64
		film  bool
	}{
		{"an MP4 without extension", "film", mp4, 20 << 10, true},
		{"an MP4 called .download", "film.download", mp4, 20 << 10, true},
		{"a transport stream called .bin2", "x.bin2", ts, 20 << 10, true},
		{"Matroska called .dat", "x.dat", []byte{0x1a, 0x45, 0xdf, 0xa3}, 2 << 20, true},
		{"too small to look at", "film", mp4, 1 << 10, false},
		{"text without extension", "README", []byte("read me, it is text"), 20 << 10, false},
		{"a HEIC picture with an unknown extension", "x.pic", heic, 20 << 10, false},
		{"a small document is not read", "x.txt", mp4, 20 << 10, false},
		{"a large document is", "x.txt", mp4, 2 << 20, true},
		{"a picture is not, unless it is huge", "x.jpg", mp4, 8 << 20, false},
		{"a huge picture is", "x.jpg", mp4, 65 << 20, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			full := filepath.Join(dir, c.file)
			if err := os.WriteFile(full, c.start, 0o644); err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(full, c.size); err != nil {
				t.Fatal(err)
			}
			if got := walkDir(t, dir); (len(got.entries) == 1) != c.film {
				t.Errorf("found %v, counts %v", lines(got), got.counts)
			}
		})
	}
}

func TestHostileNames(t *testing.T) {
	long := strings.Repeat("x", 251) + ".mp4"
	cases := []struct{ file, title string }{
		{"-i.mp4", "-i"},
		{"-i concat:evil.mp4", "-i concat:evil"},
		{`"quotes' and $(rm -rf)` + "`" + `.mp4`, `"quotes' and $(rm -rf)` + "`"},
		{"line\nbreak\r.mp4", "line break"},
		{"\x1b[31mred.mp4", "[31mred"},
		{"🎬 Film 👨‍👩‍👧.mp4", "🎬 Film 👨‍👩‍👧"},
		{"..%2f..%2fetc.mp4", "..%2f..%2fetc"},
		{"<script>alert(1)<script>.mp4", "<script>alert(1)<script>"},
		{"safe\u202e4pm.exe.mp4", "safe4pm exe"},
		{"bad\xff\xfeutf8.mp4", "bad\uFFFDutf8"},
		{"Mr. Smith.mp4", "Mr. Smith"},
		{"The.Third.Man.1949.mp4", "The Third Man 1949"},
		{"under_score__two.mp4", "under score two"},
		{"v1.0.mp4", "v1.0"},
		{"....mp4", "Untitled"},
		{"___.mp4", "Untitled"},
		{".mp4.mp4", ".mp4"},
		{"C:\\Windows\\film.mp4", "C:\\Windows\\film"},
		{"file%s%n.mp4", "file%s%n"},
		{long, strings.Repeat("x", 200)},
		{strings.Repeat("ü", 125) + ".mkv", strings.Repeat("ü", 125)},
	}
	dir := t.TempDir()
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			if got := titleOfFile(c.file); got != c.title {
				t.Errorf("titleOfFile(%q) = %q, want %q", c.file, got, c.title)
			}
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(c.file), 0o644); err != nil {
				t.Fatal(err)
			}
		})
	}
	got := walkDir(t, dir)
	if want := len(cases) - 3; len(got.entries) != want { // three begin with a dot: hidden
		t.Errorf("%d films of %d: %q", len(got.entries), want, lines(got))
	}
	root, err := treeOpener()(usb.Stick{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, e := range got.entries {
		files, err := openAll(root, e.paths)
		if err != nil {
			t.Errorf("open %q: %v", e.paths, err)
			continue
		}
		closeAll(files)
		p := e.place("s")
		for _, text := range []string{e.title, p.File, p.Folder} {
			if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || utf8.RuneCountInString(text) > placeRunes {
				t.Errorf("not presentable: %q", text)
			}
		}
	}
}

func TestNaturalOrder(t *testing.T) {
	want := []string{"1", "2", "10", "a1b2", "a1b10", "a01b11", "B", "episode 2", "Episode 10", "z", "ä"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, naturalCompare)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestFoldersWithoutEndAndTooManyFilms(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: writes 20,010 files (-short)")
	}
	dir := t.TempDir()
	deep := dir
	for range depthLimit + 5 {
		deep = filepath.Join(deep, "d")
	}
	plant(t, deep, map[string]int{"too deep.mp4": 1})
	for i := range filmLimit + 10 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.mp4", i)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	got := walkDir(t, dir)
	t.Logf("walked %d files in %v", filmLimit+10, time.Since(began))
	if len(got.entries) != filmLimit || !got.overLimit || got.counts[kindOverLimit] != 11 {
		t.Errorf("%d films, %v", len(got.entries), got.counts)
	}
	if got.entries[filmLimit-1].file != fmt.Sprintf("%d.mp4", filmLimit-1) {
		t.Errorf("not in natural order: %s", got.entries[filmLimit-1].file)
	}
}
