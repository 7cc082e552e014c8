package sound

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Versions of sound.json: sound that was made from its beginning to its end, and
// sound that is made by pieces.
const (
	SchemaWhole  = 1
	SchemaPieces = 2
)

// Index is sound.json.
type Index struct {
	Schema          int     `json:"schema"`
	Frames          int     `json:"frames"` // of SchemaPieces: those that are wanted
	Bytes           int64   `json:"bytes"`  // of sound.aac
	RateHz          int     `json:"rateHz"`
	Channels        int     `json:"channels"`
	SamplesPerFrame int     `json:"samplesPerFrame"`
	PrimingFrames   int     `json:"primingFrames"`
	EveryFrames     int     `json:"everyFrames"`
	Offsets         []int64 `json:"offsets,omitempty"` // SchemaWhole: of every EveryFrames-th frame

	PieceFrames int     `json:"pieceFrames,omitempty"` // SchemaPieces: of each but the last
	Pieces      []Piece `json:"pieces,omitempty"`      // in the order of their numbers; those that are missing are still to be made
}

// Piece is where one lies in sound.aac.
type Piece struct {
	Number  int     `json:"number"`
	Frames  int     `json:"frames"` // fewer than belong to it: silence follows
	At      int64   `json:"at"`
	Bytes   int64   `json:"bytes"`
	Offsets []int64 `json:"offsets"` // of every EveryFrames-th frame, from At on
}

// index describes what is there, of pieces those that are whole. Holds mu.
func (s *Sound) index() Index {
	x := Index{
		Schema: SchemaWhole, Bytes: s.bytes, RateHz: RateHz, Channels: Channels,
		SamplesPerFrame: SamplesPerFrame, PrimingFrames: PrimingFrames, EveryFrames: every,
	}
	if s.pieceFrames == 0 {
		x.Frames, x.Offsets = s.pieces[0].frames, s.pieces[0].offsets
		return x
	}
	x.Schema, x.Frames, x.PieceFrames = SchemaPieces, s.total, s.pieceFrames
	for n, p := range s.pieces {
		if p.whole {
			x.Pieces = append(x.Pieces, Piece{Number: n, Frames: p.frames, At: p.at, Bytes: p.bytes, Offsets: p.offsets})
		}
	}
	return x
}

// sound is what an index describes; ErrDamaged when it contradicts itself.
func (x *Index) sound(dir string) (*Sound, error) {
	s := &Sound{dir: dir, bytes: x.Bytes}
	mine := x.RateHz == RateHz && x.Channels == Channels && x.SamplesPerFrame == SamplesPerFrame && x.PrimingFrames == PrimingFrames && x.EveryFrames == every
	switch {
	case !mine || x.Frames <= 0 || x.Frames > mostFrames || x.Bytes < 0:
		return nil, errIndex
	case x.Schema == SchemaWhole:
		one := Piece{Frames: x.Frames, Bytes: x.Bytes, Offsets: x.Offsets}
		if !one.valid(x.Bytes) {
			return nil, errIndex
		}
		s.pieces, s.complete = []piece{one.piece()}, true
		return s, nil
	case x.Schema != SchemaPieces || x.PieceFrames < every || x.PieceFrames > mostFrames || x.PieceFrames%every != 0:
		return nil, errIndex
	}
	s.total, s.pieceFrames = x.Frames, x.PieceFrames
	s.pieces = make([]piece, pieceCount(s.total, s.pieceFrames))
	last := -1
	for _, one := range x.Pieces {
		if one.Number <= last || one.Number >= len(s.pieces) || one.Frames > s.place(one.Number) || !one.valid(x.Bytes) {
			return nil, errIndex
		}
		last = one.Number
		s.pieces[last] = one.piece()
	}
	s.complete = len(x.Pieces) == len(s.pieces)
	return s, nil
}

func (x *Piece) piece() piece {
	return piece{at: x.At, offsets: x.Offsets, bytes: x.Bytes, frames: x.Frames, whole: true}
}

// valid tells whether a piece agrees with itself and with a file of so many bytes:
// as much memory is taken as lies between two offsets, never more than frames can fill.
func (x *Piece) valid(fileBytes int64) bool {
	if x.Frames == 0 && len(x.Offsets) == 0 && x.Bytes == 0 {
		return x.At >= 0 && x.At <= fileBytes // all of it is silent
	}
	if x.Frames <= 0 || x.At < 0 || x.Bytes < 0 || x.At > fileBytes-x.Bytes || len(x.Offsets) != (x.Frames+every-1)/every || x.Offsets[0] != 0 {
		return false
	}
	for group, at := range x.Offsets {
		end, frames := x.Bytes, x.Frames-group*every
		if group+1 < len(x.Offsets) {
			end, frames = x.Offsets[group+1], every
		}
		if size := end - at; size < int64(frames*(HeaderBytes+1)) || size > int64(frames*mostFrameBytes) {
			return false
		}
	}
	return true
}

const (
	// mostIndexBytes bounds sound.json: three days of sound.
	mostIndexBytes = 4 << 20
	// mostFrames is more than fit into such an index.
	mostFrames = 1 << 25
)

var errIndex = fmt.Errorf("%w: its index does not fit", ErrDamaged)

// Open reads the index of sound that is whole. ErrDamaged when it is not, or
// what the disk says.
func Open(dir string) (*Sound, error) {
	s, size, err := open(dir)
	if err == nil && (!s.complete || size != s.bytes) {
		err = errIndex
	}
	if err != nil {
		return nil, fmt.Errorf("open converted sound: %w", err)
	}
	return s, nil
}

// open reads what there is, and how large the file of frames is.
func open(dir string) (s *Sound, fileBytes int64, err error) {
	x, err := readIndex(filepath.Join(dir, IndexFile))
	if err != nil {
		return nil, 0, err
	}
	info, err := os.Stat(filepath.Join(dir, FramesFile))
	if err != nil {
		return nil, 0, err
	}
	s, err = x.sound(dir)
	return s, info.Size(), err
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
