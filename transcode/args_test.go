package transcode

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares a list with testdata/<name>.golden: a line for each argument,
// its reason behind it.
func golden(t *testing.T, name string, list []argument) {
	t.Helper()
	var text strings.Builder
	for _, a := range list {
		if a.reason == "" {
			t.Errorf("%q has no reason", a.words)
		}
		fmt.Fprintf(&text, "%s\n    # %s\n", strings.Join(a.words, " "), a.reason)
	}
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if text.String() != string(want) {
		t.Errorf("%s differs; when that is meant: go test ./transcode -update\n%s", path, text.String())
	}
}

func TestArgumentsOfTheChip(t *testing.T) {
	t.Parallel()
	odd := func(m *Media) { m.Video.Codec, m.Video.Width, m.Video.Height = "mpeg4", 720, 406 }
	for _, c := range []struct {
		name    string
		change  func(*Media)
		machine Machine
	}{
		{"chip", odd, Machine{CPUs: 4, Board: Pi4}},
		{"chip-rows-as-they-are", odd, Machine{CPUs: 4, Board: Pi4, V4L2: V4L2Ways{HeadersOnce: true, RowsAsTheyAre: true}}},
		{"chip-decodes-hevc", func(m *Media) { m.Video.Codec = "hevc" }, Machine{CPUs: 4, Board: Pi4, HEVC: true}},
	} {
		golden(t, c.name, streamArguments(film(c.change), Plan{Rung: Convert}, c.machine, V4L2, 1, 4))
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	hevc := func(m *Media) { m.Video.Codec = "hevc" }
	for _, c := range []struct {
		name   string
		change func(*Media)
		rung   Rung
		files  int
	}{
		{"direct", nil, Direct, 1},
		{"direct-silent", func(m *Media) { m.Audio = nil }, Direct, 1},
		{"direct-dvd-pixels-three-files", func(m *Media) { m.Video.SampleAspect = [2]int{64, 45} }, Direct, 3},
		{"direct-open-gop", func(m *Media) { m.Video.KeyFramesRead, m.Video.IDRsRead = 5, 3 }, Direct, 1},
		{"audio-second-track", func(m *Media) {
			m.Audio = []Audio{{Codec: "ac3", Channels: 6}, {Codec: "dts", Channels: 6, Default: true}}
		}, AudioOnly, 1},
		{"convert", hevc, Convert, 1},
		{"convert-interlaced-dvd", func(m *Media) {
			*m.Video = Video{
				Codec: "mpeg2video", PixelFormat: "yuv420p", Width: 720, Height: 576, FramesPerSecond: 25,
				FieldOrder: "tt", SampleAspect: [2]int{64, 45},
			}
		}, Convert, 4},
		{"convert-hdr-8k-60", func(m *Media) {
			*m.Video = Video{
				Codec: "hevc", PixelFormat: "yuv420p10le", Width: 7680, Height: 4320, FramesPerSecond: 59.94,
				ColorTransfer: "smpte2084", SampleAspect: [2]int{1, 1},
			}
		}, Convert, 1},
		{"convert-upright-phone-variable", func(m *Media) {
			m.Video.RotationDegrees, m.Video.VariableRate, m.Video.FramesPerSecond = 90, true, 29.3
			m.StartSeconds, m.Video.StartSeconds = -0.5, 2
		}, Convert, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := film(c.change)
			golden(t, c.name, streamArguments(m, Plan{Rung: c.rung}, pi, X264, c.files, 4))
		})
	}
	t.Run("sound", func(t *testing.T) {
		t.Parallel()
		golden(t, "sound-late-second-track", soundArguments(SoundJob{StartSeconds: -0.25, DurationSeconds: 5400.04}, 1, 1))
	})
	t.Run("probe", func(t *testing.T) {
		t.Parallel()
		golden(t, "probe", probeArguments(1))
		golden(t, "probe-key-frames", keyFrameArguments(1, film(nil)))
		golden(t, "tiles", tileArguments(*film(nil).Video, pi, TileSize(film(nil))))
		golden(t, "thumbnail", thumbnailArguments(film(nil), pi, 1, thumbnailTries(film(nil))[0]))
	})
}

// What a stick says must not turn up in any argument.
func TestArgumentsHoldNothingFromTheFile(t *testing.T) {
	t.Parallel()
	const evil = "-i file:/etc/passwd"
	m := film(func(m *Media) {
		m.Container, m.Video.Profile, m.Video.FieldOrder, m.Video.PixelFormat = evil, evil, evil, evil
		m.Video.ColorPrimaries, m.Video.ColorSpace, m.Video.ColorTransfer, m.Video.Codec = evil, evil, evil, evil
		m.Audio = []Audio{{Codec: evil, Profile: evil, Language: evil, Name: evil}}
	})
	for _, rung := range []Rung{Direct, AudioOnly, Convert} {
		for _, word := range slices.Concat(
			flatten(streamArguments(m, Plan{Rung: rung}, pi, X264, 1, 4)),
			flatten(thumbnailArguments(m, pi, 1, thumbnailTry{})), flatten(keyFrameArguments(1, m))) {
			if strings.Contains(word, "passwd") {
				t.Errorf("%s: %q", rung, word)
			}
		}
	}
}

func TestOutputSize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		v             Video
		width, height int
	}{
		{"1080p stays", Video{Width: 1920, Height: 1080}, 1920, 1080},
		{"4K is halved", Video{Width: 3840, Height: 2160}, 1920, 1080},
		{"8K is quartered", Video{Width: 7680, Height: 4320}, 1920, 1080},
		{"cinema scope keeps its shape", Video{Width: 4096, Height: 1716}, 1920, 804},
		{"4:3 fits by its height", Video{Width: 2880, Height: 2160}, 1440, 1080},
		{"small films are not enlarged", Video{Width: 640, Height: 360}, 640, 360},
		{"odd sides become even", Video{Width: 853, Height: 481}, 854, 482},
		{"1 × 1 becomes a macroblock", Video{Width: 1, Height: 1}, 16, 16},
		{"a phone held upright", Video{Width: 3840, Height: 2160, RotationDegrees: 90}, 1080, 1920},
		{"upside down is lying", Video{Width: 3840, Height: 2160, RotationDegrees: 180}, 1920, 1080},
		{"a wide DVD", Video{Width: 720, Height: 576, SampleAspect: [2]int{64, 45}}, 1024, 576},
		{"an American DVD, 4:3", Video{Width: 720, Height: 480, SampleAspect: [2]int{8, 9}}, 720, 540},
		{"an absurd sample aspect is damage", Video{Width: 640, Height: 360, SampleAspect: [2]int{1000, 1}}, 640, 360},
		{"a strip", Video{Width: 16000, Height: 2}, 1920, 16},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if w, h := outputSize(c.v, defaultHeight); w != c.width || h != c.height {
				t.Errorf("got %d × %d, want %d × %d", w, h, c.width, c.height)
			}
		})
	}
	if w, h := outputSize(Video{Width: 1920, Height: 1080}, Machine{MaxHeight: 720}.shortSide(X264)); w != 1280 || h != 720 {
		t.Errorf("a machine that manages 720 lines: got %d × %d", w, h)
	}
}

func TestOutputRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fps      float64
		variable bool
		want     string
		gop      int
	}{
		{24, false, "24", 96},
		{23.976, false, "24000/1001", 96},
		{23.98, false, "24000/1001", 96},
		{25, false, "25", 100},
		{29.97, false, "30000/1001", 120},
		{30, false, "30", 120},
		{50, false, "25", 100},
		{59.94, false, "30000/1001", 120},
		{60, false, "30", 120},
		{120, false, "30", 120},
		{144, false, "2880/100", 116},
		{48, false, "24", 96},
		{15, false, "15", 60},
		{12.5, false, "1250/100", 50},
		{1, false, "10", 40},
		{0.1, false, "10", 40},
		{0, false, "25", 100},
		{90000, false, "30", 120},
		{27.3, true, "30", 120},
	} {
		got := outputRate(Video{FramesPerSecond: c.fps, VariableRate: c.variable})
		if got.String() != c.want || got.picturesIn(4) != c.gop {
			t.Errorf("%g: got %s with %d pictures in 4 s, want %s with %d", c.fps, got, got.picturesIn(4), c.want, c.gop)
		}
		if seconds := float64(got.picturesIn(4)) * float64(got.d) / float64(got.n); seconds < 4 || seconds > 4.1 {
			t.Errorf("%g: an IDR every %g s", c.fps, seconds)
		}
	}
}
