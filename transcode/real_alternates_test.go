package transcode

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
)

// onsets are the seconds at which loud sound begins in a track, by the file's own clock.
func onsets(t *testing.T, file string, track int) []float64 {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-hide_banner", "-v", "info", "-nostats", "-copyts", "-i", file,
		"-map", fmt.Sprintf("0:a:%d", track), "-af", "silencedetect=n=-14dB:d=0.3", "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var times []float64
	for _, found := range regexp.MustCompile(`silence_end: ([\d.]+)`).FindAllSubmatch(text, -1) {
		times = append(times, seconds(string(found[1])))
	}
	return times
}

// alone makes all of an alternate, converting its sound where it must, and
// returns it as one file.
func alone(t *testing.T, tools *Tools, m Media, input Input, title *packager.Title, data []byte) string {
	t.Helper()
	if title.Choice().Converted {
		_, frames := title.SoundFrames(title.Segments())
		w, err := sound.CreatePieces(filepath.Join(t.TempDir(), "sound"), frames, pieceOf)
		if err != nil {
			t.Fatal(err)
		}
		length := title.StartSeconds(title.Segments())
		for n := (frames+pieceOf-1)/pieceOf - 1; n >= 0; n-- { // from the last one on
			from, samples := w.Stretch(n)
			begin := float64(from) / sound.RateHz
			w.Begin(n)
			_, err = tools.Sound(t.Context(), SoundJob{
				Input: input, Media: m, Track: title.Choice().Sound + 1, Out: w, StartSeconds: float64(title.StartTicks()) / ticksPerSecond,
				FromSeconds: begin, DurationSeconds: min(float64(samples)/sound.RateHz, length-begin),
			})
			if err != nil {
				t.Fatalf("piece %d: %v", n, err)
			}
			w.End()
		}
		if _, err := w.Finish(); err != nil {
			t.Fatal(err)
		}
		title = title.Join(w.Sound())
	}
	var all []byte
	for n := range title.Segments() {
		segment, err := title.Segment(t.Context(), bytes.NewReader(data), n)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, segment...)
	}
	name := filepath.Join(t.TempDir(), "alone.ts")
	if err := os.WriteFile(name, all, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// inStep compares what a track sounds like with the source, in which it is shift
// seconds earlier.
func inStep(t *testing.T, what string, got, want []float64, shift float64) {
	t.Helper()
	together := 0
	for _, one := range got {
		if one-shift > 14.9 { // ffmpeg takes the end for an end of silence
			continue
		}
		best := math.Inf(1)
		for _, source := range want {
			if off := one - source - shift; math.Abs(off) < math.Abs(best) {
				best = off
			}
		}
		if math.Abs(best) > 0.005 {
			t.Errorf("%s: a beep at %f s is %f s off", what, one-shift, best)
		}
		together++
	}
	if together < 3 || together < len(want)-1 {
		t.Errorf("%s: %d beeps of %d", what, together, len(want))
	}
}

// threeBeeps are three tracks that beep at times of their own: the second begins
// late and ends early, the picture begins later than the first.
func threeBeeps(t *testing.T, codecs ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "film.mkv")
	list := []string{"-itsoffset", "0.28", "-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=15"}
	for n, tone := range []string{
		"aevalsrc='0.5*sin(880*PI*t)*lt(mod(t+0.4,1.5),0.4)':s=48000:d=15",
		"aevalsrc='0.5*sin(1760*PI*t)*lt(mod(t+1.0,1.5),0.4)':s=48000:d=9",
		"aevalsrc='0.5*sin(3520*PI*t)*lt(mod(t+0.9,1.5),0.4)':s=44100:d=15.5",
	} {
		if n == 1 {
			list = append(list, "-itsoffset", "3.3")
		}
		list = append(list, "-f", "lavfi", "-i", tone)
	}
	list = append(list, "-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a", "-g", "50", "-pix_fmt", "yuv420p")
	ffmpeg(t, join(list, codecs, []string{file})...)
	return file
}

func TestAlternatesAreInStep(t *testing.T) {
	tools := realTools(t)
	for _, c := range []struct {
		name   string
		codecs []string
		rung   Rung
	}{
		{"passed on, or converted", []string{"-c:v", "libx264", "-c:a", "aac", "-c:a:1", "ac3"}, Direct},
		{"beside converted sound", []string{"-c:v", "libx264", "-c:a", "aac", "-c:a:0", "ac3", "-c:a:1", "libopus"}, AudioOnly},
		{"beside a converted film", []string{"-c:v", "mpeg4", "-q:v", "4", "-c:a", "aac", "-c:a:2", "ac3"}, Convert},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := threeBeeps(t, c.codecs...)
			machine, err := tools.Machine(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			input := FileInput(file)
			m, err := tools.Probe(t.Context(), input)
			if err != nil {
				t.Fatal(err)
			}
			plan := Decide(m, machine)
			if plan.Rung != c.rung {
				t.Fatalf("%+v", plan)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var film made
			var first []byte
			var lengths []float64
			if c.rung == Convert {
				if film, err = produce(t, tools, input); err != nil {
					t.Fatal(err)
				}
				if first, err = os.ReadFile(filepath.Join(film.dir, "seg00000.ts")); err != nil {
					t.Fatal(err)
				}
				lengths = extinf(t, film.playlist())
			}
			for _, choice := range SoundChoices(m, plan, machine) {
				if choice.Default {
					continue
				}
				var title *packager.Title
				if c.rung == Convert {
					title, err = packager.Alongside(choice.Track, int64(math.Round(m.StartSeconds*ticksPerSecond)), true, first, lengths)
				} else {
					title, err = packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{
						Sound: choice.Track, SoundOnly: true, Converted: choice.Rung == AudioOnly, BesideConverted: c.rung == AudioOnly,
					})
				}
				if err != nil {
					t.Fatal(err)
				}
				shift := float64(title.FirstTicks()-title.StartTicks()) / ticksPerSecond
				if c.rung == Convert { // measured, too: by the sound that is in its segments
					all := filepath.Join(t.TempDir(), "all.ts")
					if out, copyErr := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", film.playlist(), "-c", "copy", "-copyts", "-muxdelay", "0", all).CombinedOutput(); copyErr != nil {
						t.Fatalf("%v\n%s", copyErr, out)
					}
					inStep(t, "the film's own sound", onsets(t, all, 0), onsets(t, file, 0), shift)
				}
				name := fmt.Sprintf("track %d, %s", choice.Track, choice.Rung)
				inStep(t, name, onsets(t, alone(t, tools, m, input, title, data), 0), onsets(t, file, choice.Track), shift)
			}
		})
	}
}

// extinf are the lengths of a playlist's segments.
func extinf(t *testing.T, playlist string) (lengths []float64) {
	t.Helper()
	text, err := os.ReadFile(playlist)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range strings.Split(string(text), "#EXTINF:")[1:] {
		value, _, _ := strings.Cut(part, ",")
		length, err := strconv.ParseFloat(value, 64)
		if err != nil {
			t.Fatal(err)
		}
		lengths = append(lengths, length)
	}
	return lengths
}
