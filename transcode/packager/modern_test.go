package packager_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/packager/fmp4"
)

// Each film as a whole, from a random segment on, and each segment alone behind
// its init segment have the source's pictures, frame by frame.
func TestFramesOfModernFilmsAreTheSources(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	for _, v := range modernVariants {
		t.Run(v.label(), func(t *testing.T) {
			t.Parallel()
			source := v.write(t)
			choice := packager.Choice{Sound: v.sound, Modern: true}
			if v.change != nil {
				choice.Sound = packager.NoSound
			}
			p := pack(t, source, choice)
			if len(p.segments) != v.segments || p.title.Codecs() != v.codecs {
				t.Errorf("%d segments, want %d; codecs %q, want %q\n%s", len(p.segments), v.segments, p.title.Codecs(), v.codecs, p.title.Playlist())
			}
			checkModernFrames(t, v, source, p)
			if choice.Sound >= 0 {
				checkModernTimes(t, source, p)
			}
		})
	}
}

// alone writes an init segment with some segments behind it.
func (p packaged) alone(t *testing.T, from, to int) string {
	t.Helper()
	name := filepath.Join(p.dir, fmt.Sprintf("alone%d-%d.mp4", from, to))
	write(t, name, slices.Concat(p.title.Init(), slices.Concat(p.segments[from:to]...)))
	return name
}

func checkModernFrames(t *testing.T, v modernVariant, source string, p packaged) {
	t.Helper()
	inputs := []string{source, p.playlist}
	for n := range p.segments {
		inputs = append(inputs, p.alone(t, n, n+1))
	}
	for n := range p.segments {
		inputs = append(inputs, p.alone(t, n, len(p.segments)))
	}
	all := frames(t, "error", inputs...)
	want, whole := all[0], all[1]
	if !slices.Equal(want, whole) || len(want) < 10 {
		t.Errorf("the playlist has %d pictures of %d, or others", len(whole), len(want))
	}
	times, _ := units(t, source, 0)
	begin := times[0].seconds
	if len(times) != len(want) {
		t.Fatalf("%d pictures at %d times", len(want), len(times))
	}
	// The number of the picture with which a segment begins.
	first := func(n int) int {
		at := begin + p.title.StartSeconds(n) - 0.0006 // Matroska's milliseconds
		return len(slices.DeleteFunc(slices.Clone(times), func(u unit) bool { return u.seconds >= at }))
	}
	for n := range p.segments {
		from, to := first(n), first(n+1)
		if rest := all[2+len(p.segments)+n]; !slices.Equal(rest, want[from:]) {
			t.Errorf("from segment %d on: %d pictures of %d, or others", n, len(rest), len(want)-from)
		}
		own := all[2+n]
		most := to - from
		if v.leading && n+1 < len(p.segments) { // its last pictures come with the next one
			if len(own) >= most || len(own) < most-10 {
				t.Errorf("segment %d alone has %d pictures of %d: are its GOPs open?", n, len(own), most)
			}
			most = min(most, len(own))
		}
		if !slices.Equal(own, want[from:from+most]) {
			t.Errorf("segment %d alone has %d pictures of %d, or others", n, len(own), most)
		}
	}
}

// checkModernTimes compares when pictures and sound are shown with the source.
func checkModernTimes(t *testing.T, source string, p packaged) {
	t.Helper()
	wantPictures, want := units(t, source, p.title.Choice().Sound)
	pictures, got := units(t, p.playlist, 0)
	if len(pictures) != len(wantPictures) {
		t.Fatalf("%d pictures of %d", len(pictures), len(wantPictures))
	}
	for i := range pictures {
		if off := pictures[i].seconds - pictures[0].seconds - (wantPictures[i].seconds - wantPictures[0].seconds); math.Abs(off) > 0.0001 {
			t.Fatalf("picture %d is off by %f s", i, off)
		}
	}
	for i := range got {
		if i > 0 && got[i].seconds-got[i-1].seconds > 2.6 {
			t.Errorf("a hole in the sound at %f s", got[i].seconds)
		}
	}
	const ofOpus, ofAAC = 3, 4 // bytes of a frame without sound
	got = slices.DeleteFunc(got, func(u unit) bool { return u.bytes == ofOpus || u.bytes == ofAAC })
	if len(got) < 5 || len(want)-len(got) > 2 || len(got) > len(want) {
		t.Fatalf("%d frames of sound of %d", len(got), len(want))
	}
	want = want[skipped(want, got):][:len(got)]
	const most = 0.0025 // 5 ms are allowed
	for i := range got {
		off := got[i].seconds - pictures[0].seconds - (want[i].seconds - wantPictures[0].seconds)
		if math.Abs(off) > most || got[i].bytes != want[i].bytes {
			t.Fatalf("frame %d of sound is off by %f s and %d bytes", i, off, got[i].bytes-want[i].bytes)
		}
	}
}

// withDelimiters makes of an AV1 film one whose samples begin with temporal
// delimiters, which have no place in MP4 but are met there. It has no sound.
func withDelimiters(data []byte) []byte {
	at := bytes.Index(data, []byte("av1C"))
	record := data[at+4 : at-4+int(data[at-4])<<24+int(data[at-3])<<16+int(data[at-2])<<8+int(data[at-1])]
	title, err := packager.Open(context.Background(), bytes.NewReader(data), int64(len(data)), packager.Choice{Sound: packager.NoSound, Modern: true})
	if err != nil {
		panic(err)
	}
	out := fmp4.Init([]fmp4.Track{{Timescale: 90_000, Entry: "av01", ConfigBox: "av1C", Config: record, Picture: true, Width: 192, Height: 108}})
	for n := range title.Segments() {
		segment, err := title.Segment(context.Background(), bytes.NewReader(data), n)
		if err != nil {
			panic(err)
		}
		run := readRun(segment)
		for i := range run.Samples {
			run.Samples[i].Prefix = []byte{0x12, 0}
		}
		if out, err = fmp4.Append(out, n, []fmp4.Run{run}); err != nil {
			panic(err)
		}
	}
	return out
}

// readRun reads a fragment of one track.
func readRun(segment []byte) (run fmp4.Run) {
	word := func(at int) int {
		return int(segment[at])<<24 | int(segment[at+1])<<16 | int(segment[at+2])<<8 | int(segment[at+3])
	}
	tfdt := bytes.Index(segment, []byte("tfdt"))
	run.Begin = uint64(word(tfdt+8))<<32 | uint64(word(tfdt+12))
	trun := bytes.Index(segment, []byte("trun"))
	shifted := segment[trun+6]&8 != 0
	data := word(trun + 12)
	at := trun + 16
	for range word(trun + 8) {
		size := word(at + 4)
		s := fmp4.Sample{Length: uint32(word(at)), Key: segment[at+8] == 2, Data: segment[data : data+size]}
		if at += 12; shifted {
			s.Shift = int32(word(at))
			at += 4
		}
		data += size
		run.Samples = append(run.Samples, s)
	}
	return run
}

// The bytes of segments are exchanged and remembered by their hash. When this
// fails, on any machine, ModernVersion must grow.
func TestBytesOfModernFilmsAreTheSameOnEveryMachine(t *testing.T) {
	s := (&synthetic{seconds: 30, modern: true}).build()
	title := open(t, s, s.size(), packager.Choice{Modern: true})
	all := append(segments(t, title, s), title.Init())
	sum := sha256.Sum256(bytes.Join(all, title.Playlist()))
	if got := hex.EncodeToString(sum[:8]); got != "8565580f9af5dfac" {
		t.Errorf("SHA-256 %s…", got)
	}
	if _, err := packager.Open(t.Context(), s, s.size(), packager.Choice{}); err == nil {
		t.Error("its picture went into a transport stream")
	}
}

func TestModernFilmsHaveNamesOfTheirOwn(t *testing.T) {
	plain, modern := packager.Choice{}, packager.Choice{Modern: true}
	if plain.Name() == modern.Name() || plain.Name() != "direct-2-s0" {
		t.Errorf("%q and %q", plain.Name(), modern.Name())
	}
}

// Converted sound is joined with such a picture as with any other.
func TestConvertedSoundBesideAModernPicture(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	for _, v := range []variant{
		{file: "a.mkv", make: modernFilm(13, x265(opened), []string{"-c:a", "ac3"})},
		{file: "a.webm", make: modernFilm(13, vp9(), []string{"-c:a", "libvorbis"})},
	} {
		t.Run(v.file, func(t *testing.T) {
			t.Parallel()
			source := v.write(t)
			p := pack(t, source, packager.Choice{Modern: true, Converted: true})
			got := frames(t, "error", source, p.playlist)
			if !slices.Equal(got[0], got[1]) || !strings.HasSuffix(p.title.Codecs(), ",mp4a.40.2") {
				t.Errorf("%d pictures of %d, or others; %s", len(got[1]), len(got[0]), p.title.Codecs())
			}
			pictures, sounds := units(t, p.playlist, 0)
			if off := sounds[1].seconds - pictures[0].seconds; len(sounds) < 600 || math.Abs(off) > 0.001 {
				t.Errorf("%d frames of sound, of which the second is %f s behind the first picture", len(sounds), off)
			}
		})
	}
}

func TestModernFilmsThatMustBeConverted(t *testing.T) {
	need(t, "ffmpeg")
	v := variant{file: "a.mkv", make: args(picture("25", 25), tone(25), x265("keyint=1000:min-keyint=1000:scenecut=0"), aac)}
	data, err := os.ReadFile(v.write(t))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := packager.Open(t.Context(), bytes.NewReader(data), int64(len(data)), packager.Choice{Modern: true}); !errors.Is(err, packager.ErrNotSegmentable) {
		t.Errorf("one key frame in 25 s: %v", err)
	}
}
