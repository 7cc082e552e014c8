package intake

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/transcode"
)

// Subtitles plays ffmpeg: each text track says its number.
func (t *fakeTools) Subtitles(ctx context.Context, job transcode.SubtitleJob) (map[int][]byte, error) {
	s, _, err := readSpec(job.Input)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.jobs = append(t.jobs, s.Name+":words")
	t.fails["words "+s.Name]++
	tries := t.fails["words "+s.Name]
	t.mu.Unlock()
	if err := wait(ctx, time.Second); err != nil {
		return nil, err
	}
	if tries <= s.WordsFail {
		return nil, errors.New("ffmpeg was killed")
	}
	texts := map[int][]byte{}
	for n, one := range job.Media.Subtitles {
		if one.Text {
			texts[n] = fmt.Appendf(nil, "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n%s %d\n", s.Name, n)
		}
	}
	return texts, nil
}

func TestFilesBelongToTheFilmTheyAreNamedAfter(t *testing.T) {
	files := map[string]string{ // file → film, language, kind, what else it says
		"Heat.srt":                           "Heat.mkv||full|",
		"Heat.en.srt":                        "Heat.mkv|en|full|",
		"heat.DE.forced.srt":                 "Heat.mkv|de|forced|",
		"Heat.pt-BR.sdh.vtt":                 "Heat.mkv|pt-BR|sdh|",
		"Heat.ger.Director's cut.ass":        "Heat.mkv|de|full|Director's cut",
		"Heat_English.srt":                   "Heat.mkv|en|full|",
		"Heat.en.hi.srt":                     "Heat.mkv|en|sdh|",
		"Heat.hi.srt":                        "Heat.mkv|hi|full|",
		"Heat.2.fr.srt":                      "Heat.2.mp4|fr|full|",
		"Subs/Heat.zh-Hans.srt":              "Heat.mkv|zh-Hans|full|",
		"Subs/Heat/2_Italian.srt":            "Heat.mkv|it|full|",
		"Heat.2/spanish.srt":                 "Heat.2.mp4|es|full|",
		"Heat.idx":                           "Heat.mkv||full|",
		"Heatwave.en.srt":                    "",
		"Subs/other.srt":                     "",
		".Heat.en.srt":                       "",
		"Heat.en.txt":                        "",
		"alone/Alone.avi":                    "",
		"alone/Subtitles/3_French (SDH).srt": "alone/Alone.avi|fr|sdh|",
		"alone/more/Alone.en.srt":            "",
		"Heat.mkv":                           "",
		"Heat.2.mp4":                         "",
		"Subs/Heat/deep/too.srt":             "",
	}
	// By themselves, since formatters disagree on how wide these are.
	files["alone/Subtitles/Alone.German.default.srt"] = "alone/Alone.avi|de|full|"
	files["Ünïcode İ.mp4"] = ""
	files["ünïcode i\u0307.tr.srt"] = ""
	files["Ünïcode İ.tr.srt"] = "Ünïcode İ.mp4|tr|full|"
	files["Heat.en.[<b>bold]\u202e.srt"] = "Heat.mkv|en|full|<b>bold"
	root := t.TempDir()
	for name := range files {
		put(t, filepath.Join(root, filepath.FromSlash(name)), name)
	}
	tr, err := openRootTree(usb.Stick{Root: root})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	seen, err := walk(t.Context(), tr, "", newClassifier())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range seen.entries {
		for _, b := range e.beside {
			got[b.path] = strings.Join([]string{e.key(), b.language, b.kind, b.name}, "|")
		}
	}
	unused := 0
	for name, want := range files {
		if got[name] != want {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
		if k, _ := newClassifier().kindOf(name); k == kindSubtitle && want == "" && !strings.HasPrefix(name, ".") {
			unused++
		}
	}
	if seen.counts[kindSubtitle] != unused {
		t.Errorf("%d subtitles are counted as ignored, want %d", seen.counts[kindSubtitle], unused)
	}
}

func put(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// shownWords are a title's subtitles as the page gets them.
func shownWords(title library.Title) []string {
	var out []string
	for _, s := range title.Subtitles {
		text := fmt.Sprintf("%d %s %s", s.N, s.Language, s.Kind)
		switch {
		case s.URL != "":
			text += " there"
		case s.Reason != nil:
			text += " " + s.Reason.Code
		}
		out = append(out, text)
	}
	return out
}

func sameWords(t *testing.T, title library.Title, want ...string) {
	t.Helper()
	if got := shownWords(title); !slices.Equal(got, want) {
		t.Errorf("subtitles %q, want %q", got, want)
	}
}

func srt(text string) []byte { return []byte("1\n00:00:01,000 --> 00:00:02,000\n" + text + "\n") }

// vtt reads a track as a page does.
func (r *rig) vtt(name string, track int) string {
	r.t.Helper()
	title := r.title(name)
	for _, s := range title.Subtitles {
		var digest string
		if s.N != track {
			continue
		}
		if _, err := fmt.Sscanf(s.URL, "/stream/"+title.ID+"/subtitles/"+fmt.Sprint(track)+"-%8s.vtt", &digest); err != nil {
			r.t.Fatalf("address %q: %v", s.URL, err)
		}
		text, err := r.lib.Subtitle(title.ID, track, digest)
		if err != nil {
			r.t.Fatal(err)
		}
		return string(text)
	}
	r.t.Fatalf("no track %d of %q", track, shownWords(title))
	return ""
}

func TestFilesBesideAFilmAreReadAtEveryPlug(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "Heat.mp4", content(spec{Name: "Heat"}))
		r.put("a", "Heat.de.srt", []byte("1\r\n00:00:01,000 --> 00:00:02,000\r\nSch\xf6n <b>dich</b> zu sehen\r\n"))
		r.put("a", "Heat.en.forced.srt", []byte("nothing"))
		r.put("a", "Heat.sup", []byte("PG"))
		r.start()
		r.plug("a")
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"), "1000 de full there", "1001 en forced subtitle_empty", "1002  full subtitle_pictures")
		if got := r.vtt("Heat", 1000); got != "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nSchön <b>dich</b> zu sehen\n" {
			t.Errorf("%q", got)
		}
		before := r.title("Heat").Subtitles[0].URL

		r.pull("a")
		r.settle(time.Minute)
		if r.lib != nil {
			r.vtt("Heat", 1000) // who watches on goes on reading
		}
		r.put("a.gone", "Heat.de.srt", srt("Changed"))
		if err := os.Remove(filepath.Join(r.dir, "sticks", "a.gone", "Heat.sup")); err != nil {
			t.Fatal(err)
		}
		r.plug("a")
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"), "1000 de full there", "1001 en forced subtitle_empty")
		if after := r.title("Heat").Subtitles[0].URL; after == before {
			t.Error("other words have the same address")
		}
		files, err := filepath.Glob(filepath.Join(r.dir, "library", "*", "subtitles", "*"))
		if err != nil || len(files) != 1 {
			t.Errorf("files left: %q, %v", files, err)
		}

		r.put("a", "Heat.fr.srt", srt("Bonjour"))
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"), "1000 de full there", "1001 en forced subtitle_empty", "1002 fr full there")

		r.restart()
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"), "1000 de full there", "1001 en forced subtitle_empty", "1002 fr full there")
		for _, name := range []string{"Heat.de.srt", "Heat.en.forced.srt", "Heat.fr.srt"} {
			if err := os.Remove(filepath.Join(r.dir, "sticks", "a", name)); err != nil {
				t.Fatal(err)
			}
		}
		r.settle(time.Minute)
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"))
	})
}

func TestStreamsWithoutAnIndexAreReadWhenSomebodyWatches(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "Heat.mkv", content(spec{Name: "Heat", Words: "subrip hdmv_pgs_subtitle subrip ttml", Container: "matroska,webm"}))
		r.put("a", "Indexed.mp4", content(spec{Name: "Indexed", Words: "subrip"}))
		r.start()
		r.plug("a")
		r.settle(time.Minute)
		sameWords(t, r.title("Indexed"), "0 de full there")
		sameWords(t, r.title("Heat"), "0 de full subtitle_not_yet", "1 de full subtitle_pictures", "2 de full subtitle_not_yet", "3 de full subtitle_format")

		r.open("Heat", 1)
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"), "0 de full there", "1 de full subtitle_pictures", "2 de full there", "3 de full subtitle_format")
		if got := r.vtt("Heat", 2); !strings.Contains(got, "Heat 2") {
			t.Errorf("%q", got)
		}

		r.restart() // they are kept, whatever comes
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"), "0 de full there", "1 de full subtitle_pictures", "2 de full there", "3 de full subtitle_format")
		if n := countOf(r.jobs(), "Heat:words"); n != 1 {
			t.Errorf("read %d times", n)
		}
	})
}

func countOf(list []string, one string) (n int) {
	for _, o := range list {
		if o == one {
			n++
		}
	}
	return n
}

func TestStreamsThatCouldNotBeReadAreReadWhenSomebodyComes(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "Indexed.mp4", content(spec{Name: "Indexed", Words: "subrip", WordsFail: 1}))
		r.start()
		r.plug("a")
		r.settle(time.Minute)
		sameWords(t, r.title("Indexed"), "0 de full subtitle_not_yet")
		if n := countOf(r.jobs(), "Indexed:words"); n != 1 {
			t.Errorf("read %d times", n)
		}
		r.open("Indexed", 1)
		r.settle(time.Minute)
		sameWords(t, r.title("Indexed"), "0 de full there")
	})
}

func TestAPulledStickIsNoVerdictOnSubtitles(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "Heat.mkv", content(spec{Name: "Heat", Words: "subrip", Container: "matroska,webm"}))
		r.start()
		r.plug("a")
		r.settle(time.Minute)
		r.open("Heat", 1)
		r.settle(500 * time.Millisecond)
		r.pull("a")
		r.settle(5 * time.Second)
		r.plug("a")
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"), "0 de full there")
	})
}

func TestWordsOfAFilmThatEverybodyHasLeftWaitForOthers(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "Indexed.mp4", content(spec{Name: "Indexed", Words: "subrip", WordsFail: 1}))
		r.start()
		r.plug("a")
		r.settle(time.Minute)
		id := r.title("Indexed").ID
		r.in.yield.hurry("another", r.in.now())
		r.in.locked(func() {
			r.in.films[id].wordsWanted() // by a phone that has left since
			r.in.wakeWorkers()
		})
		r.settle(5 * time.Second)
		if n := countOf(r.jobs(), "Indexed:words"); n != 1 {
			t.Errorf("read %d times while somebody waits for another film", n)
		}
		r.settle(20 * time.Second)
		sameWords(t, r.title("Indexed"), "0 de full there")
	})
}
