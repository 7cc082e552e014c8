package packager_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/sound"
	"streambox.local/transcode/segmenter"
)

// adts converts a film's sound as package transcode does; how exactly, its own
// tests judge.
func adts(t *testing.T, name string, title *packager.Title) []byte {
	t.Helper()
	return []byte(run(t, "ffmpeg", "error", "-copyts", "-i", name, "-map", fmt.Sprintf("0:a:%d", title.Choice().Sound), "-c:a", "aac", "-b:a", "160k", "-ac", "2", "-ar", "48000",
		"-af", fmt.Sprintf("asetpts=PTS-(%.6f)/TB,atrim=start=0,aresample=async=1000:min_hard_comp=0.03:first_pts=0:flags=res", float64(title.StartTicks())/90_000),
		"-flags", "+bitexact", "-f", "adts", "pipe:1"))
}

func converted(t *testing.T, name string, title *packager.Title) *sound.Sound {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sound")
	w, err := sound.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = w.Write(adts(t, name, title)); err != nil {
		t.Fatal(err)
	}
	if _, err = w.Finish(); err != nil {
		t.Fatal(err)
	}
	s, err := sound.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func codec(name string, more ...string) []string {
	return append([]string{"-c:a", name, "-strict", "-2"}, more...)
}

var joinedVariants = []variant{
	{name: "Dolby Digital in Matroska", file: "a.mkv", make: film(codec("ac3")), segments: 4},
	{name: "Dolby Digital 5.1 in MP4", file: "a.mp4", make: film(codec("ac3", "-ac", "6")), segments: 4},
	{name: "DTS in Matroska", file: "a.mkv", make: film(codec("dca")), segments: 4},
	{name: "Opus in Matroska without an index", file: "a.mkv", make: film(codec("libopus"), []string{"-live", "1"}), segments: 4},
	{name: "Vorbis in Matroska", file: "a.mkv", make: film(codec("libvorbis")), segments: 4},
	{name: "FLAC in fragments", file: "a.mp4", make: film(codec("flac"), fragment), segments: 4},
	{name: "uncompressed sound in QuickTime", file: "a.mov", make: film(codec("pcm_s16le")), segments: 4},
	{name: "uncompressed sound of 24 bits in Matroska", file: "a.mkv", make: film(codec("pcm_s24le", "-ac", "6")), segments: 4},
	{name: "Dolby Digital, both ends cut off", file: "a.mp4", make: again(film(codec("ac3")), "-ss", "5", "-t", "6", "-i", "%s", "-c", "copy"), segments: 2, lead: 25},
	{name: "FLAC that ends early", file: "a.mkv", make: args(picture("25", 13), tone(5), closed, codec("flac")), segments: 4},
	{name: "Dolby Digital that ends late", file: "a.mp4", make: args(picture("25", 6), tone(13), closed, codec("ac3")), segments: 2},
	{name: "Dolby Digital that begins late", file: "a.mkv", make: args(picture("25", 13), []string{"-itsoffset", "5.5"}, tone(7), closed, codec("ac3")), segments: 4},
	{name: "a start of 27 hours", file: "a.mkv", make: film(codec("ac3"), []string{"-output_ts_offset", "97200"}), segments: 4},
	{name: "open GOPs with an IDR every 5 s", file: "a.mkv", make: args(picture("25", 21), tone(21),
		x264("-x264-params", "open-gop=1:keyint=25:bframes=3", "-force_key_frames", "expr:gte(t,n_forced*5)", "-forced-idr", "1"), codec("ac3")), segments: 5, strict: true},
}

// The picture is the source's, picture by picture; the sound has neither hole nor
// overlap, from the film's beginning to its end.
func TestFramesWithConvertedSoundAreTheSources(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	for _, v := range joinedVariants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			source := v.write(t)
			p := pack(t, source, packager.Choice{Converted: true})
			if len(p.segments) != v.segments || p.title.Choice().Strict != v.strict {
				t.Errorf("%d segments, strict %v\n%s", len(p.segments), p.title.Choice().Strict, p.title.Playlist())
			}
			if err := segmenter.Check(p.segments...); err != nil {
				t.Error(err)
			}
			checkCounts(t, p.segments)
			checkFrames(t, source, p, v.lead)
			_, sounds := units(t, p.playlist, 0)
			for i := 1; i < len(sounds); i++ {
				if step := sounds[i].seconds - sounds[i-1].seconds; step < 0.0212 || step > 0.0215 {
					t.Fatalf("frame %d of sound comes %f s after the one before", i, step)
				}
			}
			begin := float64(p.title.FirstTicks()) / 90_000
			end := begin + p.title.StartSeconds(p.title.Segments())
			if first, last := sounds[0].seconds, sounds[len(sounds)-1].seconds; first < begin-0.0215 || first > begin-0.0212 || last > end || last < end-0.0215 {
				t.Errorf("sound from %f to %f s, the film lasts from %f to %f", first, last, begin, end)
			}
		})
	}
}

// While the sound comes in, what can be made grows, and what was made stays as it is.
func TestSegmentsComeWithTheSound(t *testing.T) {
	need(t, "ffmpeg")
	v := variant{file: "a.mkv", make: film(codec("ac3"))}
	name := v.write(t)
	whole := pack(t, name, packager.Choice{Converted: true})
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	in := bytes.NewReader(data)
	bare, err := packager.Open(t.Context(), in, in.Size(), packager.Choice{Converted: true})
	if err != nil {
		t.Fatal(err)
	}
	if bare.Ready() != 0 {
		t.Error("ready without sound")
	}
	if _, err = bare.Segment(t.Context(), in, 0); !errors.Is(err, packager.ErrNotYet) {
		t.Errorf("made without sound: %v", err)
	}
	w, err := sound.Create(filepath.Join(t.TempDir(), "sound"))
	if err != nil {
		t.Fatal(err)
	}
	title := bare.Join(w.Sound())
	source := packager.NewSource(title, packager.NewCache(0, 0), "film", func(context.Context) (packager.Input, error) { return nopInput{in}, nil }, nil)
	if list, listErr := source.Playlist(t.Context()); listErr != nil || !bytes.Equal(list, whole.title.Playlist()) {
		t.Errorf("the playlist is not whole from the beginning: %v\n%s", listErr, list)
	}
	all := adts(t, name, bare)
	seen := 0
	for from := 0; from < len(all); from += 20_000 {
		if _, err = w.Write(all[from:min(from+20_000, len(all))]); err != nil {
			t.Fatal(err)
		}
		ready := title.Ready()
		if ready < seen {
			t.Fatalf("%d segments were ready, now %d", seen, ready)
		}
		for seen = ready; ready > 0; ready-- {
			data, makeErr := title.Segment(t.Context(), in, ready-1)
			if makeErr != nil || !bytes.Equal(data, whole.segments[ready-1]) {
				t.Fatalf("segment %d early is another (%v)", ready-1, makeErr)
			}
		}
		if seen > 0 && seen < title.Segments() {
			if _, segmentErr := source.Segment(t.Context(), packager.SegmentName(seen)); !errors.Is(segmentErr, packager.ErrNotYet) {
				t.Errorf("segment %d, whose sound is to come: %v", seen, segmentErr)
			}
		}
	}
	if seen < 2 {
		t.Errorf("only %d segments came while the sound did", seen)
	}
	if _, err = w.Finish(); err != nil {
		t.Fatal(err)
	}
}

// nopInput is a film in memory as an Input.
type nopInput struct{ *bytes.Reader }

func (nopInput) Close() error { return nil }
