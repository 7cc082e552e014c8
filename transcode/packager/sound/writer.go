package sound

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Writer owns a rendition's folder while its sound is made. It is for one
// goroutine, but for Sound and Bytes, which any may use. Whoever has made one must
// end it by Finish, Suspend or Discard.
type Writer struct {
	sound   *Sound
	file    *os.File
	pending []byte // of a frame that is not whole yet
	number  int    // the piece that is taken; -1: none
	skip    int    // frames of it that are still to be left out
}

const (
	dirMode  = 0o755
	fileMode = 0o644
)

// Create makes the folder, which must not exist, in one that must.
func Create(dir string) (*Writer, error) {
	if err := os.Mkdir(dir, dirMode); err != nil {
		return nil, fmt.Errorf("make a folder for converted sound: %w", err)
	}
	return begin(dir)
}

// CreateTemporary is Create for sound that is only needed meanwhile, in a folder of a
// free name. Name and content are those of a rendition: what a crash leaves in a
// title's folder goes as any unfinished rendition does.
func CreateTemporary(parent string) (*Writer, error) {
	dir, err := os.MkdirTemp(parent, "sound-00000000*")
	if err != nil {
		return nil, fmt.Errorf("make a folder for converted sound: %w", err)
	}
	return begin(dir)
}

func begin(dir string) (*Writer, error) {
	file, err := os.OpenFile(filepath.Join(dir, FramesFile), os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("make a file for converted sound: %w", err), os.Remove(dir))
	}
	return &Writer{sound: &Sound{dir: dir, pieces: make([]piece, 1)}, file: file}, nil
}

// Sound is what can be read by now.
func (w *Writer) Sound() *Sound { return w.sound }

// Bytes is how many are written.
func (w *Writer) Bytes() int64 {
	w.sound.mu.RLock()
	defer w.sound.mu.RUnlock()
	return w.sound.bytes
}

// Write takes ADTS as ffmpeg writes it, cut anywhere. ErrDamaged for anything
// else. Of a piece, what comes behind its last frame is left out.
func (w *Writer) Write(p []byte) (int, error) {
	w.pending = append(w.pending, p...)
	s := w.sound
	if w.number < 0 {
		return 0, fmt.Errorf("take converted sound: no piece is begun")
	}
	growing := &s.pieces[w.number] // read by others under mu, changed here alone
	room := mostFrames
	if s.pieceFrames > 0 {
		room = s.place(w.number)
	}
	begin, whole, frames := 0, 0, growing.frames
	var offsets []int64
	for len(w.pending)-whole >= HeaderBytes && frames < room {
		size, err := frameSize(w.pending[whole:])
		if err != nil {
			return 0, fmt.Errorf("take converted sound, frame %d: %w", frames, err)
		}
		if size > len(w.pending)-whole {
			break
		}
		if whole += size; w.skip > 0 {
			w.skip--
			begin = whole
			continue
		}
		if frames%every == 0 {
			offsets = append(offsets, growing.bytes+int64(whole-size-begin))
		}
		frames++
	}
	if taken := w.pending[begin:whole]; len(taken) > 0 {
		if _, err := w.file.WriteAt(taken, s.bytes); err != nil {
			return 0, fmt.Errorf("write converted sound: %w", err)
		}
	}
	s.mu.Lock() // now that they are there
	growing.offsets = append(growing.offsets, offsets...)
	growing.frames, growing.bytes, s.bytes = frames, growing.bytes+int64(whole-begin), s.bytes+int64(whole-begin)
	s.mu.Unlock()
	if w.pending = append(w.pending[:0], w.pending[whole:]...); frames == room {
		w.pending = w.pending[:0]
	}
	return len(p), nil
}

// Finish makes the sound whole and returns when all of it is on the disk: the
// frames, the index, the folder and its parent. bytes is what both files take.
// When it fails the folder is to be discarded.
func (w *Writer) Finish() (bytes int64, err error) {
	s := w.sound
	if missing := s.pieceFrames > 0 && slices.ContainsFunc(s.pieces, func(p piece) bool { return !p.whole }); missing || s.bytes == 0 {
		return 0, fmt.Errorf("finish converted sound: %w: there is none, or not all", ErrDamaged)
	}
	indexBytes, err := w.save()
	if err != nil {
		return 0, fmt.Errorf("finish converted sound: %w", err)
	}
	if err = w.file.Close(); err != nil {
		return 0, fmt.Errorf("finish converted sound: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.complete = true
	s.pieces[0].whole = true
	return s.bytes + indexBytes, nil
}

// save brings frames, index and folders to the disk.
func (w *Writer) save() (indexBytes int64, err error) {
	if err = w.file.Sync(); err != nil {
		return 0, err
	}
	s := w.sound
	s.mu.RLock()
	data, err := json.Marshal(s.index())
	s.mu.RUnlock()
	if err != nil {
		return 0, err
	}
	if err = replace(filepath.Join(s.dir, IndexFile), data); err != nil {
		return 0, err
	}
	return int64(len(data)), errors.Join(syncFolder(s.dir), syncFolder(filepath.Dir(s.dir)))
}

// Discard removes the folder and what is in it.
func (w *Writer) Discard() error {
	_ = w.file.Close() // may be closed
	if err := os.RemoveAll(w.sound.dir); err != nil {
		return fmt.Errorf("discard converted sound: %w", err)
	}
	return nil
}

// replace writes a file that has its name only when it is whole and on the disk.
func replace(name string, data []byte) error {
	part := name + ".part"
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(part, name)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
