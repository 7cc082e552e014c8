package packager_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"streambox.local/transcode/packager"
	"streambox.local/transcode/segmenter"
)

// write makes the film with ffmpeg.
func (v variant) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	name := ""
	for i, arguments := range v.make {
		before := name
		name = filepath.Join(dir, fmt.Sprint(i)+v.file)
		all := slices.Clone(arguments)
		for i, word := range all {
			all[i] = strings.ReplaceAll(word, "%s", before)
		}
		run(t, "ffmpeg", "error", append(all, name)...)
	}
	if v.change != nil {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, name, v.change(data))
	}
	return name
}

// longOffsets turns the 32-bit chunk offsets of a file with its index at the
// end into 64-bit ones. The boxes around them grow.
func longOffsets(data []byte) []byte {
	for from := 0; ; {
		at := strings.Index(string(data[from:]), "stco")
		if at < 0 {
			return data
		}
		at += from - 4
		n := int(binary.BigEndian.Uint32(data[at+12:]))
		box := binary.BigEndian.AppendUint32(nil, uint32(16+8*n))
		box = append(append(box, "co64"...), data[at+8:at+16]...)
		for i := range n {
			box = binary.BigEndian.AppendUint64(box, uint64(binary.BigEndian.Uint32(data[at+16+4*i:])))
		}
		for _, parent := range []string{"moov", "trak", "mdia", "minf", "stbl"} {
			p := strings.LastIndex(string(data[:at]), parent) - 4
			binary.BigEndian.PutUint32(data[p:], binary.BigEndian.Uint32(data[p:])+uint32(4*n))
		}
		data = slices.Concat(data[:at], box, data[at+16+4*n:])
		from = at + len(box)
	}
}

func TestFramesOfMP4AreTheSources(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	for _, v := range mp4Variants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			testVariant(t, v)
		})
	}
}

func testVariant(t *testing.T, v variant) {
	t.Helper()
	source := v.write(t)
	p := pack(t, source, packager.Choice{Sound: v.sound})
	if len(p.segments) != v.segments || p.title.Choice().Strict != v.strict {
		t.Errorf("%d segments, strict %v; want %d, %v\n%s", len(p.segments), p.title.Choice().Strict, v.segments, v.strict, p.title.Playlist())
	}
	if err := segmenter.Check(p.segments...); err != nil {
		t.Error(err)
	}
	checkCounts(t, p.segments)
	checkFrames(t, source, p, v.lead)
	checkUnits(t, v, source, p)
	if v.aspect != "" {
		for _, name := range []string{source, p.playlist} {
			if got := strings.TrimSpace(run(t, "ffprobe", "error", "-select_streams", "v", "-show_entries", "stream=sample_aspect_ratio", "-of", "csv=p=0", name)); !strings.Contains(got, v.aspect) {
				t.Errorf("pixels of %s are %s", name, got)
			}
		}
	}
}

// checkCounts: each elementary stream has a multiple of 16 packets in each segment.
func checkCounts(t *testing.T, segments [][]byte) {
	t.Helper()
	for n, data := range segments {
		count := map[uint16]int{}
		for ; len(data) > 0; data = data[188:] {
			count[binary.BigEndian.Uint16(data[1:])&0x1fff]++
		}
		for pid, packets := range count {
			if pid < 0x1000 && pid > 0 && packets%16 != 0 {
				t.Errorf("segment %d has %d packets of PID %#x", n, packets, pid)
			}
		}
	}
}

// checkUnits compares times and sizes of all packets of picture and sound with
// the source's, both from the first picture on. Frames of sound are the same
// ones, each in one segment, within 5 ms (0.1 ms where clocks are finer).
func checkUnits(t *testing.T, v variant, source string, p packaged) {
	t.Helper()
	wantPictures, want := units(t, source, v.sound)
	pictures, got := units(t, p.playlist, 0)
	if len(pictures) == 0 || len(wantPictures) < len(pictures) {
		t.Fatalf("%d pictures of %d", len(pictures), len(wantPictures))
	}
	for i := range pictures {
		if off := pictures[i].seconds - pictures[0].seconds - (wantPictures[i].seconds - wantPictures[0].seconds); math.Abs(off) > 0.0001 {
			t.Fatalf("picture %d is off by %f s", i, off)
		}
	}
	if total := p.title.StartSeconds(p.title.Segments()); total < pictures[len(pictures)-1].seconds-pictures[0].seconds {
		t.Errorf("the title lasts %f s", total)
	}
	for n := 1; n < len(p.segments); n++ {
		at := float64(p.title.FirstTicks())/90_000 + p.title.StartSeconds(n)
		if !slices.ContainsFunc(pictures, func(u unit) bool { return math.Abs(u.seconds-at) < 0.00002 }) {
			t.Errorf("segment %d begins at %f s, where no picture is", n, at)
		}
	}
	if v.sound < 0 {
		return
	}
	got = withoutSilence(t, p, got)
	if v.lead > 0 { // ffprobe does not list sound that is not to be heard
		got = got[max(0, len(got)-len(want)):]
	}
	if len(got) < 5 || len(want)-len(got) > 2 || len(got) > len(want) {
		t.Fatalf("%d frames of sound of %d", len(got), len(want))
	}
	want = want[:len(got)+skipped(want, got)]
	want = want[len(want)-len(got):]
	for i := range got {
		off := got[i].seconds - pictures[0].seconds - (want[i].seconds - wantPictures[0].seconds)
		if extra := got[i].bytes - want[i].bytes; math.Abs(off) > 0.0001 || extra != 0 && extra != 7 {
			t.Fatalf("frame %d of sound is off by %f s and %d bytes", i, off, extra)
		}
	}
}

// skipped is how many frames at the beginning are left out: priming, of which
// one frame is enough.
func skipped(want, got []unit) int {
	for n := range len(want) - len(got) + 1 {
		if extra := got[len(got)/2].bytes - want[n+len(got)/2].bytes; extra == 0 || extra == 7 {
			return n
		}
	}
	return 0
}

// checkFrames: the playlist, the playlist from some segments on (as after seeks)
// and each segment alone have the source's pictures, and ffmpeg has nothing to say.
func checkFrames(t *testing.T, source string, p packaged, lead int) {
	t.Helper()
	want := frames(t, "error", source)[0]
	var alone []string
	for n := range p.segments {
		alone = append(alone, filepath.Join(p.dir, packager.SegmentName(n)))
	}
	random := rand.New(rand.NewPCG(uint64(len(p.segments[0])), 7)) // another one for each film, the same in each run
	seeks := []int{len(p.segments) / 2, len(p.segments) - 1, random.IntN(len(p.segments)), random.IntN(len(p.segments))}
	inputs := []string{p.playlist}
	for _, n := range seeks {
		inputs = append(inputs, p.from(t, n))
	}
	got := frames(t, "warning", append(inputs, alone...)...)
	begins := fmt.Sprintf("#EXT-X-START:TIME-OFFSET=%.6f,PRECISE=YES", float64(lead)/25)
	if lead > len(got[0]) || lead > 0 != strings.Contains(string(p.title.Playlist()), begins) {
		t.Fatalf("%d pictures, of which %d are not to be shown; the playlist:\n%s", len(got[0]), lead, p.title.Playlist())
	}
	want = slices.Concat(got[0][:lead], want) // what the source's player decodes without showing it
	if !slices.Equal(want, got[0]) || len(want) < 10 {
		t.Errorf("the playlist has %d pictures of %d, or others", len(got[0]), len(want))
	}
	if each := slices.Concat(got[len(inputs):]...); !slices.Equal(want, each) {
		t.Errorf("the segments alone have %d pictures of %d, or others", len(each), len(want))
	}
	for i, n := range seeks {
		before := len(slices.Concat(got[len(inputs) : len(inputs)+n]...))
		if !slices.Equal(want[min(before, len(want)):], got[1+i]) {
			t.Errorf("from segment %d on: %d pictures, or others", n, len(got[1+i]))
		}
	}
}

// withoutSilence leaves out the frames that were put into holes, and sees to it
// that no long holes are left.
func withoutSilence(t *testing.T, p packaged, got []unit) []unit {
	t.Helper()
	const mono, most = 4 + 7, 2.6 // bytes of a frame of silence with its header; seconds
	begin := float64(p.title.FirstTicks()) / 90_000
	end := begin + p.title.StartSeconds(p.title.Segments())
	for i := range got {
		if i > 0 && got[i].seconds-got[i-1].seconds > most {
			t.Errorf("a hole in the sound at %f s", got[i].seconds)
		}
	}
	if got[0].seconds > begin+most || got[len(got)-1].seconds < end-most {
		t.Errorf("sound from %f to %f s, the title from %f to %f", got[0].seconds, got[len(got)-1].seconds, begin, end)
	}
	return slices.DeleteFunc(got, func(u unit) bool { return u.bytes == mono })
}
