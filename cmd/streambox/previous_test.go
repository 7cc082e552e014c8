//go:build previous

package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"streambox.local/transcode/clips"
)

// An update that is not well is followed by the program before it, on the same state and library. So the
// programs of two releases take turns here, and each finds what all have left: viewers' places, titles,
// converted films and sound, the same bytes at the same addresses.
func TestThePreviousReleaseGoesOnWithWhatThisOneLeft(t *testing.T) {
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		t.Fatal("not run here: ffmpeg is missing (apt-get install ffmpeg)")
	}
	dir := t.TempDir()
	before, now := buildPrevious(t, dir), filepath.Join(dir, "now")
	run(t, "../..", "go", "build", "-o", now, "./cmd/streambox")
	media, data := filepath.Join(dir, "media"), filepath.Join(dir, "data")
	made, err := clips.Make(t.Context(), media, "h264-aac", "h264-ac3", "mpeg4-mp3")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]string{}
	for turn, binary := range []string{before, now, before, now} {
		name := filepath.Base(binary)
		cmd := exec.CommandContext(t.Context(), binary, "serve", "--listen", "127.0.0.1:0", "--media", media, "--data", data, "--mdns", "off", "--panel", "off", "--reserve", "1MB")
		cmd.Env = append(os.Environ(), "STREAMBOX_CONFIG="+os.DevNull, "RUNTIME_DIRECTORY="+t.TempDir())
		b := started(t, cmd)
		var titles map[string]string
		eventually(t, fmt.Sprintf("turn %d: %s plays all films", turn, name), func() bool {
			titles = b.playable()
			return len(titles) == len(made)
		})
		for id, playlist := range titles {
			if turn > 0 && known[id] != b.film(playlist) {
				t.Errorf("turn %d: %s has other addresses or bytes of %s", turn, name, id)
			}
			known[id] = b.film(playlist)
			for earlier := range turn {
				if got := b.place(http.MethodGet, id, earlier, ""); !strings.Contains(got, fmt.Sprintf(`"seconds":%d`, 3+earlier)) {
					t.Errorf("turn %d: %s has lost the place of turn %d: %s", turn, name, earlier, got)
				}
			}
			b.place(http.MethodPut, id, turn, fmt.Sprintf(`{"seconds":%d}`, 3+turn))
		}
		b.terminate()
		if log := strings.ToLower(b.log.String()); strings.Contains(log, "damaged") || strings.Contains(log, "set aside") || strings.Contains(log, "schema") {
			t.Errorf("turn %d: %s complains:\n%s", turn, name, b.log)
		}
	}
	for _, pattern := range []string{"*.damaged", "library/*/*.damaged"} {
		if aside, err := filepath.Glob(filepath.Join(data, pattern)); err != nil || len(aside) != 0 {
			t.Errorf("set aside: %q %v", aside, err)
		}
	}
}

// buildPrevious builds the program of the release before.
func buildPrevious(t *testing.T, dir string) string {
	t.Helper()
	commit := strings.TrimSpace(run(t, "../..", ".ci/previous"))
	tree := filepath.Join(dir, "tree")
	if err := os.Mkdir(tree, 0o750); err != nil {
		t.Fatal(err)
	}
	run(t, "../..", "git", "archive", "--format=tar", "-o", filepath.Join(dir, "tree.tar"), commit)
	run(t, tree, "tar", "-xf", filepath.Join(dir, "tree.tar"))
	binary := filepath.Join(dir, "before")
	run(t, tree, "go", "build", "-o", binary, "./cmd/streambox")
	return binary
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}

// ask returns what the box answers, "" for anything but success.
func (b *processBox) ask(method, path, cookie, body string) string {
	b.t.Helper()
	request, err := http.NewRequestWithContext(b.t.Context(), method, strings.TrimSuffix(b.url, "/")+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.AddCookie(&http.Cookie{Name: "streambox_viewer", Value: cookie})
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode >= http.StatusBadRequest {
		return ""
	}
	return string(data)
}

// place asks for or sets a viewer's place in a film.
func (b *processBox) place(method, id string, viewer int, body string) string {
	b.t.Helper()
	return b.ask(method, "/api/v1/resume/"+id, fmt.Sprintf("%032x", viewer+1), body)
}

// playable are the finished titles: id → playlist.
func (b *processBox) playable() map[string]string {
	b.t.Helper()
	var list struct {
		Titles []struct {
			ID, State, Playlist string
			Playable            bool
		}
	}
	if err := json.Unmarshal([]byte(b.ask(http.MethodGet, "/api/v1/titles", fmt.Sprintf("%032x", 0), "")), &list); err != nil {
		return nil
	}
	out := map[string]string{}
	for _, title := range list.Titles {
		if title.Playable && title.State == "ready" {
			out[title.ID] = title.Playlist
		}
	}
	return out
}

// film is a playlist, and the first and last segment's digests: what a URL must serve for ever.
func (b *processBox) film(playlist string) string {
	b.t.Helper()
	dir := playlist[:strings.LastIndex(playlist, "/")+1]
	text := b.ask(http.MethodGet, playlist, fmt.Sprintf("%032x", 0), "")
	var segments []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			segments = append(segments, line)
		}
	}
	if len(segments) == 0 {
		b.t.Errorf("%s has no segments: %q", playlist, text)
		return text
	}
	first := b.ask(http.MethodGet, dir+segments[0], fmt.Sprintf("%032x", 0), "")
	last := b.ask(http.MethodGet, dir+segments[len(segments)-1], fmt.Sprintf("%032x", 0), "")
	if first == "" || last == "" {
		b.t.Errorf("%s: a segment is missing", playlist)
	}
	return fmt.Sprintf("%s\n%x\n%s", playlist, sha256.Sum256([]byte(first+last)), text)
}
