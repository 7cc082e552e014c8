package library

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestNewRendition(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	for _, name := range []string{"", "Video", "a-b", "../x", "vidéo", "a b", strings.Repeat("a", 33), "video\n"} {
		if rendition, dir, err := l.NewRendition(id, name); err == nil {
			t.Errorf("%q is a name: %s %s", name, rendition, dir)
		}
	}
	if _, _, err := l.NewRendition(testID(2), "video"); !errors.Is(err, ErrUnknownTitle) {
		t.Errorf("%v", err)
	}
	rendition, dir, err := l.NewRendition(id, "video")
	if err != nil || !ValidRendition(rendition) || !strings.HasPrefix(rendition, "video-") || dir != filepath.Join(l.cfg.Dir, id, rendition) {
		t.Errorf("%s %s %v", rendition, dir, err)
	}
	if _, err := l.Source(id, rendition); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("a name that is only drawn is served: %v", err)
	}
}

func TestAGenerationIsNeverUsedTwice(t *testing.T) {
	// The "random" numbers: the library's base, the title's salt, then the same generation again and again, then others.
	random := bytes.NewReader([]byte("base" + "saltsalt" + "aaaa" + "aaaa" + "aaaa" + "bbbb" + "cccc" + strings.Repeat("a", 40)))
	l := open(t, Config{Random: random})
	id := add(t, l, 1, "Film")
	put(t, filepath.Join(l.cfg.Dir, id, "video-62626262", "seg00000.ts"), "left over")
	seen := map[string]bool{}
	for range 2 {
		rendition, _, err := l.NewRendition(id, "video")
		if err != nil || seen[rendition] || rendition == "video-62626262" {
			t.Fatalf("%s again, or one whose folder is there: %v", rendition, err)
		}
		seen[rendition] = true
	}
	if rendition, _, err := l.NewRendition(id, "video"); err == nil {
		t.Errorf("%s: ten times taken is enough", rendition)
	}
	if _, _, err := l.NewRendition(id, "video"); err == nil {
		t.Error("no random numbers, no name")
	}
}

func TestFinishedReplacesOlderRenditions(t *testing.T) {
	l, log := openLogged(t, t.TempDir())
	id := add(t, l, 1, "Film")
	update(t, l, id, func(r *Record) {
		r.QueueNumber, r.State, r.Progress, r.Reason = 7, Converting, 0.4, &Reason{Code: ReasonMadeRoom}
	})
	first := finish(t, l, id, "old", "old")
	source, err := l.Source(id, first.Name)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := source.Segment(t.Context(), "seg00001.ts")
	if err != nil {
		t.Fatal(err)
	}
	second := finish(t, l, id, "new")
	title, _ := l.Title(id)
	rec, _ := l.Record(id)
	if title.State != Ready || !title.Playable || !strings.Contains(title.Playlist, second.Name) || title.Reason != nil ||
		rec.QueueNumber != 0 || rec.Progress != 1 || len(rec.Renditions) != 1 {
		t.Errorf("%+v\n%+v", title, rec)
	}
	if _, err := l.Source(id, first.Name); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("the old rendition: %v", err)
	}
	if exists(filepath.Join(l.cfg.Dir, id, first.Name)) || !strings.Contains(log.String(), first.Name) {
		t.Error("the old files are there, or the log does not say that they went")
	}
	var rest bytes.Buffer
	if _, err := rest.ReadFrom(reading); err != nil || rest.String() != "old" || reading.Close() != nil {
		t.Errorf("who was reading is cut off: %q %v", rest.String(), err)
	}
	if _, err := source.Segment(t.Context(), "seg00001.ts"); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("an old source knows better: %v", err)
	}
	if err := l.Finished(id, Rendition{Name: "video-99999999"}); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("a rendition that nobody drew is finished: %v", err)
	}
}

func TestFinishedAfterTheStickWasPulled(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	update(t, l, id, func(r *Record) { r.Sources = nil })
	finish(t, l, id, "a")
	if title, _ := l.Title(id); title.State != Unplugged || !title.Playable {
		t.Errorf("%+v", title)
	}
	add(t, l, 1, "Film")
	update(t, l, id, func(r *Record) { r.State = "" })
	if title, _ := l.Title(id); title.State != Ready {
		t.Errorf("%+v", title)
	}
}

func TestFinishedThatCannotBeWrittenKeepsTheOlder(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	first := finish(t, l, id, "old")
	name, dir, err := l.NewRendition(id, "video")
	if err != nil {
		t.Fatal(err)
	}
	second := writeRendition(t, filepath.Dir(dir), name, "new")
	file := filepath.Join(l.cfg.Dir, id, titleFile)
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(file, "in the way"), "x") // a folder cannot be replaced by a file
	if err := l.Finished(id, second); err == nil {
		t.Fatal("no error")
	}
	if !exists(filepath.Join(l.cfg.Dir, id, first.Name)) {
		t.Error("title.json still speaks of the older one, whose files are gone")
	}
}

func TestDrop(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	r := finish(t, l, id, "a")
	if err := l.Drop(id, "video-99999999"); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("%v", err)
	}
	if err := l.Drop(id, r.Name); err != nil {
		t.Fatal(err)
	}
	title, _ := l.Title(id)
	if title.Playable || title.State != Checking || exists(filepath.Join(l.cfg.Dir, id, r.Name)) || readTitle(t, l, id)["renditions"] != nil {
		t.Errorf("%+v", title)
	}
	if err := l.Drop(id, r.Name); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("dropped twice: %v", err)
	}
	name, dir, err := l.NewRendition(id, "video") // a job that failed before it was in the record
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "seg00000.ts.part"), "x")
	if err := l.Drop(id, name); err != nil || exists(dir) {
		t.Errorf("%v", err)
	}
}

func TestDropLeavesWhatIsNotOurs(t *testing.T) {
	l, log := openLogged(t, t.TempDir())
	id := add(t, l, 1, "Film")
	r := finish(t, l, id, "a")
	foreign := filepath.Join(l.cfg.Dir, id, r.Name, "diary.txt")
	put(t, foreign, "x")
	if err := l.Drop(id, r.Name); err == nil {
		t.Error("no error")
	}
	if !exists(foreign) || !strings.Contains(log.String(), "diary.txt") {
		t.Error("somebody's file is gone, or the log does not say what is in the way")
	}
	if _, err := l.Source(id, r.Name); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("%v", err)
	}
}

func TestRemove(t *testing.T) {
	for name, test := range map[string]struct {
		foreign []string // in the title's folder, R for the rendition's
		wantErr bool
	}{
		"takes the folder with all that is ours":        {},
		"leaves a file of somebody else":                {foreign: []string{"diary.txt", "holiday.mp4.part"}, wantErr: true},
		"leaves a rendition with a file of another's":   {foreign: []string{"R/diary.txt"}, wantErr: true},
		"leaves a folder that is called like rendition": {foreign: []string{"photos-20240101/beach.jpg"}, wantErr: true},
	} {
		t.Run(name, func(t *testing.T) {
			l := open(t, Config{})
			id := add(t, l, 1, "Film")
			r := finish(t, l, id, "a")
			dir := filepath.Join(l.cfg.Dir, id)
			put(t, filepath.Join(dir, ".title.json-77"), "x")
			for i, file := range test.foreign {
				test.foreign[i] = filepath.Join(dir, strings.Replace(file, "R/", r.Name+"/", 1))
				put(t, test.foreign[i], "x")
			}
			if err := l.Remove(id); (err != nil) != test.wantErr {
				t.Errorf("error: %v", err)
			}
			if _, listed := l.Title(id); listed || exists(filepath.Join(dir, titleFile)) || exists(filepath.Join(dir, ".title.json-77")) {
				t.Error("the title is still there")
			}
			for _, file := range test.foreign {
				if !exists(file) {
					t.Errorf("%s is gone", file)
				}
			}
			if exists(dir) != test.wantErr {
				t.Errorf("the folder is there: %v", exists(dir))
			}
			if err := l.Remove(id); err != nil {
				t.Errorf("removed again: %v", err)
			}
		})
	}
}

func TestAttachedRenditions(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	dir := t.TempDir()
	r := writeRendition(t, dir, "stick-00000001", "a", "b")
	source := NewFolder(filepath.Join(dir, r.Name))
	l.Attach(id, r.Name, source)
	if title, _ := l.Title(id); title.Playable {
		t.Error("playable, though not in the record")
	}
	if _, err := l.Source(id, r.Name); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("served, though not in the record: %v", err)
	}
	update(t, l, id, func(rec *Record) { rec.Renditions, rec.State = []Rendition{r}, Ready })
	if title, _ := l.Title(id); !title.Playable || !strings.Contains(title.Playlist, r.Name) {
		t.Errorf("%+v", title)
	}
	if got, err := l.Source(id, r.Name); err != nil || got != Source(source) {
		t.Errorf("%v %v", got, err)
	}
	if readTitle(t, l, id)["renditions"] != nil {
		t.Error("title.json speaks of what is not on the box")
	}
	if l.Storage().LibraryBytes != 0 {
		t.Error("a stick's files are counted as the box's")
	}
	l.Attach(id, r.Name, nil)
	if title, _ := l.Title(id); title.Playable {
		t.Error("playable after its folder went")
	}
	if _, err := l.Source(id, r.Name); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("%v", err)
	}
	if err := l.Drop(id, r.Name); err != nil || !exists(filepath.Join(dir, r.Name, "seg00000.ts")) {
		t.Errorf("dropping it touched the stick: %v", err)
	}
}

func TestThumbnails(t *testing.T) {
	l := open(t, Config{})
	id := add(t, l, 1, "Film")
	if _, err := l.Thumbnail(id); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	for name, data := range map[string][]byte{"empty": nil, "text": []byte("<html>"), "huge": append([]byte("\xff\xd8\xff"), make([]byte, maxThumbnailBytes)...)} {
		if err := l.SetThumbnail(id, data); err == nil {
			t.Errorf("%s is a picture", name)
		}
	}
	set := func(data string) string {
		t.Helper()
		if err := l.SetThumbnail(id, []byte(data)); err != nil {
			t.Fatal(err)
		}
		title, _ := l.Title(id)
		return title.Thumbnail
	}
	first := set("\xff\xd8\xff one")
	if second := set("\xff\xd8\xff two"); first == second || first == "" {
		t.Errorf("another picture under the same URL %s", first)
	}
	if again := set("\xff\xd8\xff one"); again != first {
		t.Errorf("the same picture under another URL: %s %s", again, first)
	}
	r, err := l.Thumbnail(id)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, plain := r.(*os.File); !plain {
		t.Errorf("%T is not a plain file", r)
	}
	l = open(t, Config{Dir: l.cfg.Dir})
	plugAll(t, l)
	if title, _ := l.Title(id); title.Thumbnail != first {
		t.Errorf("after a restart %s, not %s", title.Thumbnail, first)
	}
	if err := os.Remove(filepath.Join(l.cfg.Dir, id, thumbnailFile)); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Thumbnail(id); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}

func TestAFinishedTitleIsAsLongAsWhatCanBePlayed(t *testing.T) {
	for _, tt := range []struct {
		sentence            string
		said, plays, wanted float64
	}{
		{"a film that is broken off", 5400, 720.5, 720.5},
		{"a film that did not say", 0, 20, 20},
		{"rounding is no news", 5400, 5400.4, 5400},
		{"a rendition that does not say", 5400, 0, 5400},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			l := open(t, Config{})
			id := add(t, l, 1, "film")
			update(t, l, id, func(r *Record) { r.DurationSeconds = tt.said })
			name, dir, err := l.NewRendition(id, "video")
			if err != nil {
				t.Fatal(err)
			}
			r := writeRendition(t, filepath.Dir(dir), name, "one")
			r.DurationSeconds = tt.plays
			if err := l.Finished(id, r); err != nil {
				t.Fatal(err)
			}
			if title, _ := l.Title(id); title.DurationSeconds != tt.wanted {
				t.Errorf("%g s, want %g", title.DurationSeconds, tt.wanted)
			}
		})
	}
}
