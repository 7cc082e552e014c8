package sound_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"streambox.local/transcode/packager/sound"
)

const (
	pieceFrames = 128
	filmFrames  = 5*pieceFrames + 37
)

// stretchOf plays ffmpeg: the frames that a run gives for a piece, each of which says
// its number; the first one of a run, its priming, is wrong in all but the first.
func stretchOf(t *testing.T, w *sound.Writer, piece int) []byte {
	t.Helper()
	from, samples := w.Stretch(piece)
	if from%sound.SamplesPerFrame != 0 || samples%sound.SamplesPerFrame != 0 {
		t.Fatalf("piece %d: from %d, %d samples", piece, from, samples)
	}
	first := int(from / sound.SamplesPerFrame)
	var out []byte
	for i := range int(samples/sound.SamplesPerFrame) + 1 {
		n := first + i
		if i == 0 && piece > 0 {
			n = 9999
		}
		out = append(out, frameOf(n)...)
	}
	return out
}

// frameOf is a frame of a size and a content of its own.
func frameOf(n int) []byte { return frame(n, 60+n*37%400) }

// makePiece writes a piece in parts that end anywhere.
func makePiece(t *testing.T, w *sound.Writer, piece int, all []byte) {
	t.Helper()
	w.Begin(piece)
	for len(all) > 0 {
		n := min(len(all), 1+len(all)%4999)
		if _, err := w.Write(all[:n]); err != nil {
			t.Fatal(err)
		}
		all = all[n:]
	}
	w.End()
}

func pieces(t *testing.T) (*sound.Writer, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sound-00000000")
	w, err := sound.CreatePieces(dir, filmFrames, pieceFrames)
	if err != nil {
		t.Fatal(err)
	}
	return w, dir
}

// same fails unless frames from one number to another are those of the film.
func same(t *testing.T, s *sound.Sound, from, to int) {
	t.Helper()
	got, err := s.Frames(from, to)
	if err != nil || len(got) != to-from || !s.Has(from, to) {
		t.Fatalf("frames %d to %d: %d, %v", from, to, len(got), err)
	}
	for i, one := range got {
		if !bytes.Equal(one, frameOf(from + i)[sound.HeaderBytes:]) {
			t.Fatalf("frame %d is another", from+i)
		}
	}
}

// Whatever comes first, is interrupted or made twice: the frames are the same.
func TestPiecesInAnyOrderAreTheSame(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 1))
		w, dir := pieces(t)
		for made := 0; ; made++ {
			n, ok := w.Next(random.IntN(6))
			if !ok {
				break
			}
			all := stretchOf(t, w, n)
			if random.IntN(2) == 0 { // cut off
				w.Begin(n)
				if _, err := w.Write(all[:random.IntN(len(all))]); err != nil {
					t.Fatal(err)
				}
				switch random.IntN(3) {
				case 0:
					w.Abandon()
				case 1:
					if err := w.Suspend(); err != nil {
						t.Fatal(err)
					}
					again, err := sound.Resume(dir, filmFrames, pieceFrames)
					if err != nil {
						t.Fatal(err)
					}
					w = again
				}
			}
			makePiece(t, w, n, all)
			first := n * pieceFrames
			same(t, w.Sound(), first, min(first+pieceFrames, filmFrames))
			if again, _ := w.Next(n); again == n && made < 5 {
				t.Fatalf("piece %d is made and still to be made", n)
			}
		}
		size, err := w.Finish()
		if err != nil {
			t.Fatal(err)
		}
		whole, err := sound.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		var onDisk int64
		for _, name := range []string{sound.FramesFile, sound.IndexFile} {
			info, statErr := os.Stat(filepath.Join(dir, name))
			if statErr != nil {
				t.Fatal(statErr)
			}
			onDisk += info.Size()
		}
		if made, complete := whole.Made(); made != filmFrames || !complete || size != onDisk {
			t.Errorf("%d frames, complete %v, %d bytes of %d", made, complete, size, onDisk)
		}
		for range 50 {
			from := random.IntN(filmFrames)
			same(t, whole, from, from+1+random.IntN(filmFrames-from))
		}
		if behind, err := whole.Frames(filmFrames-2, filmFrames+9); err != nil || len(behind) != 2 {
			t.Errorf("behind the end: %d frames, %v", len(behind), err)
		}
	}
}

func TestWhatIsNotMadeIsNotYet(t *testing.T) {
	w, _ := pieces(t)
	makePiece(t, w, 3, stretchOf(t, w, 3))
	s := w.Sound()
	same(t, s, 3*pieceFrames, 4*pieceFrames)
	for _, part := range [][2]int{{0, 1}, {3*pieceFrames - 1, 3*pieceFrames + 1}, {4*pieceFrames - 1, 4*pieceFrames + 1}} {
		if _, err := s.Frames(part[0], part[1]); !errors.Is(err, sound.ErrNotYet) || s.Has(part[0], part[1]) {
			t.Errorf("frames %v: %v", part, err)
		}
	}
	if made, whole := s.Made(); made != 0 || whole {
		t.Errorf("%d in a row", made)
	}
	if made, of := s.MadeFrames(); made != pieceFrames || of != filmFrames {
		t.Errorf("%d frames of %d", made, of)
	}
	w.Begin(0)
	if _, err := w.Write(stretchOf(t, w, 0)[:4000]); err != nil {
		t.Fatal(err)
	}
	made, _ := s.Made()
	if made < 5 {
		t.Errorf("%d frames of what grows", made)
	}
	same(t, s, 0, made)
	if _, err := w.Finish(); !errors.Is(err, sound.ErrDamaged) {
		t.Errorf("finished with pieces missing: %v", err)
	}
}

// Sound that ends within a piece, and a piece without any, are silent there.
func TestPiecesThatEndEarlyAreSilent(t *testing.T) {
	w, dir := pieces(t)
	for n := range 6 {
		all := stretchOf(t, w, n)
		switch n {
		case 2:
			var head []byte
			for i := range 20 + sound.PrerollFrames { // its priming, what is early, 20 frames
				head = append(head, frameOf(n*pieceFrames-sound.PrerollFrames+i)...)
			}
			all = head
		case 4:
			all = nil
		}
		makePiece(t, w, n, all)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	s, err := sound.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	same(t, s, 0, 2*pieceFrames+20)
	same(t, s, 3*pieceFrames, 4*pieceFrames)
	same(t, s, 5*pieceFrames, filmFrames)
	got, err := s.Frames(2*pieceFrames+10, 3*pieceFrames+2)
	if err != nil || len(got) != pieceFrames-8 || got[9] == nil || got[10] != nil || got[pieceFrames-11] != nil || got[pieceFrames-10] == nil {
		t.Errorf("%d frames, %v", len(got), err)
	}
	if silent, err := s.Frames(4*pieceFrames, 5*pieceFrames); err != nil || len(silent) != 0 {
		t.Errorf("of a piece without sound: %d frames, %v", len(silent), err)
	}
}

func TestPiecesThatAreNotWhatTheyWereAreNotGoneOnWith(t *testing.T) {
	for name, spoil := range map[string]func(string) string{
		"other numbers":          func(x string) string { return strings.Replace(x, `"number":1`, `"number":7`, 1) },
		"a piece twice":          func(x string) string { return strings.Replace(x, `"number":1`, `"number":0`, 1) },
		"more frames than fit":   func(x string) string { return strings.Replace(x, `"frames":128,"at":0`, `"frames":129,"at":0`, 1) },
		"behind the file":        func(x string) string { return strings.Replace(x, `"at":0`, `"at":99999999`, 1) },
		"below the file":         func(x string) string { return strings.Replace(x, `"at":0`, `"at":-9`, 1) },
		"pieces of another size": func(x string) string { return strings.Replace(x, `"pieceFrames":128`, `"pieceFrames":192`, 1) },
		"pieces of no size":      func(x string) string { return strings.Replace(x, `"pieceFrames":128`, `"pieceFrames":0`, 1) },
		"frames without an end":  func(x string) string { return strings.Replace(x, `"frames":677`, `"frames":999999999999`, 1) },
		"offsets go backwards":   func(x string) string { return strings.Replace(x, `"offsets":[0,`, `"offsets":[0,-`, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			w, dir := pieces(t)
			for n := range 2 {
				makePiece(t, w, n, stretchOf(t, w, n))
			}
			if err := w.Suspend(); err != nil {
				t.Fatal(err)
			}
			if _, err := sound.Open(dir); !errors.Is(err, sound.ErrDamaged) {
				t.Errorf("opened as whole: %v", err)
			}
			if _, err := sound.Resume(dir, filmFrames+1, pieceFrames); !errors.Is(err, sound.ErrDamaged) {
				t.Errorf("gone on with for another film: %v", err)
			}
			index := filepath.Join(dir, sound.IndexFile)
			data, err := os.ReadFile(index)
			if err != nil {
				t.Fatal(err)
			}
			if again, fine := sound.Resume(dir, filmFrames, pieceFrames); fine != nil || again.Suspend() != nil {
				t.Fatal(fine)
			}
			bad := spoil(string(data))
			if bad == string(data) {
				t.Fatalf("nothing is spoiled: %s", data)
			}
			if err = os.WriteFile(index, []byte(bad), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err = sound.Resume(dir, filmFrames, pieceFrames); !errors.Is(err, sound.ErrDamaged) {
				t.Errorf("gone on with: %v", err)
			}
		})
	}
}
