package transcode

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// ordinary makes a small film that plays as it is; more are output options.
func ordinary(t *testing.T, name string, more ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	ffmpeg(t, append(join(both(), x264, []string{"-c:a", "aac"}, more), file)...)
	return file
}

// change rewrites a file.
func change(t *testing.T, file string, how func([]byte) []byte) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, how(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func half(data []byte) []byte { return data[:len(data)/2] }

// flip damages every so many bytes behind the headers.
func flip(data []byte) []byte {
	for i := 20_000; i < len(data)-20_000; i += 1999 {
		data[i] ^= 0x55
	}
	return data
}

func TestFilesThatCannotBePlayed(t *testing.T) {
	tools := realTools(t)
	for _, c := range []struct {
		name, code string
		make       func(t *testing.T) string
	}{
		{"the index at its end is cut off", CodeIncomplete, func(t *testing.T) string {
			t.Helper()
			return change(t, ordinary(t, "a.mp4"), half)
		}},
		{"encrypted by the standard", CodeEncrypted, func(t *testing.T) string {
			t.Helper()
			const key = "00112233445566778899aabbccddeeff"
			return ordinary(t, "a.mp4", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key)
		}},
		{"sound only", CodeAudioOnly, func(t *testing.T) string {
			t.Helper()
			file := filepath.Join(t.TempDir(), "a.mp4")
			ffmpeg(t, "-f", "lavfi", "-i", testTone, "-c:a", "aac", file)
			return file
		}},
		{"an MP3 with a cover", CodeAudioOnly, func(t *testing.T) string {
			t.Helper()
			file := filepath.Join(t.TempDir(), "a.mp3")
			ffmpeg(t, "-f", "lavfi", "-i", testTone, "-f", "lavfi", "-i", "color=red:s=64x64:d=0.1:r=10", "-map", "0", "-map", "1",
				"-c:v", "png", "-disposition:v", "attached_pic", file)
			return file
		}},
		{"a letter called .mp4", CodeText, func(t *testing.T) string {
			t.Helper()
			file := filepath.Join(t.TempDir(), "a.mp4")
			if err := os.WriteFile(file, []byte("Dear Ada,\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}},
		{"a playlist called .avi that names a film beside it", CodePlaylist, func(t *testing.T) string {
			t.Helper()
			film := ordinary(t, "film.ts", "-f", "mpegts")
			file := filepath.Join(filepath.Dir(film), "a.avi")
			if err := os.WriteFile(file, []byte("#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\n"+film+"\n#EXT-X-ENDLIST\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}},
		{"noise", CodeUnknownFormat, func(t *testing.T) string {
			t.Helper()
			file := filepath.Join(t.TempDir(), "a.mkv")
			data := make([]byte, 300_000)
			for i := range data {
				data[i] = byte(i*i>>3) ^ byte(i>>7)
			}
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}},
		{"an empty file", CodeEmpty, func(t *testing.T) string {
			t.Helper()
			return change(t, ordinary(t, "a.mp4"), func([]byte) []byte { return nil })
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := produce(t, tools, FileInput(c.make(t)))
			reason := m.plan.Reason
			if refusal, ok := errors.AsType[*Refusal](err); ok {
				reason = refusal.Reason
			} else if err != nil || m.plan.Rung != None {
				t.Fatalf("neither refused nor unplayable: %v, %+v", err, m.plan)
			}
			if reason.Code != c.code || reason.Text == "" || strings.Contains(reason.Text, "/") && !strings.Contains(reason.Text, "://") {
				t.Errorf("got %s (%q), want %s", reason.Code, reason.Text, c.code)
			}
		})
	}
}

func TestFilesThatAreDamagedArePlayedAsFarAsTheyGo(t *testing.T) {
	tools := realTools(t)
	for _, c := range []struct {
		name    string
		make    func(t *testing.T) string
		seconds float64 // at least
		early   bool
	}{
		{"a Matroska cut in half", func(t *testing.T) string {
			t.Helper()
			return change(t, long(t, "a.mkv"), half)
		}, 8, true},
		{"an MP4 cut in half behind its index", func(t *testing.T) string {
			t.Helper()
			return change(t, long(t, "a.mp4", "-movflags", "+faststart"), half)
		}, 8, true},
		{"an MP4 with flipped bits", func(t *testing.T) string {
			t.Helper()
			return change(t, ordinary(t, "a.mp4"), flip)
		}, 5, false},
		{"a broadcast with flipped bits", func(t *testing.T) string {
			t.Helper()
			return change(t, ordinary(t, "a.ts", "-f", "mpegts"), flip)
		}, 4, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := produce(t, tools, FileInput(c.make(t)))
			if err != nil {
				t.Fatal(err)
			}
			if m.manifest.DurationSeconds < c.seconds {
				t.Errorf("%g s are published of %g s", m.manifest.DurationSeconds, m.media.DurationSeconds)
			}
			warned := len(m.warnings) == 1 && m.warnings[0].Code == CodeEndsEarly
			if warned != c.early {
				t.Errorf("warnings: %+v; %g s of %g s", m.warnings, m.manifest.DurationSeconds, m.media.DurationSeconds)
			}
		})
	}
}

// long is a film of 20 s.
func long(t *testing.T, name string, more ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	ffmpeg(t, join([]string{"-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=20", "-f", "lavfi", "-i", "sine=d=20"}, x264, []string{"-c:a", "aac"}, more, []string{file})...)
	return file
}

func TestOddButPlayable(t *testing.T) {
	tools := realTools(t)
	for _, c := range []struct {
		name string
		make func(t *testing.T) string
	}{
		{"a wrong extension", func(t *testing.T) string {
			t.Helper()
			file := ordinary(t, "a.mp4")
			if err := os.Rename(file, file+".avi"); err != nil {
				t.Fatal(err)
			}
			return file + ".avi"
		}},
		{"a start below zero", func(t *testing.T) string {
			t.Helper()
			return ordinary(t, "a.mkv", "-output_ts_offset", "-0.4", "-avoid_negative_ts", "disabled")
		}},
		{"a start after an hour and a half", func(t *testing.T) string {
			t.Helper()
			return ordinary(t, "a.ts", "-f", "mpegts", "-output_ts_offset", "5000")
		}},
		{"a clock that runs over (33 bits)", func(t *testing.T) string {
			t.Helper()
			return ordinary(t, "a.ts", "-f", "mpegts", "-output_ts_offset", "95440")
		}},
		{"no length in the file", func(t *testing.T) string {
			t.Helper()
			file := filepath.Join(t.TempDir(), "a.mkv")
			data := ffmpeg(t, append(join(both(), x264), "-c:a", "aac", "-f", "matroska", "pipe:1")...)
			if err := os.WriteFile(file, []byte(data), 0o600); err != nil {
				t.Fatal(err)
			}
			return file
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := c.make(t)
			m, err := produce(t, tools, FileInput(file))
			if err != nil || m.plan.Rung != Direct || len(m.warnings) > 0 {
				t.Fatalf("%v, %+v, %v", err, m.plan, m.warnings)
			}
			m.segments(t)
			if m.manifest.DurationSeconds < 5.5 || m.manifest.DurationSeconds > 6.5 {
				t.Errorf("6 s became %g s", m.manifest.DurationSeconds)
			}
			thumbnail(t, tools, FileInput(file), m.media)
		})
	}
}

func TestHostileNames(t *testing.T) {
	tools := realTools(t)
	source, err := os.ReadFile(ordinary(t, "a.mp4"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"-i", "-version", "-i file:passwd", "a\nb\r\n.mp4", "it's \"quoted\" `id` $(id).mp4", "🎬🍿.mp4", "%05d.mp4", "concat:a|b", "pipe:0",
		strings.Repeat("n", 251) + ".mp4", "<img src=x onerror=alert(1)>.mp4", "\xff\xfe not UTF-8.mp4", "\u202egpj.mp4", "..%2f..%2fx.mp4", "data:text,x",
	} {
		t.Run(name[:min(len(name), 20)], func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x")
			if err := os.Mkdir(file, 0o700); err != nil {
				t.Fatal(err)
			}
			file += "/" + name
			if err := os.WriteFile(file, source, 0o600); err != nil {
				t.Fatal(err)
			}
			m, err := tools.Probe(t.Context(), FileInput(file))
			if err != nil || m.Video == nil || m.Video.Codec != "h264" {
				t.Errorf("got %+v, %v", m, err)
			}
		})
	}
}

func TestInputsThatAreNoFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	pipe, link, secret := filepath.Join(dir, "pipe"), filepath.Join(dir, "link"), filepath.Join(dir, "secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(syscall.Mkfifo(pipe, 0o600), os.Symlink(secret, link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, link, dir, "/dev/null", filepath.Join(dir, "missing")} {
		files, err := FileInput(path).open()
		if err == nil {
			files.close()
			t.Errorf("%s was opened", path)
		}
		if _, refused := errors.AsType[*Refusal](err); refused {
			t.Errorf("%s: no verdict on a film: %v", path, err)
		}
	}
	if _, err := (Input{Open: func() ([]*os.File, error) { return nil, nil }}).open(); err == nil {
		t.Error("an input without files was opened")
	}
}

func TestJoinedFilesReadAsOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var files []*os.File
	for i, text := range []string{"one", "", "twotwo", "3"} {
		path := filepath.Join(dir, string(rune('a'+i)))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	s, err := Input{Open: func() ([]*os.File, error) { return files, nil }}.open()
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(io.NewSectionReader(s, 0, 100))
	if err != nil || !bytes.Equal(data, []byte("onetwotwo3")) || s.size != 10 {
		t.Errorf("got %q, %v", data, err)
	}
	part := make([]byte, 4)
	if n, err := s.ReadAt(part, 2); n != 4 || err != nil || string(part) != "etwo" {
		t.Errorf("got %q, %v", part[:n], err)
	}
	if err := s.stillThere(); err != nil {
		t.Errorf("got %v", err)
	}
	s.close()
	if err := s.stillThere(); !errors.Is(err, ErrInputGone) {
		t.Errorf("a stick that was pulled: got %v", err)
	}
}
