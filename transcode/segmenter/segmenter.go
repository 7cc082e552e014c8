package segmenter

import (
	"errors"
	"fmt"
	"io"
)

var (
	// ErrTooLong means that MaxSeconds or MaxBytes went by without an IDR.
	ErrTooLong = errors.New("no place to cut for too long")
	// ErrNoHeaders means that an IDR at which a segment begins has no SPS or no PPS before it.
	ErrNoHeaders = errors.New("no SPS and PPS before an IDR")
	// ErrNoVideo means that there is no H.264 stream, or no IDR in it.
	ErrNoVideo = errors.New("no video that can be cut")
	// ErrNotTS means that the input is not a transport stream, or not any more.
	ErrNotTS = errors.New("not an MPEG transport stream")
)

// Options say how long segments are. The zero value is what StreamBox uses.
type Options struct {
	TargetSeconds float64 // a segment ends at the first IDR after this; 0: 4
	MaxSeconds    float64 // more without an IDR is ErrTooLong; 0: 20
	MaxBytes      int     // so is more than this; 0: 16 MiB
	// RepeatHeaders: where an IDR begins a segment and has no SPS and PPS before
	// it, the latest of the stream are put there. Without it that is ErrNoHeaders.
	RepeatHeaders bool
	// Before are the continuity counters that this stream goes on from, which
	// then join; nil: it is the first, its counters stay as they come.
	Before Counters
}

// DefaultMaxSeconds is the longest that a segment gets unless told otherwise.
const DefaultMaxSeconds = 20

// Segment is one finished piece of the stream.
type Segment struct {
	Number          int     // from 0, without gaps
	Data            []byte  // whole TS packets; belongs to the receiver
	StartSeconds    float64 // of its first picture, from the first picture of segment 0
	DurationSeconds float64 // to the next segment's first picture; of the last one: to the end of picture and sound
	PTS             int64   // of its first picture, as it stands in the stream: 33 bits, 90 kHz

	free chan<- []byte
}

// Release gives Data back to be filled again, which spares the machine two
// collections of garbage per segment. It need not be called, but when it is,
// Data must not be touched any more. Safe on any goroutine, at any time.
func (s Segment) Release() {
	select {
	case s.free <- s.Data[:0]:
	default: // enough of them, or the zero Segment
	}
}

const (
	ticksPerSecond = 90_000
	// A guess at the size of the first segment; later ones are measured by the one before.
	firstCapacity = 1 << 20
	// maxFree buffers are kept for reuse: as many as a receiver may sensibly hold.
	maxFree = 6
	// maxTolerance bounds "one frame" where frames are rare.
	maxTolerance = ticksPerSecond / 10
)

// Segmenter is an io.Writer for the stream. It is not safe for concurrent use.
type Segmenter struct {
	target, maxTicks int64
	maxBytes         int
	emit             func(Segment) error
	join             *joiner // nil: counters stay

	err     error // sticky
	closed  bool
	offset  int64 // bytes of whole packets seen, for messages
	partial [packetSize]byte
	held    int // bytes in partial

	routes [1 << 13]route // by PID
	tables tables
	tracks []track // tracks[0] is the video
	clock  clock

	buf        []byte // the segment being gathered, tables included
	free       chan []byte
	unitAt     int // where in buf the undecided access unit begins; -1: none
	number     int
	started    bool  // the first IDR has come
	firstVideo int64 // ticks of the first picture of all, IDR or not; -1: none yet
	origin     int64 // ticks of the first segment's start
	start      int64 // ticks of this segment's start
	ended      bool  // sound went on too long after the last picture
	headers    headers
}

// New makes a Segmenter that gives each segment to emit as soon as the next
// one begins. An error of emit ends the stream and is returned by Write.
func New(o Options, emit func(Segment) error) *Segmenter {
	if o.TargetSeconds <= 0 {
		o.TargetSeconds = 4
	}
	if o.MaxSeconds <= 0 {
		o.MaxSeconds = DefaultMaxSeconds
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 16 << 20
	}
	s := &Segmenter{
		target:     int64(o.TargetSeconds * ticksPerSecond),
		maxTicks:   int64(o.MaxSeconds * ticksPerSecond),
		maxBytes:   o.MaxBytes,
		emit:       emit,
		free:       make(chan []byte, maxFree),
		unitAt:     -1,
		firstVideo: -1,
		headers:    headers{wanted: o.RepeatHeaders},
	}
	if o.Before != nil {
		s.join = &joiner{before: o.Before, shift: map[uint16]uint8{}}
	}
	s.routes[pidPAT] = routePAT
	return s
}

// Write takes the next bytes of the stream. Its errors are final: ErrTooLong,
// ErrNoHeaders, ErrNoVideo or ErrNotTS with detail, or that of emit.
func (s *Segmenter) Write(p []byte) (int, error) {
	if s.closed {
		return 0, fmt.Errorf("write to segmenter: %w", io.ErrClosedPipe)
	}
	if s.err != nil {
		return 0, s.err
	}
	n := len(p)
	if s.held > 0 {
		c := copy(s.partial[s.held:], p)
		s.held += c
		p = p[c:]
		if s.held < packetSize {
			return n, nil
		}
		s.held = 0
		if s.err = s.packets(s.partial[:]); s.err != nil {
			return 0, s.err
		}
	}
	whole := len(p) - len(p)%packetSize
	if s.err = s.packets(p[:whole]); s.err != nil {
		return 0, s.err
	}
	s.held = copy(s.partial[:], p[whole:])
	return n, nil
}

// Close ends the stream and emits the last segment. A packet that is not whole
// is dropped: it is what a killed ffmpeg leaves. Calling it again does nothing.
func (s *Segmenter) Close() error {
	if s.closed {
		return s.err
	}
	s.closed = true
	switch {
	case s.err != nil:
	case s.held > 0 && s.partial[0] != syncByte:
		s.err = s.lostSync(0)
	case !s.started:
		s.err = s.noVideo()
	default:
		s.err = s.last()
	}
	s.buf = nil
	return s.err
}

func (s *Segmenter) lostSync(at int) error {
	return fmt.Errorf("%w: no sync byte at byte %d", ErrNotTS, s.offset+int64(at))
}

func (s *Segmenter) noVideo() error {
	switch {
	case s.tables.pmt == nil:
		return fmt.Errorf("%w: the stream ended without naming its parts", ErrNoVideo)
	case s.firstVideo < 0:
		return fmt.Errorf("%w: the stream ended without a picture", ErrNoVideo)
	default:
		return fmt.Errorf("%w: the stream ended without an IDR", ErrNoVideo)
	}
}
