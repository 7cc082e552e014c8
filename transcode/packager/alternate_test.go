package packager_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/transcode/packager"
)

// threeTracks is a film whose second track begins late and ends early, and whose
// third, of six channels, begins before the picture and ends behind it.
func threeTracks(codecs []string, more ...string) [][]string {
	return args(
		[]string{"-itsoffset", "0.6"}, picture("25", 13), []string{"-itsoffset", "0.6"}, tone(13),
		[]string{"-itsoffset", "3.1"}, lavfi("sine=frequency=880", 5), lavfi("sine=frequency=1760", 15),
		[]string{"-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a"}, closed, codecs, []string{"-ac:a:2", "6"}, more)
}

var alternateVariants = []variant{
	{name: "MP4", file: "a.mp4", make: threeTracks(aac), segments: 4},
	{name: "fragments", file: "a.mp4", make: threeTracks(aac, fragment...), segments: 4},
	{name: "Matroska", file: "a.mkv", make: threeTracks(aac), segments: 4},
	{name: "Matroska without an index", file: "a.mkv", make: threeTracks(aac, "-live", "1"), segments: 4},
	{name: "Matroska, beside converted sound", file: "a.mkv", make: threeTracks([]string{"-c:a", "aac", "-c:a:0", "ac3"}), segments: 4},
}

// Alternates are cut as the film is, their frames are the source's in step with
// its picture, and no segment is without sound.
func TestAlternatesLieBesideThePicture(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	for _, v := range alternateVariants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			source := v.write(t)
			besideConverted := strings.Contains(v.name, "converted")
			film := pack(t, source, packager.Choice{Converted: besideConverted})
			if len(film.segments) != v.segments {
				t.Fatalf("%d segments\n%s", len(film.segments), film.title.Playlist())
			}
			wantPictures, _ := units(t, source, -1)
			pictures, _ := units(t, film.playlist, 0)
			for track, least := range []int{0, 200, 500} {
				alone := pack(t, source, packager.Choice{Sound: track, SoundOnly: true, BesideConverted: besideConverted, Converted: besideConverted && track == 0})
				if !bytes.Equal(alone.title.Playlist(), film.title.Playlist()) {
					t.Errorf("track %d is cut elsewhere:\n%s", track, alone.title.Playlist())
				}
				checkCounts(t, alone.segments)
				for n := range alone.segments {
					one := filepath.Join(alone.dir, alone.title.SegmentName(n))
					if none, sounds := units(t, one, 0); len(none) > 0 || len(sounds) < 20 {
						t.Errorf("segment %d of track %d has %d pictures and %d frames of sound", n, track, len(none), len(sounds))
					}
				}
				_, got := units(t, alone.playlist, 0)
				got = withoutSilence(t, alone, got)
				if alone.title.Choice().Converted {
					continue
				}
				_, want := units(t, source, track)
				checkStep(t, fmt.Sprint("track ", track), got, want, pictures[0].seconds-wantPictures[0].seconds, least)
			}
		})
	}
}

// checkStep: every frame is one of the source's, at its time.
func checkStep(t *testing.T, what string, got, want []unit, shift float64, least int) {
	t.Helper()
	if len(got) < least {
		t.Errorf("%s: %d frames", what, len(got))
	}
	at := 0
	for i, one := range got {
		for at < len(want) && want[at].seconds+shift < one.seconds-0.005 {
			at++
		}
		if at == len(want) || math.Abs(want[at].seconds+shift-one.seconds) > 0.005 {
			t.Fatalf("%s: frame %d at %f s is none of the source's", what, i, one.seconds-shift)
		}
		if extra := one.bytes - want[at].bytes; extra != 0 && extra != 7 {
			t.Fatalf("%s: frame %d at %f s has %d bytes more than the source's", what, i, one.seconds-shift, extra)
		}
		at++
	}
}

// Whoever converts sound begins with the film, whatever the track itself does.
func TestConvertedAlternatesBeginWithTheFilm(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	v := variant{file: "a.mkv", make: threeTracks([]string{"-c:a", "ac3"})}
	source := v.write(t)
	film := pack(t, source, packager.Choice{Converted: true})
	for track := range 3 {
		choice := packager.Choice{Sound: track, Converted: true, SoundOnly: true, BesideConverted: true}
		alone := pack(t, source, choice)
		if alone.title.StartTicks() != film.title.StartTicks() || !bytes.Equal(alone.title.Playlist(), film.title.Playlist()) {
			t.Errorf("track %d begins at %d, the film at %d", track, alone.title.StartTicks(), film.title.StartTicks())
		}
		begin := float64(film.title.FirstTicks()) / 90_000
		_, sounds := units(t, alone.playlist, 0)
		if first, last := sounds[0].seconds, sounds[len(sounds)-1].seconds; first < begin-0.0215 || first > begin || last < begin+film.title.StartSeconds(film.title.Segments())-0.03 {
			t.Errorf("track %d: sound from %f to %f s", track, first, last)
		}
		// Nothing of the film is read for it: its stick may be away.
		gone := goneStick{}
		if data, err := alone.title.Segment(t.Context(), gone, 1); err != nil || !bytes.Equal(data, alone.segments[1]) {
			t.Errorf("track %d: %v", track, err)
		}
	}
}

// goneStick is the file of a film whose stick was pulled.
type goneStick struct{}

func (goneStick) ReadAt([]byte, int64) (int, error) { return 0, errors.New("no stick") }

func TestTracksThatAreNoAlternates(t *testing.T) {
	need(t, "ffmpeg")
	v := variant{file: "a.mkv", make: args(picture("25", 5), tone(5), tone(5), []string{"-map", "0:v", "-map", "1:a", "-map", "2:a"}, closed, []string{"-c:a", "aac", "-c:a:1", "libmp3lame"})}
	data, err := os.ReadFile(v.write(t))
	if err != nil {
		t.Fatal(err)
	}
	for name, choice := range map[string]packager.Choice{
		"MP3, of which there is no silence": {Sound: 1, SoundOnly: true},
		"a track that is not there":         {Sound: 2, SoundOnly: true},
		"no track":                          {Sound: packager.NoSound, SoundOnly: true},
		"beside a track that is not there":  {Sound: 0, SoundOnly: true, Beside: 2},
	} {
		if _, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), choice); !errors.Is(err, packager.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Another tone in each track: players that know nothing of us find the right one
// by the multivariant playlist, from the beginning and from the middle.
func TestOthersPlayAlternates(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	v := variant{file: "a.mp4", make: args(picture("25", 17), tone(17), lavfi("sine=frequency=880", 17), lavfi("sine=frequency=1760", 17),
		[]string{"-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a"}, closed, aac)}
	source := v.write(t)
	film := pack(t, source, packager.Choice{})
	master := "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"0\",DEFAULT=YES,AUTOSELECT=YES\n"
	for track := 1; track < 3; track++ {
		alone := pack(t, source, packager.Choice{Sound: track, SoundOnly: true})
		name := fmt.Sprint("track", track)
		if err := os.Rename(alone.dir, filepath.Join(film.dir, name)); err != nil {
			t.Fatal(err)
		}
		master += fmt.Sprintf("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"%d\",DEFAULT=NO,AUTOSELECT=YES,URI=\"%s/index.m3u8\"\n", track, name)
		playlist := filepath.Join(film.dir, name, "index.m3u8")
		if tone := loudest(t, playlist, 0, 0); tone != []int{440, 880, 1760}[track] {
			t.Errorf("track %d sounds like %d Hz", track, tone)
		}
		if sounds := gstreamerHears(t, alone.segments); sounds < 700 {
			t.Errorf("GStreamer hears %d frames of track %d", sounds, track)
		}
	}
	name := filepath.Join(film.dir, "master.m3u8")
	write(t, name, []byte(master+"#EXT-X-STREAM-INF:BANDWIDTH=1000000,AUDIO=\"sound\"\nindex.m3u8\n"))
	for track, want := range []int{880, 1760, 440} { // ffmpeg counts those first that have a playlist of their own
		for _, from := range []float64{0, 9} {
			if got := loudest(t, name, track, from); got != want {
				t.Errorf("track %d of the multivariant playlist from %f s on sounds like %d Hz, not %d", track, from, got, want)
			}
		}
	}
}

// loudest is which of the three tones a track has for three seconds.
func loudest(t *testing.T, input string, track int, from float64) int {
	t.Helper()
	best, level := 0, math.Inf(-1)
	for _, hertz := range []int{440, 880, 1760} {
		says := listen(t, input, track, from, fmt.Sprintf("bandpass=f=%d:width_type=h:w=50,bandpass=f=%d:width_type=h:w=50,astats=measure_perchannel=none:measure_overall=RMS_level", hertz, hertz))
		_, text, _ := strings.Cut(says, "RMS level dB:")
		var decibel float64
		if _, err := fmt.Sscan(text, &decibel); err != nil {
			t.Fatalf("ffmpeg says %s", says)
		}
		if decibel > level {
			best, level = hertz, decibel
		}
	}
	return best
}

// listen puts a filter on a track and returns what ffmpeg says of it.
func listen(t *testing.T, input string, track int, from float64, filter string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-hide_banner", "-ss", fmt.Sprint(from), "-i", input, "-t", "3",
		"-map", fmt.Sprintf("0:a:%d", track), "-af", filter, "-f", "null", "-")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v\n%s", err, out)
	}
	return string(out)
}

// gstreamerHears is how many buffers of sound another player makes of segments without a picture.
func gstreamerHears(t *testing.T, segments [][]byte) (sounds int) {
	t.Helper()
	if _, err := exec.LookPath("gst-launch-1.0"); err != nil {
		const how = "gst-launch-1.0 is missing (apt-get install gstreamer1.0-tools gstreamer1.0-plugins-bad gstreamer1.0-libav)"
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			t.Fatal(how)
		}
		t.Skip("not run here: " + how)
	}
	name := filepath.Join(t.TempDir(), "all.ts")
	write(t, name, slices.Concat(segments...))
	line := "filesrc location=" + name + " ! queue ! tsdemux name=d d. ! queue ! aacparse ! avdec_aac ! fakesink name=sound sync=false silent=false"
	cmd := exec.CommandContext(t.Context(), "gst-launch-1.0", append([]string{"-v", "--no-position"}, strings.Fields(line)...)...)
	cmd.WaitDelay = time.Minute
	cmd.Env = append(os.Environ(), "GST_DEBUG="+gstreamerListens, "GST_DEBUG_NO_COLOR=1", "LC_ALL=C")
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil || strings.Contains(says.String(), "WARN") || strings.Contains(says.String(), "ERROR") {
		t.Errorf("GStreamer: %v\n%s", err, says.String())
	}
	return strings.Count(out.String(), "last-message = chain")
}
