package transcode

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

// pieceOf is that of these tests: 5.5 s.
const pieceOf = 4 * 64

// soundFilm is a film whose sound is converted by pieces.
type soundFilm struct {
	tools  *Tools
	input  Input
	media  Media
	title  *packager.Title
	frames int
}

func openSoundFilm(t *testing.T, tools *Tools, file string) *soundFilm {
	t.Helper()
	f := &soundFilm{tools: tools, input: FileInput(file)}
	var err error
	if f.media, err = tools.Probe(t.Context(), f.input); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if f.title, err = packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{Converted: true}); err != nil {
		t.Fatal(err)
	}
	_, f.frames = f.title.SoundFrames(f.title.Segments())
	return f
}

// make converts the pieces in an order, into a folder.
func (f *soundFilm) make(t *testing.T, pieceFrames int, order func([]int)) *sound.Sound {
	t.Helper()
	w, err := sound.CreatePieces(filepath.Join(t.TempDir(), "sound"), f.frames, pieceFrames)
	if err != nil {
		t.Fatal(err)
	}
	var pieces []int
	for n := range (f.frames + pieceFrames - 1) / pieceFrames {
		pieces = append(pieces, n)
	}
	order(pieces)
	length := f.title.StartSeconds(f.title.Segments())
	for _, n := range pieces {
		from, samples := w.Stretch(n)
		seconds := float64(from) / sound.RateHz
		w.Begin(n)
		_, err := f.tools.Sound(t.Context(), SoundJob{
			Input: f.input, Media: f.media, Out: w, StartSeconds: float64(f.title.StartTicks()) / ticksPerSecond,
			FromSeconds: seconds, DurationSeconds: min(float64(samples)/sound.RateHz, length-seconds),
		})
		if err != nil {
			t.Fatalf("piece %d: %v", n, err)
		}
		w.End()
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	return w.Sound()
}

func inOrder([]int) {}

// adtsOf is the sound as a file that any player reads.
func adtsOf(t *testing.T, s *sound.Sound, frames int) []byte {
	t.Helper()
	all, err := s.Frames(0, frames)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	for _, one := range all {
		n := len(one) + sound.HeaderBytes
		out = append(out, 0xff, 0xf1, 0x4c, 0x80|byte(n>>11), byte(n>>3), byte(n)<<5|0x1f, 0xfc)
		out = append(out, one...)
	}
	return out
}

// decoded is what is heard: 48 kHz, one channel.
func decoded(t *testing.T, arguments ...string) []float64 {
	t.Helper()
	data, err := exec.CommandContext(t.Context(), "ffmpeg", slices.Concat([]string{"-nostdin", "-v", "error"}, arguments, []string{"-ac", "1", "-ar", "48000", "-f", "s16le", "pipe:1"})...).Output()
	if err != nil {
		t.Fatal(err)
	}
	out := make([]float64, len(data)/2)
	for i := range out {
		out[i] = float64(int16(binary.LittleEndian.Uint16(data[2*i:])))
	}
	return out
}

// Pieces have the same bytes in whichever order they are made; what is heard is
// heard when it is in the film, and where pieces meet nothing clicks.
func TestPiecesOfSoundJoin(t *testing.T) {
	tools := realTools(t)
	picture := []string{"-f", "lavfi", "-i", "testsrc2=s=192x108:r=25:d=13"}
	const tone = "aevalsrc='0.3*sin(2*PI*440*t)+0.5*sin(4000*PI*t)*lt(mod(t,1),0.03)':s=48000:d=13"
	encoded := []string{"-c:v", "libx264", "-preset", "veryfast", "-g", "50", "-bf", "3", "-pix_fmt", "yuv420p"}
	for _, c := range []struct {
		name, file string
		args       []string
	}{
		{"Dolby Digital in Matroska", "a.mkv", []string{"-c:a", "ac3", "-b:a", "448k"}},
		{"Dolby Digital in MP4", "a.mp4", []string{"-c:a", "ac3", "-b:a", "448k"}},
		{"Opus in Matroska", "a.mkv", []string{"-c:a", "libopus", "-b:a", "256k"}},
		{"uncompressed in QuickTime", "a.mov", []string{"-c:a", "pcm_s16le"}},
		{"44.1 kHz in Matroska, which begins after 27 hours", "a.mkv", []string{"-c:a", "flac", "-ar", "44100", "-output_ts_offset", "97200"}},
		{"a start below zero", "a.mkv", []string{"-c:a", "flac", "-bf", "0", "-output_ts_offset", "-0.3", "-avoid_negative_ts", "disabled"}},
		{"no index", "a.mkv", []string{"-c:a", "ac3", "-b:a", "448k", "-live", "1"}},
		{"fragments", "a.mp4", []string{"-c:a", "flac", "-strict", "-2", "-movflags", "+frag_keyframe+empty_moov"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), c.file)
			ffmpeg(t, join(picture, []string{"-f", "lavfi", "-i", tone}, encoded, c.args, []string{file})...)
			film := openSoundFilm(t, tools, file)
			forward := adtsOf(t, film.make(t, pieceOf, inOrder), film.frames)
			if back := adtsOf(t, film.make(t, pieceOf, slices.Reverse), film.frames); !bytes.Equal(forward, back) {
				t.Error("other bytes when the pieces are made from the last to the first")
			}
			name := filepath.Join(t.TempDir(), "pieces.aac")
			if err := os.WriteFile(name, forward, 0o600); err != nil {
				t.Fatal(err)
			}
			source := decoded(t, "-copyts", "-i", file, "-map", "0:a:0", "-af", fmt.Sprintf("asetpts=PTS-(%.6f)/TB,atrim=start=0,aresample=48000:async=1:min_hard_comp=0.01:first_pts=0", float64(film.title.StartTicks())/ticksPerSecond))
			joined := decoded(t, "-i", name)[sound.PrimingFrames*sound.SamplesPerFrame:]
			want, got := bursts(source), bursts(joined)
			if len(got) != len(want) || len(want) < 11 {
				t.Fatalf("bursts at %v, of the source at %v", got, want)
			}
			for i := range want {
				if off := got[i] - want[i]; math.Abs(off) > 0.005 {
					t.Errorf("burst %d is off by %.1f ms", i, off*1000)
				}
			}
			if at, elsewhere := edges(joined); at > 2*elsewhere || elsewhere == 0 {
				t.Errorf("edges of %.0f where pieces meet, %.0f elsewhere", at, elsewhere)
			}
		})
	}
}

// bursts are the seconds at which loud sound begins.
func bursts(samples []float64) (times []float64) {
	const loud, quietSamples = 14_000, 10_000
	last := -quietSamples
	for i, v := range samples {
		if math.Abs(v) > loud {
			if i-last >= quietSamples {
				times = append(times, float64(i)/48000)
			}
			last = i
		}
	}
	return times
}

// edges are the sharpest ones in a sound where its pieces meet and elsewhere, far
// from bursts: what clicks bends a tone more than anything in it does.
func edges(samples []float64) (at, elsewhere float64) {
	const piece = pieceOf * sound.SamplesPerFrame
	for i := 24_000; i < len(samples)-24_000; i++ {
		if second := i % 48_000; second > 43_000 || second < 7_000 {
			continue
		}
		bend := math.Abs(samples[i+1] - 2*samples[i] + samples[i-1])
		// A piece's first frame lies PrimingFrames earlier than its number says.
		if near := (i + sound.PrimingFrames*sound.SamplesPerFrame) % piece; near > piece-3*sound.SamplesPerFrame || near < 3*sound.SamplesPerFrame {
			at = max(at, bend)
		} else {
			elsewhere = max(elsewhere, bend)
		}
	}
	return at, elsewhere
}
