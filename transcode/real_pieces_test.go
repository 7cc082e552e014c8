package transcode

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"streambox.local/transcode/publish"
	"streambox.local/transcode/segmenter"
)

// counted is a film whose every picture shows its number in sixteen bars, white
// for a bit that is set, and which beeps for half of every second second.
func counted(rate string, seconds string) []string {
	return []string{
		"-f", "lavfi", "-i", "color=black:s=320x160:r=" + rate + ":d=" + seconds + ",format=gray,geq=lum='16+219*mod(floor(N/pow(2,floor(X/20))),2)',format=yuv420p",
		"-f", "lavfi", "-i", "aevalsrc='0.5*sin(880*PI*t)*lt(mod(t,2),0.5)+0.01*sin(2000*PI*t)':s=48000:d=" + seconds,
	}
}

// numbers are those of the pictures that a player of the playlist shows, in order.
func numbers(t *testing.T, playlist string) []int {
	t.Helper()
	raw := ffmpeg(t, "-i", playlist, "-map", "0:V:0", "-fps_mode", "passthrough", "-vf", "scale=16:1:flags=area,format=gray", "-f", "rawvideo", "-")
	var all []int
	for bars := range slices.Chunk([]byte(raw), 16) {
		n := 0
		for bit, light := range bars {
			if light > 128 {
				n |= 1 << bit
			}
		}
		all = append(all, n)
	}
	return all
}

// samples is the sound of a playlist, one channel of it.
func samples(t *testing.T, playlist string) []float64 {
	t.Helper()
	raw := []byte(ffmpeg(t, "-i", playlist, "-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "s16le", "-"))
	var all []float64
	for ; len(raw) >= 2; raw = raw[2:] {
		all = append(all, float64(int16(binary.LittleEndian.Uint16(raw))))
	}
	return all
}

// warnings are what ffmpeg has to say of a playlist when it plays it.
func warnings(t *testing.T, playlist string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-hide_banner", "-v", "warning", "-i", playlist, "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return string(said)
}

// joined checks that the segments of a folder are one faultless stream.
func joined(t *testing.T, m made) {
	t.Helper()
	var all [][]byte
	for _, name := range m.segments(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data)
	}
	if err := segmenter.Check(all...); err != nil {
		t.Error(err)
	}
	if said := warnings(t, m.playlist()); said != "" {
		t.Errorf("ffmpeg warns:\n%s", said)
	}
}

// inPieces converts a film in pieces of so many seconds, in as many lives as it
// takes when each ends after so many segments; 0: one.
func inPieces(t *testing.T, tools *Tools, in Input, pieceSeconds float64, segmentsOfALife int) (m made, lives int) {
	t.Helper()
	var err error
	if m.media, err = tools.Probe(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	m.plan, m.dir = Plan{Rung: Convert}, filepath.Join(t.TempDir(), "rendition")
	out, err := publish.Create(m.dir)
	if err != nil {
		t.Fatal(err)
	}
	out.Keep()
	for lives = 1; ; lives++ {
		ctx, kill := context.WithCancel(t.Context())
		begin := out.Next()
		err = tools.Do(ctx, Job{
			Input: in, Media: m.media, Plan: m.plan, Out: out, PieceSeconds: pieceSeconds,
			OnWarning: func(r Reason) { m.warnings = append(m.warnings, r) },
			OnProgress: func(Progress) {
				if segmentsOfALife > 0 && len(out.Manifest().SegmentBytes) >= begin+segmentsOfALife {
					kill()
				}
			},
		})
		kill()
		if err == nil {
			break
		}
		if !errors.Is(err, context.Canceled) || lives > 50 {
			t.Fatalf("life %d: %v", lives, err)
		}
		if err = out.Suspend(); err != nil {
			t.Fatal(err)
		}
		if out, err = publish.Reopen(m.dir); err != nil {
			t.Fatal(err)
		}
	}
	m.manifest = out.Manifest()
	return m, lives
}

// A joint costs neither a picture nor a doubled one, and sound goes through it as
// if it were not there.
func TestJoints(t *testing.T) {
	tools := realTools(t)
	for _, c := range []struct {
		name, file, rate, seconds string
		args                      []string
		fps, source               float64 // pictures a second of the source, and how far in it sound is off
		step                      int     // from one picture shown to the next, of the source's; 0: its own times are uneven
	}{
		{"MP4 with B-frames and a long GOP", "a.mp4", "25", "26", []string{"-c:v", "mpeg4", "-bf", "2", "-g", "300", "-q:v", "3", "-c:a", "aac"}, 25, 0, 1},
		{"Matroska at 24000/1001, which rounds times to milliseconds", "a.mkv", "24000/1001", "26", []string{"-c:v", "libx264", "-preset", "ultrafast", "-bf", "3", "-g", "250", "-qp", "20", "-c:a", "ac3"}, 24000.0 / 1001, 0, 1},
		{"AVI with B-frames, which has no times of presentation", "a.avi", "25", "26", []string{"-c:v", "mpeg4", "-bf", "2", "-g", "200", "-q:v", "3", "-c:a", "libmp3lame"}, 25, 0.05, 1},
		{"60 pictures a second are halved", "a.mkv", "60", "26", []string{"-c:v", "libx264", "-preset", "ultrafast", "-g", "120", "-qp", "20", "-c:a", "aac"}, 60, 0, 2},
		{"an open GOP", "a.mkv", "25", "26", []string{"-c:v", "libx264", "-preset", "medium", "-x264-params", "open-gop=1:bframes=3:keyint=60", "-qp", "20", "-c:a", "flac"}, 25, 0, 1},
		{"WMV", "a.wmv", "25", "26", []string{"-c:v", "wmv2", "-q:v", "3", "-g", "100", "-c:a", "wmav2"}, 25, 0.05, 1},
		{"a transport stream, which is not entered in its middle", "a.ts", "25", "26", []string{"-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-q:v", "2", "-c:a", "mp2"}, 25, 0, 1},
		{"a programme stream, which is not entered in its middle", "a.mpg", "25", "26", []string{"-c:v", "mpeg2video", "-bf", "2", "-g", "15", "-q:v", "2", "-c:a", "mp2"}, 25, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), c.file)
			ffmpeg(t, join(counted(c.rate, c.seconds), c.args, []string{file})...)
			in := FileInput(file)
			one, _ := inPieces(t, tools, in, 1000, 0)
			for life := range 2 { // at once, and killed after every second segment
				m, lives := inPieces(t, tools, in, 8, life*2)
				if life > 0 && lives < 2 {
					t.Errorf("%d lives", lives)
				}
				joined(t, m)
				want, got := numbers(t, one.playlist()), numbers(t, m.playlist())
				samePictures(t, want, got)
				for i := 2; i < len(got); i++ { // the first one may stand for what sound is ahead of it
					if c.step > 0 && got[i]-got[i-1] != c.step {
						t.Errorf("picture %d follows %d", got[i], got[i-1])
					}
				}
				sameSound(t, samples(t, one.playlist()), samples(t, m.playlist()))
				before, now := apartness(t, one, want, c.fps), apartness(t, m, got, c.fps)
				t.Logf("of pieces (%d lives) %.4f", lives, now)
				for i := range before {
					if math.Abs(now[i]-before[i]) > 0.005 || math.Abs(now[i]) > 0.040+c.source {
						t.Errorf("sound is %.1f ms behind the picture at second %d, in one run %.1f ms", 1000*now[i], 2*i+2, 1000*before[i])
					}
				}
				if len(m.warnings) > 0 {
					t.Error(m.warnings)
				}
			}
		})
	}
}

// The chip fails in the middle of a piece: what it made before stays, since viewers
// have it, and software goes on with the very next picture.
func TestAnEncoderThatFailsInMidFilm(t *testing.T) {
	realTools(t)
	file := filepath.Join(t.TempDir(), "a.mkv")
	ffmpeg(t, join(counted("25", "40"), []string{"-c:v", "libx264", "-preset", "ultrafast", "-g", "100", "-qp", "20", "-c:a", "aac", file})...)
	for _, how := range []string{"chip-exits", "chip-breaks-pictures"} {
		t.Run(how, func(t *testing.T) {
			tools := fakeTools(t, how)
			path, err := exec.LookPath("ffprobe")
			if err != nil {
				t.Fatal(err)
			}
			tools.FFprobe = path
			tools.machine = &Machine{CPUs: 4, Encoders: []Encoder{V4L2, X264}, H264: true}
			m, _ := inPieces(t, tools, FileInput(file), 24, 0)
			got := numbers(t, m.playlist())
			for i := 2; i < len(got); i++ { // the first one stands for what sound is ahead of it
				if got[i] != got[i-1]+1 {
					t.Fatalf("picture %d follows %d", got[i], got[i-1])
				}
			}
			if len(got) < 1000 || got[len(got)-1] != 999 {
				t.Errorf("%d pictures", len(got))
			}
			joined(t, m)
			playlist, err := os.ReadFile(m.playlist())
			if err != nil {
				t.Fatal(err)
			}
			chips, software, found := strings.Cut(string(playlist), "#EXT-X-DISCONTINUITY\n")
			if n := strings.Count(chips, "#EXTINF:4.000000,"); !found || n < 1 || n > 5 || strings.Contains(software, "DISCONTINUITY") {
				t.Errorf("%d segments are the chip's\n%s", n, playlist)
			}
			for _, off := range apartness(t, m, got, 25) {
				if math.Abs(off) > 0.04 {
					t.Errorf("sound is %.3f s behind", off)
				}
			}
		})
	}
}

// samePictures says where two films part.
func samePictures(t *testing.T, want, got []int) {
	t.Helper()
	for i := range max(len(want), len(got)) {
		if i >= len(want) || i >= len(got) || want[i] != got[i] {
			t.Errorf("%d pictures became %d; from place %d on: %v became %v", len(want), len(got), i, want[min(i, len(want)):min(i+5, len(want))], got[min(i, len(got)):min(i+5, len(got))])
			return
		}
	}
}

// sameSound compares two decodings of a film in windows of 20 ms. What is moved by
// a fraction of a millisecond is the same: some containers tell times in whole ones.
func sameSound(t *testing.T, want, got []float64) {
	t.Helper()
	if d := len(want) - len(got); max(d, -d) > 2*soundFrameSamples {
		t.Errorf("%d samples became %d", len(want), len(got))
	}
	const window, moved, step = 960, 40, 4
	for at := moved; at+window+moved <= min(len(want), len(got)); at += window {
		var power float64
		best := math.Inf(1)
		for by := -moved; by <= moved; by += step {
			var apart float64
			for i := at; i < at+window; i++ {
				apart += (want[i] - got[i+by]) * (want[i] - got[i+by])
			}
			best = min(best, apart)
		}
		for i := at; i < at+window; i++ {
			power += want[i] * want[i]
		}
		if best > 0.05*power && math.Sqrt(best/window) > 200 {
			t.Errorf("at %.2f s the sound is another one: %.1f dB", float64(at)/soundRate, 10*math.Log10(best/power))
			return
		}
	}
}

// apartness is how far sound is behind the picture that it begins with, every
// second second.
func apartness(t *testing.T, m made, shown []int, rate float64) []float64 {
	t.Helper()
	all := filepath.Join(t.TempDir(), "all.ts")
	ffmpeg(t, "-copyts", "-i", m.playlist(), "-c", "copy", "-copyts", "-muxdelay", "0", "-avoid_negative_ts", "disabled", all)
	times, heard := ffprobeTimes(t, all), beeps(t, all)
	var list []float64
	for second := 2.0; second < 26; second += 2 {
		picture := slices.IndexFunc(shown, func(n int) bool { return float64(n) >= second*rate-0.5 })
		if picture < 0 || picture >= len(times) {
			t.Fatalf("no picture of second %g among %d", second, len(times))
		}
		nearest := math.Inf(1)
		for _, at := range heard {
			if d := at - times[picture]; math.Abs(d) < math.Abs(nearest) {
				nearest = d
			}
		}
		list = append(list, nearest)
	}
	return list
}

// ffprobeTimes are the times at which a file's pictures are shown, in order.
func ffprobeTimes(t *testing.T, file string) []float64 {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", "packet=pts_time", "-of", "csv=p=0", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var times []float64
	for line := range strings.Lines(string(text)) {
		if number := strings.Trim(line, ",\n"); number != "" {
			times = append(times, seconds(number))
		}
	}
	slices.Sort(times)
	return times
}
