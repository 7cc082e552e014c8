package packager_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"testing"

	"streambox.local/transcode/packager"
)

// Films that cannot be packaged say so, with an error that tells what to do.
func TestFilmsThatMustBeConverted(t *testing.T) {
	need(t, "ffmpeg")
	for _, c := range []struct {
		variant
		want error
	}{
		{variant{name: "open GOPs in MP4", file: "a.mp4", make: args(picture("25", 25), tone(25), x264("-x264-params", "open-gop=1:keyint=25:bframes=3"), aac)}, packager.ErrNotSegmentable},
		{variant{name: "open GOPs in Matroska", file: "a.mkv", make: args(picture("25", 25), tone(25), x264("-x264-params", "open-gop=1:keyint=25:bframes=3"), aac)}, packager.ErrNotSegmentable},
		{variant{name: "one IDR in 25 s", file: "a.mkv", make: args(picture("25", 25), tone(25), x264("-g", "1000", "-sc_threshold", "0"), aac)}, packager.ErrNotSegmentable},
		{variant{name: "MPEG-4 part 2", file: "a.mp4", make: args(picture("25", 5), tone(5), []string{"-c:v", "mpeg4"}, aac)}, packager.ErrUnsupported},
		{variant{name: "AC-3", file: "a.mkv", make: film([]string{"-c:a", "ac3"})}, packager.ErrUnsupported},
		{variant{name: "encrypted", file: "a.mp4", make: film(aac, []string{
			"-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "76a6c65c5ea762046bd749a2e632ccbb", "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8",
		})}, packager.ErrUnsupported},
		{variant{name: "a transport stream", file: "a.ts", make: film(aac)}, packager.ErrUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(c.write(t))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{}); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// Every sound track can be a rendition of its own, cut where the picture is.
func TestSoundAlone(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	for _, file := range []string{"a.mp4", "a.mkv"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			v := variant{file: file, make: args(picture("25", 13), tone(13), lavfi("sine=frequency=880", 13),
				[]string{"-map", "0:v", "-map", "1:a", "-map", "2:a"}, closed, aac)}
			source := v.write(t)
			both := pack(t, source, packager.Choice{Sound: 1})
			alone := pack(t, source, packager.Choice{Sound: 1, SoundOnly: true})
			if !bytes.Equal(both.title.Playlist(), alone.title.Playlist()) {
				t.Error("it is cut elsewhere")
			}
			pictures, got := units(t, alone.playlist, 0)
			_, want := units(t, both.playlist, 0)
			if len(pictures) > 0 || !slices.EqualFunc(got, want, func(a, b unit) bool { return a.seconds == b.seconds && a.bytes == b.bytes }) {
				t.Errorf("%d pictures, %d frames of sound, want %d", len(pictures), len(got), len(want))
			}
			run(t, "ffmpeg", "warning", "-i", alone.playlist, "-f", "null", "-")
		})
	}
}
