package subtitles

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"strings"
	"time"
)

// ErrDamaged is a stream that is no Matroska.
var ErrDamaged = errors.New("not a Matroska stream of subtitles")

// Element IDs (RFC 9559, 5.1), their length markers included.
const (
	idSegment    = 0x18538067
	idInfo       = 0x1549a966
	idTracks     = 0x1654ae6b
	idTrackEntry = 0xae
	idCluster    = 0x1f43b675
	idBlockGroup = 0xa0
	idAdditions  = 0x75a1
	idMore       = 0xa6

	idScale      = 0x2ad7b1
	idNumber     = 0xd7
	idCodec      = 0x86
	idPrivate    = 0x63a2
	idTimestamp  = 0xe7
	idSimple     = 0xa3
	idBlock      = 0xa1
	idDuration   = 0x9b
	idAdditional = 0xa5
)

// Bounds of what is taken into memory.
const (
	maxTracks  = 64
	maxPrivate = 1 << 20
	maxBlock   = 64 << 10
)

// unknownEnd is how long a text is shown that does not say it.
const unknownEnd = 5 * time.Second

// ReadMatroska reads a stream that has nothing but tracks of text subtitles, as
// ffmpeg copies them out of a film, and returns the cues of each track, in the
// order of the stream. Times are the stream's. What is cut off is used as far as
// it goes; then the error is there too.
func ReadMatroska(r io.Reader) ([][]Cue, error) {
	m := &matroska{in: bufio.NewReaderSize(r, 64<<10), scale: int64(time.Millisecond), left: maxKept}
	err := m.read()
	m.flush()
	out := make([][]Cue, 0, len(m.tracks))
	for _, t := range m.tracks {
		out = append(out, orderly(withEnds(t.out.cues)))
	}
	return out, err
}

// matroska reads the elements one after the other. Those that hold others are
// gone into without a look at their size: which of a few names comes next says
// all that is needed.
type matroska struct {
	in      *bufio.Reader
	tracks  []*mkvTrack
	scale   int64 // nanoseconds a tick
	left    int   // bytes for cues
	cluster int64
	block   *mkvBlock // not yet flushed
	full    bool
}

type mkvTrack struct {
	number uint64
	codec  string
	script script
	out    gathered
}

type mkvBlock struct {
	track    *mkvTrack
	start    int64
	duration int64 // ticks; 0: not told
	text     string
	extra    string // of WebVTT: its settings, then its identifier
}

func (m *matroska) read() error {
	for first := true; !m.full; first = false {
		id, size, err := m.header()
		switch {
		case errors.Is(err, io.EOF) && !first:
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		case first && id != 0x1a45dfa3:
			return ErrDamaged
		}
		if err := m.element(id, size); err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
	}
	return ErrTooLarge
}

func (m *matroska) element(id uint32, size uint64) error {
	switch id {
	case idSegment, idInfo, idTracks, idAdditions, idMore:
		return nil
	case idCluster, idBlockGroup:
		m.flush()
		return nil
	case idTrackEntry:
		if len(m.tracks) >= maxTracks {
			return ErrTooLarge
		}
		t := &mkvTrack{script: script{looks: map[string]look{}}}
		t.out.left = &m.left
		m.tracks = append(m.tracks, t)
		return nil
	case idScale, idNumber, idTimestamp, idDuration:
		v, err := m.integer(size)
		if err == nil {
			m.number(id, v)
		}
		return err
	case idCodec, idPrivate, idAdditional, idSimple, idBlock:
		limit := uint64(maxBlock)
		if id == idPrivate {
			limit = maxPrivate
		}
		if size > limit {
			return m.skip(size)
		}
		data := make([]byte, size)
		if _, err := io.ReadFull(m.in, data); err != nil {
			return err
		}
		m.data(id, data)
		return nil
	}
	return m.skip(size)
}

func (m *matroska) number(id uint32, v int64) {
	switch id {
	case idScale:
		m.scale = min(max(v, 1), int64(time.Second))
	case idNumber:
		if n := len(m.tracks); n > 0 {
			m.tracks[n-1].number = uint64(v) //nolint:gosec // compared only
		}
	case idTimestamp:
		m.flush()
		m.cluster = v
	case idDuration:
		if m.block != nil {
			m.block.duration = v
		}
	}
}

func (m *matroska) data(id uint32, data []byte) {
	switch id {
	case idCodec:
		if n := len(m.tracks); n > 0 {
			m.tracks[n-1].codec = string(data)
		}
	case idPrivate:
		if n := len(m.tracks); n > 0 {
			for line := range lines(valid(data)) {
				m.tracks[n-1].script.line(line)
			}
		}
	case idAdditional:
		if m.block != nil {
			m.block.extra = valid(data)
		}
	default:
		m.flush()
		number, n := vint(data)
		if n == 0 || len(data) < n+3 {
			return
		}
		for _, t := range m.tracks {
			if t.number == number {
				at := int64(int16(binary.BigEndian.Uint16(data[n:]))) //nolint:gosec // it is signed
				m.block = &mkvBlock{track: t, start: m.cluster + at, text: valid(data[n+3:])}
			}
		}
	}
}

// flush makes a cue of the block that is complete.
func (m *matroska) flush() {
	b := m.block
	if m.block = nil; b == nil {
		return
	}
	c := b.cue()
	c.Start = m.time(b.start)
	c.End = c.Start + m.time(b.duration)
	if !b.track.out.add(c) {
		m.full = m.left < 0
	}
}

// cue is the block's text, by its codec.
func (b *mkvBlock) cue() Cue {
	switch codec := b.track.codec; {
	case strings.HasSuffix(codec, "/ASS"), strings.HasSuffix(codec, "/SSA"), codec == "S_ASS", codec == "S_SSA":
		const columns = 9 // number, layer, style, name, three margins, effect, text
		values := strings.SplitN(b.text, ",", columns)
		if len(values) < columns {
			return Cue{}
		}
		return b.track.script.event(values[2], values[columns-1])
	case strings.Contains(codec, "WEBVTT"):
		place, _, _ := strings.Cut(b.extra, "\n")
		c := Cue{Settings: vttSettings(place)}
		c.finish(strings.Split(b.text, "\n"), true)
		return c
	default:
		var c Cue
		c.finish(strings.FieldsFunc(b.text, func(r rune) bool { return r == '\n' || r == '\r' }), false)
		return c
	}
}

// time is ticks as a duration; what cannot be is far beyond any film.
func (m *matroska) time(ticks int64) time.Duration {
	if ticks > math.MaxInt64/m.scale || ticks < math.MinInt64/m.scale {
		return maxHours * time.Hour
	}
	return min(time.Duration(ticks*m.scale), maxHours*time.Hour)
}

// withEnds gives those an end that have none: the next text, or soon.
func withEnds(cues []Cue) []Cue {
	for i := range cues {
		c := &cues[i]
		if c.End > c.Start {
			continue
		}
		c.End = c.Start + unknownEnd
		if i+1 < len(cues) && cues[i+1].Start > c.Start {
			c.End = min(c.End, cues[i+1].Start)
		}
	}
	return cues
}

// header reads an element's name and size; the size of what holds others may be unknown.
func (m *matroska) header() (id uint32, size uint64, err error) {
	first, err := m.in.Peek(1)
	if err != nil {
		return 0, 0, err
	}
	n := bits.LeadingZeros8(first[0]) + 1
	if n > 4 {
		return 0, 0, errors.New("no element")
	}
	for range n {
		b, cutOff := m.in.ReadByte()
		if cutOff != nil {
			return 0, 0, unexpected(cutOff)
		}
		id = id<<8 | uint32(b)
	}
	if first, err = m.in.Peek(1); err != nil {
		return 0, 0, unexpected(err)
	}
	n = bits.LeadingZeros8(first[0]) + 1
	var head [8]byte
	if n > len(head) {
		return 0, 0, errors.New("no size")
	}
	if _, err := io.ReadFull(m.in, head[:n]); err != nil {
		return 0, 0, unexpected(err)
	}
	size, _ = vint(head[:n])
	return id, size, nil
}

// integer reads an unsigned number of at most 8 bytes.
func (m *matroska) integer(size uint64) (int64, error) {
	var word [8]byte
	if size > uint64(len(word)) {
		return 0, errors.New("a number that is too long")
	}
	if _, err := io.ReadFull(m.in, word[8-size:]); err != nil {
		return 0, unexpected(err)
	}
	return int64(min(binary.BigEndian.Uint64(word[:]), math.MaxInt64)), nil
}

func (m *matroska) skip(size uint64) error {
	if size > math.MaxInt64 {
		return errors.New("no size")
	}
	_, err := io.CopyN(io.Discard, m.in, int64(size))
	return unexpected(err)
}

// unexpected: an end within an element is none.
func unexpected(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// vint reads a number of variable length without its marker; n is 0 when it is cut off or none.
func vint(data []byte) (v uint64, n int) {
	if len(data) == 0 || data[0] == 0 {
		return 0, 0
	}
	n = bits.LeadingZeros8(data[0]) + 1
	if n > len(data) {
		return 0, 0
	}
	for _, b := range data[:n] {
		v = v<<8 | uint64(b)
	}
	return v & (1<<(7*n) - 1), n
}
