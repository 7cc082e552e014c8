package subtitles

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

// el is an element of Matroska.
func el(id uint32, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	out := binary.BigEndian.AppendUint32(nil, id)
	for out[0] == 0 {
		out = out[1:]
	}
	out = append(out, 0x08) // a size of five bytes
	out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
	return append(out, body...)
}

func num(id uint32, v uint64) []byte { return el(id, binary.BigEndian.AppendUint64(nil, v)) }

func block(track byte, at int16, text string) []byte {
	head := []byte{0x80 | track, byte(uint16(at) >> 8), byte(at), 0}
	return el(idBlock, head, []byte(text))
}

func entry(number uint64, codec, private string) []byte {
	return el(idTrackEntry, num(idNumber, number), el(idCodec, []byte(codec)), el(idPrivate, []byte(private)))
}

// stream is what ffmpeg writes into a pipe: a segment of unknown size.
func stream(parts ...[]byte) []byte {
	head := append(el(0x1a45dfa3, el(0x4282, []byte("matroska"))), 0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
	return append(head, slices.Concat(parts...)...)
}

func sample() []byte {
	return stream(
		el(idInfo, num(idScale, 1e6)),
		el(idTracks, entry(1, "S_TEXT/UTF8", ""), entry(2, "S_TEXT/ASS", assHead+assEvents), entry(3, "D_WEBVTT/SUBTITLES", ""), entry(4, "S_TEXT/UTF8", "")),
		el(idCluster, num(idTimestamp, 1000),
			el(idBlockGroup, block(1, 500, "<i>Hello</i>\r\n\r\nyou & me"), num(idDuration, 1500)),
			el(idBlockGroup, block(2, 0, `7,0,Default,,0,0,0,,{\an8}One, two`), num(idDuration, 1000)),
			el(idBlockGroup, block(3, 0, "<b>Hi</b>"), num(idDuration, 1000), el(idAdditions, el(idMore, el(idAdditional, []byte("line:0 region:x\nname"))))),
		),
		el(0x1254c367, []byte("tags")), // left out
		el(idCluster, num(idTimestamp, 100_000), el(idBlockGroup, block(1, -500, "no end")), el(idBlockGroup, block(9, 0, "no track"))),
	)
}

func TestSubtitlesAreReadFromMatroska(t *testing.T) {
	got, err := ReadMatroska(bytes.NewReader(sample()))
	if err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	want := [][]Cue{
		{{1500 * ms, 3000 * ms, "<i>Hello</i>\nyou &amp; me", ""}, {99_500 * ms, 104_500 * ms, "no end", ""}},
		{{1000 * ms, 2000 * ms, "One, two", "line:0"}},
		{{1000 * ms, 2000 * ms, "<b>Hi</b>", "line:0"}},
		{},
	}
	if !slices.EqualFunc(got, want, slices.Equal[[]Cue]) {
		t.Errorf("got %+v", got)
	}
}

func TestWhatIsCutOffIsUsedAsFarAsItGoes(t *testing.T) {
	whole := sample()
	for n := range len(whole) {
		got, err := ReadMatroska(bytes.NewReader(whole[:n]))
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if n > len(whole)-60 && len(got[0]) == 0 {
			t.Errorf("%d bytes of %d: nothing is left", n, len(whole))
		}
	}
	if _, err := ReadMatroska(strings.NewReader("no Matroska at all")); !errors.Is(err, ErrDamaged) {
		t.Errorf("something else: %v", err)
	}
}

// endless repeats a cluster for ever.
type endless struct {
	head, more []byte
	read       int64
}

func (e *endless) Read(p []byte) (int, error) {
	if len(e.head) == 0 {
		e.head = e.more
	}
	n := copy(p, e.head)
	e.head = e.head[n:]
	e.read += int64(n)
	return n, nil
}

func TestAStreamWithoutEndIsLeft(t *testing.T) {
	in := &endless{
		head: stream(el(idTracks, entry(1, "S_TEXT/UTF8", ""))),
		more: el(idCluster, num(idTimestamp, 5), el(idBlockGroup, block(1, 0, strings.Repeat("a", 1000)), num(idDuration, 9))),
	}
	cues, err := ReadMatroska(in)
	if !errors.Is(err, ErrTooLarge) || len(cues) != 1 || in.read > 3*maxKept {
		t.Errorf("%v after %d bytes", err, in.read)
	}
}

func FuzzReadMatroska(f *testing.F) {
	f.Add(sample())
	f.Add(stream(el(idTracks, entry(1, "S_TEXT/UTF8", ""))))
	f.Add([]byte("\x1a\x45\xdf\xa3\x80\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		tracks, _ := ReadMatroska(io.LimitReader(bytes.NewReader(data), 1<<20))
		for _, cues := range tracks {
			wellFormed(t, cues)
		}
	})
}
