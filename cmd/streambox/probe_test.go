package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"streambox.local/appliance/report"
	"streambox.local/transcode"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// golden compares with testdata/name.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *updateGolden {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is\n%s\nwant\n%s", name, got, want)
	}
}

// knownFiles answers a probe by the file's name.
type knownFiles struct {
	mediaTools
	media map[string]transcode.Media
	errs  map[string]error
	deaf  error // of Machine
}

func (k knownFiles) Machine(context.Context) (transcode.Machine, error) {
	return transcode.Machine{CPUs: 4, H264: true, ToneMap: true}, k.deaf
}

func (k knownFiles) Probe(_ context.Context, in transcode.Input) (transcode.Media, error) {
	name := filepath.Base(in.Name)
	return k.media[name], k.errs[name]
}

func TestProbeOutput(t *testing.T) {
	home, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	stick := t.TempDir()
	t.Chdir(stick)
	tools := knownFiles{
		media: map[string]transcode.Media{
			"plays.mp4": {
				Container: "mov,mp4,m4a,3gp,3g2,mj2", SizeBytes: 1 << 30, DurationSeconds: 5401.5, BitsPerSecond: 1_590_000,
				Video: &transcode.Video{Codec: "h264", Profile: "High", PixelFormat: "yuv420p", BitDepth: 8, Width: 1920, Height: 1080, FramesPerSecond: 23.976, FieldOrder: "progressive", SampleAspect: [2]int{1, 1}},
				Audio: []transcode.Audio{{Index: 1, Codec: "aac", Profile: "LC", Channels: 2, SampleRateHz: 48000, Language: "en", Default: true}},
			},
			"hdr\x1b[31m.mkv": {
				Container: "matroska,webm", SizeBytes: 3 << 20, DurationSeconds: 61,
				Video: &transcode.Video{Codec: "hevc", Profile: "Main 10", PixelFormat: "yuv420p10le", BitDepth: 10, Width: 3840, Height: 2160, FramesPerSecond: 59.94, VariableRate: true, FieldOrder: "tt", RotationDegrees: 90, SampleAspect: [2]int{16, 15}, ColorTransfer: "smpte2084"},
				Audio: []transcode.Audio{
					{Index: 1, Codec: "ac3", Channels: 6, SampleRateHz: 44100, Language: "de", Name: "Kino\nton"},
					{Index: 2, Codec: "dts", Channels: 3},
				},
				Subtitles: []transcode.Subtitle{{Index: 3, Codec: "subrip", Text: true, Language: "de", Forced: true}, {Index: 4, Codec: "dvd_subtitle", Default: true}},
			},
			"hevc.mkv": {
				Container: "matroska,webm", SizeBytes: 1 << 20, DurationSeconds: 60,
				Video: &transcode.Video{Codec: "hevc", Profile: "Main", PixelFormat: "yuv420p", BitDepth: 8, Width: 1920, Height: 1080, FramesPerSecond: 25, SampleAspect: [2]int{1, 1}},
				Audio: []transcode.Audio{{Index: 1, Codec: "ac3", Channels: 6, SampleRateHz: 48000}},
			},
		},
		errs: map[string]error{
			"text.mp4":  &transcode.Refusal{Reason: transcode.Reason{Code: "not_video", Text: "is not a video"}, Err: errors.New("moov atom not found")},
			"empty.mp4": &transcode.Refusal{Reason: transcode.Reason{Code: transcode.CodeEmpty, Text: "the file is empty"}},
			"stuck.mp4": errors.New("ffprobe did not answer within 30 s"),
		},
	}
	files := []string{"plays.mp4", "hdr\x1b[31m.mkv", "hevc.mkv", "text.mp4", "stuck.mp4", "missing.mp4", "empty.mp4", "folder"}
	for _, name := range files[:5] {
		if err = os.WriteFile(name, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err = os.WriteFile("empty.mp4", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err = os.Mkdir("folder", 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		json bool
	}{{"probe.txt", false}, {"probe.json", true}} {
		a, stdout, _ := testApp()
		err = a.probe(t.Context(), tools, files, tt.json)
		if !errors.Is(err, errSilent) {
			t.Errorf("probe = %v, want a failure: three files could not be looked at", err)
		}
		if tt.json && !json.Valid(stdout.Bytes()) {
			t.Error("not JSON")
		}
		t.Chdir(home) // where testdata is
		golden(t, tt.name, stdout.Bytes())
		t.Chdir(stick)
	}
}

func TestAVerdictIsNoFailure(t *testing.T) {
	for _, tt := range []struct {
		name, content string
		reason        transcode.Reason
	}{
		{"text.mp4", "x", transcode.Reason{Code: "not_video", Text: "is not a video"}},
		{"empty.mp4", "", transcode.Reason{Code: transcode.CodeEmpty, Text: "the file is empty"}},
	} {
		path := filepath.Join(t.TempDir(), tt.name)
		if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
			t.Fatal(err)
		}
		tools := knownFiles{errs: map[string]error{tt.name: &transcode.Refusal{Reason: tt.reason}}}
		a, stdout, _ := testApp()
		if err := a.probe(t.Context(), tools, []string{path}, true); err != nil {
			t.Errorf("probe of %s = %v: that a file is none is an answer", tt.name, err)
		}
		if said := stdout.String(); !strings.Contains(said, `"code": "`+tt.reason.Code+`"`) {
			t.Errorf("probe of %s says %s", tt.name, said)
		}
	}
}

func TestAnFFmpegThatDoesNotAnswerIsNoneWithoutEncoder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "film.mkv")
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	tools := knownFiles{
		media: map[string]transcode.Media{"film.mkv": {Video: &transcode.Video{Codec: "hevc"}}},
		deaf:  errors.New("ask ffmpeg for -encoders: context deadline exceeded"),
	}
	a, stdout, _ := testApp()
	if err := a.probe(t.Context(), tools, []string{path}, false); !errors.Is(err, errSilent) {
		t.Errorf("probe = %v, want a failure", err)
	}
	if said := stdout.String(); !strings.Contains(said, "ffmpeg does not say what it can do") || strings.Contains(said, "rung") {
		t.Errorf("probe says %q", said)
	}
}

func TestDoctorOutput(t *testing.T) {
	checks := []report.Check{
		{Name: "ffmpeg", State: report.Present, Detail: "5.1.9-0+deb12u1 (/usr/bin/ffmpeg)"},
		{Name: "page", State: report.Broken, Detail: "this program was built without it", Mend: "build with \"make build\""},
		{Name: "media folder 1", State: report.Absent, Detail: "/evil\x1b[2J is not there (yet)"},
	}
	a, stdout, _ := testApp()
	printChecks(a.stdout, checks)
	golden(t, "doctor.txt", stdout.Bytes())
}
