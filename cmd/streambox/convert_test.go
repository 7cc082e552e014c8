package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"streambox.local/transcode/clips"
)

func needFFmpeg(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: -short leaves out what starts other programs")
	}
	_, err := exec.LookPath("ffmpeg")
	if err == nil {
		_, err = exec.LookPath("ffprobe")
	}
	if err == nil {
		return
	}
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatal("ffmpeg is missing (apt-get install ffmpeg)")
	}
	t.Skip("not run here: ffmpeg is missing (apt-get install ffmpeg)")
}

// clip makes one of the test videos, 9 s long, and returns its path.
func clip(t *testing.T, name string) string {
	t.Helper()
	dir := t.TempDir()
	made := slices.DeleteFunc(clips.Set("twelve", 9), func(c clips.Clip) bool { return c.Name != name })
	if err := clips.MakeAll(t.Context(), dir, made, nil); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, made[0].FileName)
}

// entries are the names in a folder, hidden ones too.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	names := make([]string, 0, len(found))
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}

// checkFilm fails unless dir is a whole film: a closed playlist, whose segments
// are there with the hashes that hashes.json gives, and a picture.
func checkFilm(t *testing.T, dir string) {
	t.Helper()
	playlist, err := os.ReadFile(filepath.Join(dir, "index.m3u8"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(playlist), "#EXT-X-ENDLIST") {
		t.Errorf("the playlist of %s is not closed", dir)
	}
	data, err := os.ReadFile(filepath.Join(dir, "hashes.json"))
	if err != nil {
		t.Fatal(err)
	}
	var hashes struct {
		Segments []struct {
			Name, SHA256 string
			Bytes        int64
		}
	}
	if err = json.Unmarshal(data, &hashes); err != nil {
		t.Fatal(err)
	}
	if len(hashes.Segments) == 0 || len(hashes.Segments) != strings.Count(string(playlist), "#EXTINF") {
		t.Errorf("%d hashes for the playlist\n%s", len(hashes.Segments), playlist)
	}
	for _, s := range hashes.Segments {
		segment, readErr := os.ReadFile(filepath.Join(dir, s.Name))
		if readErr != nil {
			t.Fatal(readErr)
		}
		sum := sha256.Sum256(segment)
		if hex.EncodeToString(sum[:]) != s.SHA256 || int64(len(segment)) != s.Bytes {
			t.Errorf("%s of %s does not have its hash", s.Name, dir)
		}
		if !strings.Contains(string(playlist), "\n"+s.Name+"\n") {
			t.Errorf("%s is not in the playlist", s.Name)
		}
	}
	picture, err := os.ReadFile(filepath.Join(dir, "thumbnail.jpg"))
	if err != nil || !bytes.HasPrefix(picture, []byte{0xff, 0xd8}) {
		t.Errorf("no JPEG in %s: %v", dir, err)
	}
}

func TestConvertSeveralOfWhichOneFails(t *testing.T) {
	needFFmpeg(t)
	good, text, out := clip(t, "h264-aac"), filepath.Join(t.TempDir(), "not a film.mp4"), filepath.Join(t.TempDir(), "made", "here")
	if err := os.WriteFile(text, []byte(strings.Repeat("Dear Ada,\n", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	a, stdout, stderr := testApp()
	status := a.run(t.Context(), []string{"convert", good, text, good, "--out", out})
	if status != exitFailed {
		t.Errorf("exit status %d, want %d", status, exitFailed)
	}
	if got, want := entries(t, out), []string{"H264 AAC", "H264 AAC-2"}; !slices.Equal(got, want) {
		t.Fatalf("made %q, want %q\n%s", got, want, stderr)
	}
	checkFilm(t, filepath.Join(out, "H264 AAC"))
	checkFilm(t, filepath.Join(out, "H264 AAC-2"))
	if strings.Count(stdout.String(), "→") != 2 || !strings.Contains(stdout.String(), "taken") {
		t.Errorf("standard output:\n%s", stdout)
	}
	if !strings.Contains(stderr.String(), "not a film.mp4: ") || !strings.Contains(stderr.String(), "1 of 3 files could not be converted") {
		t.Errorf("standard error:\n%s", stderr)
	}
}

func TestConvertKeepsWhatIsThere(t *testing.T) {
	needFFmpeg(t)
	good, out := clip(t, "no-audio"), t.TempDir()
	mine := filepath.Join(out, "Silent film", "mine.txt")
	if err := os.Mkdir(filepath.Dir(mine), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, []byte("keep"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(out, "Silent film-2"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/nowhere", filepath.Join(out, "Silent film-3")); err != nil {
		t.Fatal(err)
	}
	a, stdout, stderr := testApp()
	if status := a.run(t.Context(), []string{"convert", good, "-o", out, "--segment", "2s"}); status != exitOK {
		t.Fatalf("exit status %d:\n%s", status, stderr)
	}
	if got := entries(t, filepath.Join(out, "Silent film")); !slices.Equal(got, []string{"mine.txt"}) {
		t.Errorf("somebody's folder now holds %q", got)
	}
	checkFilm(t, filepath.Join(out, "Silent film-4"))
	if !strings.Contains(stdout.String(), "Silent film-4") || !strings.Contains(stdout.String(), "taken") {
		t.Errorf("it is not said where the film is: %s", stdout)
	}
}

func TestConvertHostileNamesAndLinks(t *testing.T) {
	needFFmpeg(t)
	good, dir, out := clip(t, "h264-aac"), t.TempDir(), t.TempDir()
	names := map[string]string{ // file → folder
		"-i.mp4":                            "_-i",
		"line\nbreak \x1b[31m.mp4":          "line_break _[31m",
		"🦄 & $(reboot) `x` 'y' \"z\".mp4":   "🦄 & $(reboot) `x` 'y' _z_",
		strings.Repeat("long", 62) + ".mp4": strings.Repeat("long", 50),
		"%s%n%d.mp4":                        "%s%n%d",
	}
	args := []string{"convert", "--out", out, "--"}
	t.Chdir(dir)
	want := []string{"linked"}
	for file, folder := range names {
		if err := os.Link(good, file); err != nil {
			t.Fatal(err)
		}
		args, want = append(args, file), append(want, folder)
	}
	if err := os.Symlink(good, "linked.mp4"); err != nil {
		t.Fatal(err)
	}
	a, stdout, stderr := testApp()
	if status := a.run(t.Context(), append(args, "linked.mp4")); status != exitOK {
		t.Errorf("exit status %d:\n%s", status, stderr)
	}
	slices.Sort(want)
	if got := entries(t, out); !slices.Equal(got, want) {
		t.Errorf("made %q, want %q", got, want)
	}
	if text := stdout.String() + stderr.String(); strings.ContainsAny(text, "\x1b\r") || strings.Count(stdout.String(), "\n") != len(want) {
		t.Errorf("a name broke the output: %q", text)
	}
}

func TestConvertSaysWhatIsWrong(t *testing.T) {
	needFFmpeg(t)
	dir := t.TempDir()
	empty, secret := filepath.Join(dir, "empty.mp4"), filepath.Join(dir, "secret.mp4")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(secret, []byte("x"), 0); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe.mp4"), 0o600); err != nil {
		t.Fatal(err)
	}
	wants := []string{"missing.mp4: there is no such file", dir + ": is a folder", "empty.mp4: is empty", "pipe.mp4: is not a file"}
	if os.Geteuid() != 0 { // root may read everything
		wants = append(wants, "secret.mp4: you may not read it")
	}
	out := filepath.Join(dir, "out")
	a, _, stderr := testApp()
	status := a.run(t.Context(), []string{"convert", filepath.Join(dir, "missing.mp4"), dir, empty, secret, filepath.Join(dir, "pipe.mp4"), "--out", out})
	if status != exitFailed || len(entries(t, out)) != 0 {
		t.Errorf("exit status %d, made %q", status, entries(t, out))
	}
	for _, want := range wants {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, stderr)
		}
	}
	a, _, stderr = testApp()
	if status = a.run(t.Context(), []string{"convert", secret, "--out", empty}); status != exitFailed || !strings.Contains(stderr.String(), "cannot be made: not a directory") {
		t.Errorf("exit status %d: %s", status, stderr)
	}
}

// longFilm is one that takes a while to convert.
func longFilm(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	part, film := filepath.Join(dir, "part.avi"), filepath.Join(dir, "film.avi")
	for _, args := range [][]string{
		{"-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=2", "-c:v", "mpeg4", "-q:v", "4", part},
		{"-stream_loop", "300", "-i", part, "-c", "copy", film},
	} {
		out, err := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-nostdin", "-v", "error"}, args...)...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return film
}

// children are the processes below pid.
func children(t *testing.T, pid int) (found []int) {
	t.Helper()
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range stats {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // gone meanwhile
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest) // state, parent, …
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) && fields[0] != "Z" {
			child, err := strconv.Atoi(strings.Split(file, "/")[2])
			if err != nil {
				t.Fatal(err)
			}
			found = append(found, append(children(t, child), child)...)
		}
	}
	return found
}

// eventually asks until it is so, 30 s at most.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(30 * time.Second); !so(); {
		select {
		case <-limit:
			t.Fatalf("waited 30 s in vain: %s", what)
		case <-tick.C:
		}
	}
}

func TestCtrlCLeavesNothingHalfDone(t *testing.T) {
	needFFmpeg(t)
	film, out := longFilm(t), filepath.Join(t.TempDir(), "out")
	for _, stop := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(stop.String(), func(t *testing.T) {
			cmd := program(t, "convert", film, "--out", out)
			var output bytes.Buffer
			cmd.Stdout, cmd.Stderr = &output, &output
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			eventually(t, "a segment is made", func() bool {
				made, err := filepath.Glob(filepath.Join(out, workPrefix+"*", "film", "seg00000.ts"))
				return err == nil && len(made) == 1
			})
			below := children(t, cmd.Process.Pid)
			if len(below) == 0 {
				t.Error("no ffmpeg runs")
			}
			if err := cmd.Process.Signal(stop); err != nil {
				t.Fatal(err)
			}
			var exit *exec.ExitError
			if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
				t.Errorf("it ended with %v, want exit status %d:\n%s", err, exitInterrupted, &output)
			}
			if left := entries(t, out); len(left) != 0 {
				t.Errorf("%q were left", left)
			}
			for _, pid := range below {
				if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
					t.Errorf("process %d still runs", pid)
				}
			}
		})
	}
}

// A power cut leaves a hidden folder; the next convert into the same place
// removes it, but not that of a convert which runs beside it.
func TestWhatAKilledConvertLeftIsRemoved(t *testing.T) {
	out := t.TempDir()
	beside, err := newWork(out)
	if err != nil {
		t.Fatal(err)
	}
	left, err := newWork(out)
	if err != nil {
		t.Fatal(err)
	}
	if err = left.lock.Close(); err != nil { // as the end of the process does
		t.Fatal(err)
	}
	elsewhere := t.TempDir()
	if err = os.Symlink(elsewhere, filepath.Join(out, workPrefix+"link")); err != nil {
		t.Fatal(err)
	}
	sweep(out)
	if got, want := entries(t, out), []string{filepath.Base(beside.dir), workPrefix + "link"}; !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("there are %q, want %q", got, want)
	}
	if err = beside.remove(); err != nil {
		t.Fatal(err)
	}
}

func TestSettleNeverReplaces(t *testing.T) {
	out := t.TempDir()
	for n := range 3 {
		film := filepath.Join(t.TempDir(), "film")
		if err := os.Mkdir(film, 0o700); err != nil {
			t.Fatal(err)
		}
		dir, taken, err := settle(film, out, "name")
		want := filepath.Join(out, []string{"name", "name-2", "name-3"}[n])
		if err != nil || dir != want || taken != (n > 0) {
			t.Errorf("settle = %s, %v, %v, want %s", dir, taken, err, want)
		}
	}
	if err := renameChecked(filepath.Join(out, "name"), filepath.Join(out, "name-2")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("renameChecked = %v", err)
	}
}
