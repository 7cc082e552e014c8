package mkv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"

	"streambox.local/transcode/packager/track"
)

// Element IDs (RFC 9559, 5.1; RFC 8794, 11.2), their length markers included.
const (
	idEBML    = 0x1a45dfa3
	idDocType = 0x4282
	idSegment = 0x18538067

	idSeekHead    = 0x114d9b74
	idSeek        = 0x4dbb
	idSeekID      = 0x53ab
	idSeekPlace   = 0x53ac
	idInfo        = 0x1549a966
	idScale       = 0x2ad7b1
	idTracks      = 0x1654ae6b
	idCues        = 0x1c53bb6b
	idCluster     = 0x1f43b675
	idChapters    = 0x1043a770
	idAttachments = 0x1941a469
	idTags        = 0x1254c367

	idTrackEntry      = 0xae
	idNumber          = 0xd7
	idType            = 0x83
	idCodec           = 0x86
	idPrivate         = 0x63a2
	idDefaultDuration = 0x23e383
	idCodecDelay      = 0x56aa
	idVideo           = 0xe0
	idPixelWidth      = 0xb0
	idPixelHeight     = 0xba
	idDisplayWidth    = 0x54b0
	idDisplayHeight   = 0x54ba
	idDisplayUnit     = 0x54b2
	idColour          = 0x55b0
	idMatrix          = 0x55b1
	idRange           = 0x55b9
	idTransfer        = 0x55ba
	idPrimaries       = 0x55bb
	idAudio           = 0xe1
	idSamplingRate    = 0xb5
	idChannels        = 0x9f
	idEncodings       = 0x6d80
	idEncoding        = 0x6240
	idCompression     = 0x5034
	idAlgorithm       = 0x4254
	idSettings        = 0x4255
	idEncryption      = 0x5035

	idCuePoint     = 0xbb
	idCueTime      = 0xb3
	idCuePositions = 0xb7
	idCueTrack     = 0xf7
	idCueCluster   = 0xf1
	idCueRelative  = 0xf0

	idTimestamp   = 0xe7
	idSimpleBlock = 0xa3
	idBlockGroup  = 0xa0
	idBlock       = 0xa1
	idReference   = 0xfb
	idDuration    = 0x9b
)

// atTop tells the elements that a cluster of unknown size ends at.
func atTop(id uint32) bool {
	switch id {
	case idCluster, idCues, idTags, idChapters, idAttachments, idSeekHead, idInfo, idTracks:
		return true
	}
	return false
}

// element is one element: its body lies from body to end.
type element struct {
	id        uint32
	at        int64
	body, end int64
	unknown   bool // its size is: end is that of what it lies in
}

// errCutOff is an element that goes beyond what it lies in.
var errCutOff = fmt.Errorf("%w: cut off", track.ErrDamaged)

const (
	mostElements = 4 << 20 // looked at by one reader
	mostConfig   = 64 << 10
	mostTracks   = 4096
)

// elements reads elements through a window.
type elements struct {
	in    io.ReaderAt
	left  int
	buf   []byte // bytes of the file from at on
	at    int64
	bytes int // read at once
}

func newElements(in io.ReaderAt, window int) *elements {
	return &elements{in: in, left: mostElements, bytes: window}
}

// view returns n bytes of the file, fewer at its end; n is small. They are good
// until the next call.
func (e *elements) view(at int64, n int) ([]byte, error) {
	if at < e.at || at+int64(n) > e.at+int64(len(e.buf)) {
		if cap(e.buf) < max(n, e.bytes) {
			e.buf = make([]byte, max(n, e.bytes))
		}
		e.buf = e.buf[:cap(e.buf)]
		got, err := e.in.ReadAt(e.buf, at)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			e.buf = e.buf[:0]
			return nil, fmt.Errorf("read at %d: %w", at, err)
		}
		e.buf, e.at = e.buf[:got], at
	}
	from := at - e.at
	return e.buf[from:min(from+int64(n), int64(len(e.buf)))], nil
}

const mostHeader = 4 + 8

// next reads the element at an offset; end is that of what it lies in.
func (e *elements) next(at, end int64) (element, error) {
	if e.left--; e.left < 0 {
		return element{}, fmt.Errorf("%w: too many elements", track.ErrDamaged)
	}
	head, err := e.view(at, mostHeader)
	if err != nil {
		return element{}, err
	}
	id, n := vint(head, true)
	if n == 0 || n > 4 {
		return element{}, fmt.Errorf("%w: no element at byte %d", track.ErrDamaged, at)
	}
	size, m := vint(head[n:], false)
	if m == 0 {
		return element{}, fmt.Errorf("%w: an element without a size at byte %d", track.ErrDamaged, at)
	}
	one := element{id: uint32(id & math.MaxUint32), at: at, body: at + int64(n+m), end: end}
	switch {
	case size == 1<<(7*m)-1:
		one.unknown = true
	case one.body > end || size > uint64(end-one.body): //nolint:gosec // not negative after the first comparison
		return one, fmt.Errorf("element %#x at byte %d: %w", id, at, errCutOff)
	default:
		one.end = one.body + int64(size) //nolint:gosec // at most end
	}
	return one, nil
}

// vint reads a number of variable length; n is 0 when it is cut off or none.
func vint(data []byte, marker bool) (v uint64, n int) {
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
	if !marker {
		v &= 1<<(7*n) - 1
	}
	return v, n
}

// children calls take for each element between two offsets.
func (e *elements) children(of element, take func(element) error) error {
	for at := of.body; at < of.end; {
		one, err := e.next(at, of.end)
		if err != nil {
			return err
		}
		if err := take(one); err != nil {
			return err
		}
		at = one.end
	}
	return nil
}

// number reads an unsigned integer.
func (e *elements) number(one element) (uint64, error) {
	size := one.end - one.body
	if size > 8 || one.unknown {
		return 0, fmt.Errorf("%w: a number of %d bytes", track.ErrDamaged, size)
	}
	data, err := e.view(one.body, int(size))
	if err != nil {
		return 0, err
	}
	if len(data) < int(size) {
		return 0, errCutOff
	}
	var word [8]byte
	copy(word[8-size:], data)
	return binary.BigEndian.Uint64(word[:]), nil
}

// float reads a floating-point number.
func (e *elements) float(one element) (float64, error) {
	v, err := e.number(one)
	switch {
	case err != nil:
		return 0, err
	case one.end-one.body == 4:
		return float64(math.Float32frombits(uint32(v & math.MaxUint32))), nil
	}
	return math.Float64frombits(v), nil
}

// data reads a body of a few kilobytes into memory of its own.
func (e *elements) data(one element) ([]byte, error) {
	size := one.end - one.body
	if size > mostConfig || one.unknown {
		return nil, fmt.Errorf("%w: element %#x of %d bytes", track.ErrDamaged, one.id, size)
	}
	data := make([]byte, size)
	return data, track.ReadFull(e.in, data, one.body)
}
