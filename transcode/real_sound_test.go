package transcode

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// clicks are the seconds, from the first picture on, at which sound begins in a
// file, to a fraction of a millisecond.
func clicks(t *testing.T, file string) []float64 {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	first := math.Inf(1)
	for line := range strings.Lines(string(text)) {
		if at := strings.Trim(line, ",\n"); at != "" {
			first = min(first, seconds(at))
		}
	}
	data, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-v", "error", "-copyts", "-i", file, "-map", "0:a:0",
		"-af", fmt.Sprintf("asetpts=PTS-(%.6f)/TB,aresample=48000:async=1:min_hard_comp=0.01:first_pts=0", first), "-ac", "1", "-f", "s16le", "pipe:1").Output()
	if err != nil {
		t.Fatal(err)
	}
	const loud, quietSamples = 3000, 10_000
	var times []float64
	last := -quietSamples
	for i := 0; i+1 < len(data); i += 2 {
		v := int16(binary.LittleEndian.Uint16(data[i:]))
		if v > loud || v < -loud {
			if i/2-last >= quietSamples {
				times = append(times, float64(i/2)/48000)
			}
			last = i / 2
		}
	}
	return times
}

// inOne writes all segments behind one another: a reader of playlists would move their times.
func (m made) inOne(t *testing.T) string {
	t.Helper()
	var all []byte
	for n := range m.manifest.SegmentBytes {
		data, err := os.ReadFile(filepath.Join(m.dir, fmt.Sprintf("seg%05d.ts", n)))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	name := filepath.Join(m.dir, "all.ts")
	if err := os.WriteFile(name, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// The picture is the source's, the sound is converted and joined with it: they
// must stay together within 5 ms, however the source was stored.
func TestConvertedSoundIsJoinedInStep(t *testing.T) {
	tools := realTools(t)
	picture := []string{"-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=13"}
	const clicking = "aevalsrc='0.8*sin(2000*PI*t)*lt(mod(t,1),0.03)':s=48000:d=13"
	encoded := []string{"-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-bf", "3", "-pix_fmt", "yuv420p"}
	for _, c := range []struct {
		name, file string
		late       []string // before the sound
		args       []string
	}{
		{"Dolby Digital in Matroska", "a.mkv", nil, []string{"-c:a", "ac3"}},
		{"Dolby Digital 5.1 in MP4", "a.mp4", nil, []string{"-c:a", "ac3", "-ac", "6"}},
		{"Dolby Digital Plus in MP4", "a.mp4", nil, []string{"-c:a", "eac3"}},
		{"DTS in Matroska", "a.mkv", nil, []string{"-c:a", "dca", "-strict", "-2"}},
		{"Opus in Matroska, which begins below zero", "a.mkv", nil, []string{"-c:a", "libopus"}},
		{"Opus in MP4", "a.mp4", nil, []string{"-c:a", "libopus", "-strict", "-2"}},
		{"Vorbis in Matroska", "a.mkv", nil, []string{"-c:a", "libvorbis"}},
		{"FLAC in Matroska", "a.mkv", nil, []string{"-c:a", "flac"}},
		{"FLAC in MP4", "a.mp4", nil, []string{"-c:a", "flac", "-strict", "-2"}},
		{"uncompressed in QuickTime", "a.mov", nil, []string{"-c:a", "pcm_s16le"}},
		{"uncompressed in Matroska, 44.1 kHz", "a.mkv", nil, []string{"-c:a", "pcm_s24le", "-ar", "44100"}},
		{"AAC of eight channels in MP4", "a.mp4", nil, []string{"-c:a", "aac", "-ac", "8"}},
		{"MP2 in Matroska", "a.mkv", nil, []string{"-c:a", "mp2"}},
		{"ALAC in MP4", "a.m4v", nil, []string{"-c:a", "alac", "-f", "mp4"}},
		{"sound 1.5 s late", "a.mkv", []string{"-itsoffset", "1.5"}, []string{"-c:a", "flac"}},
		{"sound 1.5 s late in MP4", "a.mp4", []string{"-itsoffset", "1.5"}, []string{"-c:a", "ac3"}},
		{"a start of 27 hours", "a.mp4", nil, []string{"-c:a", "ac3", "-output_ts_offset", "97200"}},
		{"a hole of two seconds", "a.mkv", nil, []string{"-af", "aselect='not(between(t,4.5,6.5))'", "-c:a", "flac"}},
		{"sound that ends early", "a.mkv", nil, []string{"-af", "atrim=end=6.5", "-c:a", "flac"}},
		{"sound that lasts longer", "a.mkv", nil, []string{"-vf", "trim=end=6", "-c:a", "ac3"}},
		{"sound cut into at the beginning", "a.mp4", []string{"-ss", "0.4"}, []string{"-c:a", "ac3"}},
		{"fragments", "a.mp4", nil, []string{"-c:a", "flac", "-strict", "-2", "-movflags", "+frag_keyframe+empty_moov"}},
		{"no index", "a.mkv", nil, []string{"-c:a", "ac3", "-live", "1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), c.file)
			ffmpeg(t, join(picture, c.late, []string{"-f", "lavfi", "-i", clicking}, encoded, c.args, []string{file})...)
			m, err := produce(t, tools, FileInput(file))
			if err != nil || m.plan.Rung != AudioOnly {
				t.Fatalf("%+v, %v", m.plan, err)
			}
			want, got := clicks(t, file), clicks(t, m.inOne(t))
			if len(want) < 5 || len(got) != len(want) {
				t.Fatalf("clicks at %v, of the source at %v", got, want)
			}
			for i := range want {
				if off := got[i] - want[i]; math.Abs(off) > 0.005 {
					t.Errorf("click %d is off by %.1f ms", i, off*1000)
				}
			}
			if said, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-v", "warning", "-i", m.playlist(), "-f", "null", "-").CombinedOutput(); err != nil || len(said) > 0 {
				t.Errorf("ffmpeg: %v\n%s", err, said)
			}
		})
	}
}
