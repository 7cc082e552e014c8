package sound

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Sound may be made by pieces, in any order: whoever seeks far ahead does not
// wait for all that lies between. Each piece is a run of ffmpeg by itself, which
// begins PrerollFrames early, so that encoder and decoder are under way, and ends
// with some frames too many, since an encoder looks ahead; both are left out. So
// the bytes of a piece depend on the film and its number alone, not on which was
// made first, nor on what was interrupted and made again.
const (
	// PieceFrames is how many belong to a piece: a minute. A shorter one costs more
	// starts of ffmpeg (each some tenth of a second on a small board), a longer one
	// makes who seeks wait.
	PieceFrames = 44 * every
	// PrerollFrames come before a piece but the first: a second.
	PrerollFrames = 47
	// behindFrames come after it: what the encoder looks ahead, and to spare.
	behindFrames = 8
)

// Stretch is what of a film a run is to convert that makes a piece: it begins so
// many samples after the film's beginning, and lasts so many.
func (w *Writer) Stretch(piece int) (fromSamples, samples int64) {
	s := w.sound
	first := piece * s.pieceFrames
	early := w.early(piece)
	last := min(first+s.pieceFrames, s.total)
	return int64(first-early) * SamplesPerFrame, int64(last-first+early+behindFrames) * SamplesPerFrame
}

// early is how many frames a piece's run begins before it. A run's first frame is
// the encoder's priming, which in the first piece is kept.
func (w *Writer) early(piece int) int {
	if piece == 0 {
		return 0
	}
	return min(PrerollFrames, piece*w.sound.pieceFrames)
}

// CreatePieces is Create for sound of so many frames, priming included, that is
// made by pieces of so many (a multiple of 64).
func CreatePieces(dir string, frames, pieceFrames int) (*Writer, error) {
	if frames <= 0 || frames > mostFrames || pieceFrames < every || pieceFrames%every != 0 {
		return nil, fmt.Errorf("make converted sound: %d frames in pieces of %d", frames, pieceFrames)
	}
	w, err := Create(dir)
	if err != nil {
		return nil, err
	}
	w.sound.total, w.sound.pieceFrames = frames, pieceFrames
	w.sound.pieces = make([]piece, pieceCount(frames, pieceFrames))
	w.number = -1
	return w, nil
}

// Resume goes on with what Save or Suspend left. ErrDamaged when it is not that,
// or was made for another number of frames or by other pieces.
func Resume(dir string, frames, pieceFrames int) (*Writer, error) {
	s, size, err := open(dir)
	if err == nil && (s.total != frames || s.pieceFrames != pieceFrames || size < s.bytes) {
		err = errIndex
	}
	if err != nil {
		return nil, fmt.Errorf("go on with converted sound: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, FramesFile), os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("go on with converted sound: %w", err)
	}
	if err = file.Truncate(s.bytes); err != nil { // what came after the last Save
		return nil, errors.Join(fmt.Errorf("go on with converted sound: %w", err), file.Close())
	}
	s.complete = false // until Finish
	return &Writer{sound: s, file: file, number: -1}, nil
}

// Next is the first piece from one on, round and round, that is still to be made;
// false: none is.
func (w *Writer) Next(from int) (piece int, ok bool) {
	count := len(w.sound.pieces)
	for i := range count {
		n := (from + i) % count
		if !w.sound.pieces[n].whole {
			return n, true
		}
	}
	return 0, false
}

// PieceOf is the piece that a frame belongs to.
func (w *Writer) PieceOf(frame int) int {
	return max(0, min(frame/w.sound.pieceFrames, len(w.sound.pieces)-1))
}

// Begin takes what is written from now on as a piece, of which Stretch tells what
// belongs to it. What came of it before is forgotten.
func (w *Writer) Begin(number int) {
	s := w.sound
	s.mu.Lock()
	defer s.mu.Unlock()
	w.abandon()
	w.number, w.skip = number, w.early(number)
	s.pieces[number] = piece{at: s.bytes}
}

// End makes the piece whole with what has come: where that is not all, the sound
// has ended, and silence follows.
func (w *Writer) End() {
	s := w.sound
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pieces[w.number].whole = true
	w.number, w.pending = -1, w.pending[:0]
}

// Abandon forgets the piece that was begun.
func (w *Writer) Abandon() {
	w.sound.mu.Lock()
	defer w.sound.mu.Unlock()
	w.abandon()
}

// abandon is Abandon with mu held.
func (w *Writer) abandon() {
	if w.number >= 0 {
		// Its place in the file stays free: somebody may be reading there.
		w.sound.pieces[w.number] = piece{}
	}
	w.number, w.pending = -1, w.pending[:0]
}

// Save brings the pieces that are whole to the disk, for Resume after a crash.
func (w *Writer) Save() error {
	if _, err := w.save(); err != nil {
		return fmt.Errorf("keep converted sound: %w", err)
	}
	return nil
}

// Suspend keeps the pieces that are whole and lets the folder go, for Resume.
// What is being read of the others ends with ErrNotYet.
func (w *Writer) Suspend() error {
	w.Abandon()
	_, err := w.save()
	if closing := w.file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("keep converted sound: %w", err)
	}
	return nil
}

// MadeFrames is how many frames of pieces there are, wherever they lie.
func (s *Sound) MadeFrames() (frames, of int) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for n := range s.pieces {
		if p := &s.pieces[n]; p.whole {
			frames += s.place(n)
		} else {
			frames += p.frames
		}
	}
	return frames, s.total
}

func pieceCount(frames, pieceFrames int) int { return (frames + pieceFrames - 1) / pieceFrames }

// place is how many frames belong to a piece.
func (s *Sound) place(n int) int { return min(s.pieceFrames, s.total-n*s.pieceFrames) }
