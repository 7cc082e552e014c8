package transcode

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// gstreamer decodes the segments of a title in a row with a demuxer and parsers
// that share nothing with ffmpeg's, and returns how many pictures it shows; it
// must not complain.
func gstreamer(t *testing.T, m made) (pictures int) {
	t.Helper()
	if _, err := exec.LookPath("gst-launch-1.0"); err != nil {
		const how = "gst-launch-1.0 is missing (apt-get install gstreamer1.0-tools gstreamer1.0-plugins-bad gstreamer1.0-libav)"
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			t.Fatal(how)
		}
		t.Skip("not run here: " + how)
	}
	var stream []byte
	for _, name := range m.segments(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		stream = append(stream, data...)
	}
	all := filepath.Join(t.TempDir(), "all.ts")
	if err := os.WriteFile(all, stream, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // it takes a second
	defer cancel()
	const queue = " ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! "
	line := "filesrc location=" + all + queue + "tsdemux name=d d." + queue + "h264parse ! avdec_h264 ! checksumsink sync=false async=false" +
		" d." + queue + "aacparse ! avdec_aac ! fakesink sync=false async=false"
	command := exec.CommandContext(ctx, "gst-launch-1.0", append([]string{"-v", "--no-position"}, strings.Fields(line)...)...)
	command.Env = append(os.Environ(), "GST_DEBUG=mpegtsbase:2,mpegtspacketizer:2,tsdemux:2,pesparser:2,h264parse:2,codecparsers_h264:2,aacparse:2,baseparse:2,libav:2,videodecoder:2,audiodecoder:2", "GST_DEBUG_NO_COLOR=1", "LC_ALL=C")
	var out, says bytes.Buffer
	command.Stdout, command.Stderr = &out, &says
	if err := command.Run(); err != nil || strings.Contains(says.String(), "WARN") || strings.Contains(says.String(), "ERROR") {
		t.Errorf("GStreamer: %v\n%s", err, says.String())
	}
	for text := range strings.Lines(out.String()) {
		if len(text) > 40 && text[1] == ':' { // 0:00:00.040000000 and a hash
			pictures++
		}
	}
	return pictures
}

func TestAnotherPlayerGoesOverJoints(t *testing.T) {
	tools := realTools(t)
	file := filepath.Join(t.TempDir(), "a.mkv")
	ffmpeg(t, join(counted("25", "26"), []string{"-c:v", "mpeg4", "-q:v", "3", "-g", "60", "-c:a", "ac3", file})...)
	m, _ := inPieces(t, tools, FileInput(file), 8, 0)
	if shown, want := gstreamer(t, m), len(numbers(t, m.playlist())); shown != want || want < 650 {
		t.Errorf("%d pictures of %d", shown, want)
	}
	playlist, err := os.ReadFile(m.playlist())
	if err != nil || strings.Contains(string(playlist), "DISCONTINUITY") {
		t.Errorf("pieces by one encoder go on in one another: %v\n%s", err, playlist)
	}
}

// What cannot be entered in its middle as its container promises, or not at all,
// becomes the same film as in one run.
func TestFilmsThatAreHardToEnter(t *testing.T) {
	tools := realTools(t)
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	read := func(name string) []byte {
		data, err := os.ReadFile(path(name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(path(name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	mpeg4 := []string{"-c:v", "mpeg4", "-bf", "2", "-g", "120", "-q:v", "3", "-c:a", "libmp3lame"}
	ffmpeg(t, join(counted("25", "26"), mpeg4, []string{path("whole.avi")})...)
	whole := read("whole.avi")
	index := bytes.LastIndex(whole, []byte("idx1"))
	if index < 0 {
		t.Fatal("no index to break")
	}
	write("no index.avi", whole[:index])
	spoilt := slices.Clone(whole)
	for at := index + 16; at < len(spoilt); at += 16 { // where each chunk lies: somewhere else
		spoilt[at] ^= 0x55
	}
	write("false index.avi", spoilt)
	ffmpeg(t, join(counted("25", "26"), mpeg4, []string{"-live", "1", path("no cues.mkv")})...)
	broken := read("no cues.mkv")
	write("broken off.mkv", broken[:len(broken)*2/3])
	ffmpeg(t, join(counted("25", "13"), []string{"-c:v", "mpeg2video", "-q:v", "2", "-c:a", "mp2", path("half.ts")})...)
	write("times that begin anew.ts", append(read("half.ts"), read("half.ts")...))
	ffmpeg(t, join(counted("25", "26"), []string{"-vf", "select='not(between(t,6,17))'", "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "ac3", path("a picture that stands for 11 s.mkv")})...)
	ffmpeg(t, join(counted("25", "26"), []string{"-af", "aselect='not(between(t,7,15))'", "-c:v", "mpeg4", "-q:v", "3", "-c:a", "ac3", path("a hole in the sound.mkv")})...)

	for _, name := range []string{
		"no index.avi", "false index.avi", "no cues.mkv", "broken off.mkv", "times that begin anew.ts", "a picture that stands for 11 s.mkv", "a hole in the sound.mkv",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := FileInput(path(name))
			one, _ := inPieces(t, tools, in, 1000, 0)
			for life := range 2 {
				m, lives := inPieces(t, tools, in, 8, life*2)
				joined(t, m)
				if life > 0 && lives < 2 {
					t.Errorf("%d lives", lives)
				}
				samePictures(t, numbers(t, one.playlist()), numbers(t, m.playlist()))
				sameSound(t, samples(t, one.playlist()), samples(t, m.playlist()))
				if len(m.warnings) != len(one.warnings) {
					t.Errorf("%v became %v", one.warnings, m.warnings)
				}
			}
		})
	}
}
