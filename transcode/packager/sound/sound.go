package sound

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

var (
	// ErrNotYet is a frame that is still to come.
	ErrNotYet = errors.New("the sound is not converted up to there")
	// ErrDamaged is a folder that does not hold what was written there.
	ErrDamaged = errors.New("the converted sound is damaged")
)

// The files of a rendition's folder.
const (
	FramesFile = "sound.aac"
	IndexFile  = "sound.json"
)

// every how many frames an offset is kept: 1.4 s, 4 KB to read too much at most
// for 100 KB of a segment, and 50 KB of offsets for a film of two hours.
const every = 64

// mostFrameBytes is the largest size that a header can tell, in 13 bits.
const mostFrameBytes = 1<<13 - 1

// Sound is converted sound, whole or growing. It can be used by several at once.
type Sound struct {
	dir string

	mu          sync.RWMutex
	pieceFrames int     // 0: a single piece without an end
	total       int     // frames that are wanted of pieces
	pieces      []piece // by their number
	bytes       int64   // of FramesFile
	complete    bool
}

// piece is a stretch of the sound whose frames lie in a row.
type piece struct {
	at      int64   // in the file
	offsets []int64 // of every EveryFrames-th frame, from at on
	bytes   int64
	frames  int
	whole   bool // there are no more than these: silence follows
}

// Made is how many frames can be read in a row from the first on, and whether that is all.
func (s *Sound) Made() (frames int, complete bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.pieceFrames == 0 {
		return s.pieces[0].frames, s.complete
	}
	for n := range s.pieces {
		p := &s.pieces[n]
		if p.frames > 0 {
			frames = n*s.pieceFrames + p.frames
		}
		if !p.whole {
			return n*s.pieceFrames + p.frames, false
		}
	}
	return frames, true
}

// Has tells whether frames from one number to another can be read.
func (s *Sound) Has(from, to int) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, err := s.find(from, to)
	return err == nil
}

// MemoryBytes is about what it takes in memory.
func (s *Sound) MemoryBytes() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	total := int64(len(s.pieces)) * 72
	for n := range s.pieces {
		total += 8 * int64(cap(s.pieces[n].offsets))
	}
	return total
}

// extent is what is read of a piece.
type extent struct {
	number   int // of the first frame to be returned
	skip     int // frames before it
	frames   int
	at, end  int64
	bordered bool // end is that of the last frame
}

// find says where frames lie; ErrNotYet. Holds mu.
func (s *Sound) find(from, to int) ([]extent, error) {
	var found []extent
	for from < to {
		n, first, next := 0, 0, to
		if s.pieceFrames > 0 {
			n = from / s.pieceFrames
			first = n * s.pieceFrames
			next = min(to, first+s.pieceFrames)
		}
		if n >= len(s.pieces) {
			break // behind the end
		}
		p := &s.pieces[n]
		if next-first > p.frames && !p.whole {
			return nil, ErrNotYet
		}
		if low, high := from-first, min(next-first, p.frames); low < high {
			e := extent{number: from, skip: low % every, frames: high - low, at: p.at + p.offsets[low/every], end: p.at + p.bytes}
			if group := (high + every - 1) / every; group < len(p.offsets) {
				e.end = p.at + p.offsets[group]
			}
			e.bordered = high%every == 0 || high == p.frames && p.whole
			found = append(found, e)
		}
		from = next
	}
	return found, nil
}

// Frames returns frames from one number to another, without their headers; nil
// for one that is silent because the sound has a hole there, fewer where it ends
// before. ErrNotYet when it has not come so far.
func (s *Sound) Frames(from, to int) ([][]byte, error) {
	s.mu.RLock()
	found, err := s.find(from, to)
	s.mu.RUnlock()
	if err != nil {
		return nil, err
	}
	var frames [][]byte
	for _, e := range found {
		for len(frames) < e.number-from {
			frames = append(frames, nil)
		}
		data, err := s.read(e.at, e.end)
		if err != nil {
			return nil, err
		}
		if frames, err = e.appendFrames(frames, data); err != nil {
			return nil, err
		}
	}
	return frames, nil
}

// appendFrames takes the frames out of what was read.
func (e *extent) appendFrames(frames [][]byte, data []byte) ([][]byte, error) {
	for i := range e.skip + e.frames {
		n := e.number - e.skip + i
		if len(data) < HeaderBytes {
			return nil, fmt.Errorf("%w: it ends before frame %d", ErrDamaged, n)
		}
		size, err := frameSize(data)
		if err != nil {
			return nil, fmt.Errorf("frame %d: %w", n, err)
		}
		if size > len(data) {
			return nil, fmt.Errorf("%w: frame %d is longer than its place", ErrDamaged, n)
		}
		if i >= e.skip {
			frames = append(frames, data[HeaderBytes:size:size])
		}
		data = data[size:]
	}
	if e.bordered && len(data) > 0 {
		return nil, fmt.Errorf("%w: frame %d does not end where the next begins", ErrDamaged, e.number+e.frames-1)
	}
	return frames, nil
}

// read opens the file each time: nothing is held that would keep a removed
// rendition on the disk.
func (s *Sound) read(from, to int64) ([]byte, error) {
	f, err := os.Open(filepath.Join(s.dir, FramesFile))
	if err != nil {
		return nil, fmt.Errorf("read converted sound: %w", err)
	}
	defer f.Close()
	data := make([]byte, to-from)
	if _, err := f.ReadAt(data, from); err != nil {
		if errors.Is(err, io.EOF) {
			err = ErrDamaged
		}
		return nil, fmt.Errorf("read converted sound: %w", err)
	}
	return data, nil
}
