package library

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func wordsOf(n int, text string) Words {
	return Words{Track: SubtitleTrack{N: n, Language: "de", Kind: "full"}, WebVTT: []byte("WEBVTT\n\n" + text)}
}

func setWords(t *testing.T, l *Library, id string, beside bool, words ...Words) {
	t.Helper()
	if err := l.SetSubtitles(id, beside, words); err != nil {
		t.Fatal(err)
	}
}

// readWords reads a track by the address that the page gets.
func readWords(t *testing.T, l *Library, id string, n int) string {
	t.Helper()
	title, _ := l.Title(id)
	for _, s := range title.Subtitles {
		if s.N != n {
			continue
		}
		if s.URL == "" {
			return s.Reason.Code
		}
		name := strings.TrimSuffix(filepath.Base(s.URL), ".vtt")
		text, err := l.Subtitle(id, n, name[strings.Index(name, "-")+1:])
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(string(text), "WEBVTT\n\n")
	}
	return "no such track"
}

func wantWords(t *testing.T, l *Library, id string, n int, want string) {
	t.Helper()
	if got := readWords(t, l, id, n); got != want {
		t.Errorf("track %d: %q, want %q", n, got, want)
	}
}

func vttFiles(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "subtitles", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

func TestSubtitlesAreKeptOverARestart(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	id := add(t, l, 1, "film")
	update(t, l, id, func(r *Record) {
		r.Subtitles = []SubtitleTrack{{N: 0, Reason: &Reason{Code: "not_yet"}}, {N: 1, Reason: &Reason{Code: "not_yet"}}}
		r.Chapters = []Chapter{{StartSeconds: 3, Title: "One"}}
	})
	wantWords(t, l, id, 0, "not_yet")
	setWords(t, l, id, false, wordsOf(0, "inside"), Words{Track: SubtitleTrack{N: 1, Reason: &Reason{Code: "empty"}}})
	setWords(t, l, id, true, wordsOf(FirstBeside, "beside"), wordsOf(FirstBeside+1, "too"))
	wantWords(t, l, id, 0, "inside")
	wantWords(t, l, id, 1, "empty")
	wantWords(t, l, id, FirstBeside, "beside")

	setWords(t, l, id, true, wordsOf(FirstBeside, "changed")) // at the next plug
	wantWords(t, l, id, FirstBeside, "changed")
	wantWords(t, l, id, FirstBeside+1, "no such track")
	if n := vttFiles(t, dir); n != 2 {
		t.Errorf("%d files are there", n)
	}

	l = open(t, Config{Dir: dir})
	plugAll(t, l)
	wantWords(t, l, id, 0, "inside")
	wantWords(t, l, id, 1, "empty")
	wantWords(t, l, id, FirstBeside, "changed")
	if title, _ := l.Title(id); len(title.Chapters) != 1 || title.Chapters[0] != (Chapter{3, "One"}) {
		t.Errorf("chapters %+v", title.Chapters)
	}
	for _, bad := range []struct {
		id, digest string
		want       error
	}{{id, "00000000", fs.ErrNotExist}, {id, "", fs.ErrNotExist}, {testID(9), "00000000", ErrUnknownTitle}} {
		if _, err := l.Subtitle(bad.id, 0, bad.digest); !errors.Is(err, bad.want) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if err := l.Remove(id); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, id)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a removed title leaves something: %v", err)
	}
}

func TestSubtitlesThatAreGoneOrHalfWrittenAreNotShown(t *testing.T) {
	dir := t.TempDir()
	l := open(t, Config{Dir: dir})
	id := add(t, l, 1, "film")
	update(t, l, id, func(r *Record) { r.Subtitles = []SubtitleTrack{{N: 0, Reason: &Reason{Code: "not_yet"}}} })
	setWords(t, l, id, false, wordsOf(0, "inside"))
	folder := filepath.Join(dir, id, "subtitles")
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	put(t, filepath.Join(folder, "."+files[0].Name()+"-123456"), "half")
	put(t, filepath.Join(folder, "7-0123abcd.vtt"), "of no record")
	put(t, filepath.Join(folder, "mine.txt"), "an owner's")
	if err = os.Remove(filepath.Join(folder, files[0].Name())); err != nil {
		t.Fatal(err)
	}
	l = open(t, Config{Dir: dir})
	plugAll(t, l)
	wantWords(t, l, id, 0, "not_yet")
	left, err := os.ReadDir(folder)
	if err != nil || len(left) != 1 || left[0].Name() != "mine.txt" {
		t.Errorf("left: %v, %v", left, err)
	}
}

func TestSubtitlesOfNobodyAreRefused(t *testing.T) {
	l := open(t, Config{})
	if err := l.SetSubtitles(testID(1), true, nil); !errors.Is(err, ErrUnknownTitle) {
		t.Errorf("an unknown title: %v", err)
	}
	id := add(t, l, 1, "film")
	if err := l.SetSubtitles(id, true, []Words{wordsOf(5000, "x")}); err == nil {
		t.Error("a number without bounds is taken")
	}
	if err := l.SetSubtitles(id, true, []Words{wordsOf(0, strings.Repeat("x", maxSubtitleBytes))}); err == nil {
		t.Error("a file without bounds is taken")
	}
}
