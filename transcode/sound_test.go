package transcode

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"streambox.local/transcode/packager/sound"
)

func TestSoundThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		how    string
		gaveUp bool
		want   func(error) bool // nil: what there is is kept
	}{
		{"film-then-exit-1", true, nil},
		{"film-then-killed", false, is(ErrKilled)},
		{"film-then-memory", false, is(ErrNoMemory)},
		{"exit-1", false, is(ErrNotSegmentable)},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			tools := fakeTools(t, c.how)
			if err := os.WriteFile(filepath.Join(filepath.Dir(tools.FFmpeg), fakeFilm), []byte("a little sound"), 0o600); err != nil {
				t.Fatal(err)
			}
			job := fakeJob(t, AudioOnly)
			var out bytes.Buffer
			gaveUp, err := tools.Sound(t.Context(), SoundJob{Input: job.Input, Media: job.Media, DurationSeconds: 60, Out: &out})
			if c.want == nil && (err != nil || out.Len() == 0) || c.want != nil && !c.want(err) || gaveUp != c.gaveUp {
				t.Errorf("gave up: %v, %v, %d bytes", gaveUp, err, out.Len())
			}
		})
	}
}

func TestSoundEndsEarly(t *testing.T) {
	t.Parallel()
	payload := make([]byte, 9)
	frame := append([]byte{0xff, 0xf1, 0x4c, 0x80, 16 >> 3, 0x1f, 0xfc}, payload...)
	w, err := sound.Create(filepath.Join(t.TempDir(), "sound"))
	if err == nil {
		_, err = w.Write(bytes.Repeat(frame, 1+75*48000/1024))
	}
	if err != nil {
		t.Fatal(err)
	}
	if why, early := SoundEndsEarly(w.Sound(), 75.5); early {
		t.Errorf("half a second less than the film: %+v", why)
	}
	why, early := SoundEndsEarly(w.Sound(), 3600)
	if !early || why.Code != CodeSoundEndsEarly || why.Parameters["minutes"] != 1 || why.Parameters["seconds"] != 75 {
		t.Errorf("%v, %+v", early, why)
	}
}

// A damaged track is played by an ffmpeg that gives up after some of it.
func TestAConvertedFilmSaysThatItsSoundBrokeOff(t *testing.T) {
	t.Parallel()
	tools := realTools(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "a.mkv")
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=20", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=20",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "ac3", file)
	real, err := exec.LookPath(tools.FFmpeg)
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *adts*) '%s' \"$@\" | head -c 50000; echo 'Error while filtering' >&2; exit 1;; esac\nexec '%s' \"$@\"\n", real, real)
	tools.FFmpeg = filepath.Join(dir, "ffmpeg-that-gives-up")
	if err = os.WriteFile(tools.FFmpeg, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	m, err := produce(t, tools, FileInput(file))
	if err != nil || m.plan.Rung != AudioOnly || len(m.warnings) != 1 || m.warnings[0].Code != CodeSoundEndsEarly {
		t.Errorf("%s, %v, %+v", m.plan.Rung, err, m.warnings)
	}
}
