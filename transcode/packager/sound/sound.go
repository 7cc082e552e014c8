package sound

import (
	"encoding/json"
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

// Schema is the version of sound.json.
const Schema = 1

// every how many frames an offset is kept: 1.4 s, 4 KB to read too much at most
// for 100 KB of a segment, and 50 KB of offsets for a film of two hours.
const every = 64

// Index is sound.json.
type Index struct {
	Schema          int     `json:"schema"`
	Frames          int     `json:"frames"`
	Bytes           int64   `json:"bytes"` // of sound.aac
	RateHz          int     `json:"rateHz"`
	Channels        int     `json:"channels"`
	SamplesPerFrame int     `json:"samplesPerFrame"`
	PrimingFrames   int     `json:"primingFrames"`
	EveryFrames     int     `json:"everyFrames"`
	Offsets         []int64 `json:"offsets"` // of every EveryFrames-th frame
}

// Sound is converted sound, whole or growing. It can be used by several at once.
type Sound struct {
	dir string

	mu       sync.RWMutex
	offsets  []int64
	frames   int
	bytes    int64
	complete bool
}

// mostIndexBytes bounds sound.json: three days of sound.
const mostIndexBytes = 4 << 20

// Open reads the index of sound that is whole. ErrDamaged when it is not, or
// what the disk says.
func Open(dir string) (*Sound, error) {
	x, err := readIndex(filepath.Join(dir, IndexFile))
	if err != nil {
		return nil, fmt.Errorf("open converted sound: %w", err)
	}
	info, err := os.Stat(filepath.Join(dir, FramesFile))
	if err != nil {
		return nil, fmt.Errorf("open converted sound: %w", err)
	}
	if info.Size() != x.Bytes || !x.valid() {
		return nil, fmt.Errorf("open converted sound: %w: its index does not fit", ErrDamaged)
	}
	return &Sound{dir: dir, offsets: x.Offsets, frames: x.Frames, bytes: x.Bytes, complete: true}, nil
}

func readIndex(name string) (x Index, err error) {
	f, err := os.Open(name)
	if err != nil {
		return x, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, mostIndexBytes))
	if err != nil {
		return x, err
	}
	if json.Unmarshal(data, &x) != nil {
		return x, fmt.Errorf("%w: its index is none", ErrDamaged)
	}
	return x, nil
}

// valid tells whether an index is of this format and agrees with itself.
func (x *Index) valid() bool {
	mine := x.Schema == Schema && x.RateHz == RateHz && x.Channels == Channels && x.SamplesPerFrame == SamplesPerFrame &&
		x.PrimingFrames == PrimingFrames && x.EveryFrames == every
	if !mine || x.Frames <= 0 || len(x.Offsets) != (x.Frames+every-1)/every || x.Offsets[0] != 0 {
		return false
	}
	for group, at := range x.Offsets {
		end, frames := x.Bytes, x.Frames-group*every
		if group+1 < len(x.Offsets) {
			end, frames = x.Offsets[group+1], every
		}
		// As much memory is taken as lies between two offsets: never more than frames can fill.
		if size := end - at; size < int64(frames*(HeaderBytes+1)) || size > int64(frames*mostFrameBytes) {
			return false
		}
	}
	return true
}

// mostFrameBytes is the largest size that a header can tell, in 13 bits.
const mostFrameBytes = 1<<13 - 1

// Made is how many frames there are, and whether that is all.
func (s *Sound) Made() (frames int, complete bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.frames, s.complete
}

// Frames returns frames from one number to another, without their headers; fewer
// where the sound ends before. ErrNotYet when it has not come so far.
func (s *Sound) Frames(from, to int) ([][]byte, error) {
	s.mu.RLock()
	made, complete, end := s.frames, s.complete, s.bytes
	if to > made && !complete {
		s.mu.RUnlock()
		return nil, ErrNotYet
	}
	to = min(to, made)
	if from >= to {
		s.mu.RUnlock()
		return nil, nil
	}
	at := s.offsets[from/every]
	if next := (to + every - 1) / every; next < len(s.offsets) {
		end = s.offsets[next]
	}
	s.mu.RUnlock()
	data, err := s.read(at, end)
	if err != nil {
		return nil, err
	}
	frames := make([][]byte, 0, to-from)
	for n := from / every * every; n < to; n++ {
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
		if n >= from {
			frames = append(frames, data[HeaderBytes:size:size])
		}
		data = data[size:]
	}
	if to%every == 0 && len(data) > 0 {
		return nil, fmt.Errorf("%w: frame %d does not end where the next begins", ErrDamaged, to-1)
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
