package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestTheSupportFileHasNoNames goes the whole way: a library, a stick, a log
// as the box writes it, and a log line from a release that cleaned worse.
func TestTheSupportFileHasNoNames(t *testing.T) {
	data, stick := t.TempDir(), t.TempDir()
	path := filepath.Join(t.TempDir(), "log")
	log, err := OpenLogFile(path)
	if err != nil {
		t.Fatal(err)
	}
	logger := slog.New(NewHandler(log, slog.LevelInfo, []byte("key")))
	for i, name := range hostile {
		id := fmt.Sprintf("abcdefgh23456%03d", i)
		id = strings.NewReplacer("0", "a", "1", "b", "8", "c", "9", "d").Replace(id)
		dir := filepath.Join(data, "library", id)
		if err = os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		record, marshalErr := json.Marshal(map[string]any{
			"schema": 1, "id": id, "title": strings.TrimSuffix(name, filepath.Ext(name)), "how": "convert",
			"reason": map[string]any{"code": "codec", "text": name}, "renditions": []map[string]any{{"name": "video-3f9a2c7b"}}, "durationSeconds": 90,
		})
		if marshalErr != nil {
			t.Fatal(marshalErr)
		}
		if err = os.WriteFile(filepath.Join(dir, "title.json"), record, 0o600); err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(name)
		if err = os.WriteFile(filepath.Join(stick, base), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		logger.Error("Probing failed", "file", name, "error", fmt.Errorf("probe %s: invalid data", name))
		if _, err = fmt.Fprintf(log, "{\"msg\":\"Old\",\"note\":%q}\n", "An older release wrote "+base); err != nil {
			t.Fatal(err)
		}
	}
	lines, err := ReadLog(path, os.Geteuid())
	if err != nil {
		t.Fatal(err)
	}
	titles, names := ReadLibrary(data)
	if len(titles) != len(hostile) {
		t.Fatalf("%d titles read, want %d", len(titles), len(hostile))
	}
	names.AddFolder(stick, "<media folder 1>")
	names.AddWord("text", "file-99") // a film may be called as a setting is
	var out bytes.Buffer
	err = Support{
		Version: "1.2.3", Made: time.Unix(1_700_000_000, 0), System: "linux/arm64", Titles: titles, Names: names, Log: lines,
		Checks:   []Check{{Name: "media folder 1", State: Present, Detail: stick}},
		Settings: []Setting{{Key: "listen", Value: ":3003", From: "default"}, {Key: "log-format", Value: "text", From: "default"}, {Key: "media", Value: stick, From: "flag"}},
		Wrong:    []string{"line 3 of f.toml is not used: media: " + stick + " and " + hostile[0]},
	}.Write(&out)
	if err != nil {
		t.Fatal(err)
	}
	text := out.String()
	if leaks(text) || strings.Contains(text, stick) {
		t.Errorf("the support file names a film or a folder:\n%s", text)
	}
	for _, want := range []string{"version 1.2.3", "2023-11-14T22:13:20Z", "<media folder 1>", "listen      :3003             (default)", "log-format  text              (default)", "media       <media folder 1>  (flag)", "Not used: line 3 of f.toml", "abcdefgh23456aaa", "convert codec", "video-3f9a2c7b", "Probing failed"} {
		if !strings.Contains(text, want) {
			t.Errorf("the support file lacks %q:\n%s", want, text)
		}
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' }); i >= 0 {
		t.Errorf("a control character at byte %d", i)
	}
}

func TestADamagedLibraryIsNoObstacle(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"abcdefgh234567ij": "{", "zzz": `{"id":"../../x"}`} {
		if err := os.MkdirAll(filepath.Join(dir, "library", name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "library", name, "title.json"), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if titles, _ := ReadLibrary(dir); len(titles) != 0 {
		t.Errorf("titles = %v", titles)
	}
	if titles, _ := ReadLibrary(filepath.Join(dir, "none")); len(titles) != 0 {
		t.Errorf("titles = %v", titles)
	}
}

func TestAFilmWithAnEverydayNameDoesNotSpoilTheText(t *testing.T) {
	names := &Names{words: map[string]string{}}
	names.add("film", "abcdefgh23456aaa")
	names.add("My other film", "abcdefgh23456aab")
	names.add("a-b.c", "file-1")
	hide := names.hider()
	for text, want := range map[string]string{
		"films of film, filmed":    "films of abcdefgh23456aaa, filmed",
		"xMy other film2":          "xabcdefgh23456aab2",
		"probe a-b.c: no such":     "probe file-1: no such",
		"nothing here but cinemas": "nothing here but cinemas",
	} {
		if got := hide(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
	line := logLine(`{"time":"2026-11-22T19:03:17Z","level":"INFO","msg":"Stick scanned","films":2265230,"file":"film"}`, hide)
	if want := `2026-11-22T19:03:17Z INFO  Stick scanned file="abcdefgh23456aaa" films="2265230"`; line != want {
		t.Errorf("%s\nwant\n%s", line, want)
	}
}
