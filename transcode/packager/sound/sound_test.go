package sound_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"streambox.local/transcode/packager/sound"
)

// frame is one of so many bytes, header included, that says its number.
func frame(n, size int) []byte {
	head := []byte{0xff, 0xf1, 0x4c, 0x80 | byte(size>>11), byte(size >> 3), byte(size&7)<<5 | 0x1f, 0xfc}
	body := bytes.Repeat([]byte{byte(n)}, size-len(head))
	return append(head, body...)
}

// film is so many frames of all sizes there are, nearly.
func film(count int) (frames [][]byte) {
	for n := range count {
		frames = append(frames, frame(n, 8+n*37%8000))
	}
	return frames
}

func create(t *testing.T) (*sound.Writer, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "sound-00000000")
	w, err := sound.Create(dir)
	if err != nil {
		t.Fatal(err)
	}
	return w, dir
}

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	for _, count := range []int{1, 63, 64, 65, 128, 1000} {
		w, dir := create(t)
		frames := film(count)
		for all := slices.Concat(frames...); len(all) > 0; { // in pieces that end anywhere
			n := min(len(all), 1+len(all)%4999)
			if _, err := w.Write(all[:n]); err != nil {
				t.Fatal(err)
			}
			all = all[n:]
		}
		growing := w.Sound()
		if made, whole := growing.Made(); made != count || whole {
			t.Fatalf("%d frames of %d, whole %v", made, count, whole)
		}
		if _, err := growing.Frames(count-1, count+1); !errors.Is(err, sound.ErrNotYet) {
			t.Errorf("a frame that is to come: %v", err)
		}
		bytesOfBoth, err := w.Finish()
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
		if onDisk != bytesOfBoth {
			t.Errorf("%d bytes are said to be on the disk, %d are", bytesOfBoth, onDisk)
		}
		again, err := sound.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []*sound.Sound{growing, again} {
			for _, part := range [][2]int{{0, count}, {0, 1}, {count - 1, count}, {count / 2, count/2 + 70}, {count, count + 5}, {count + 3, count + 9}} {
				got, err := s.Frames(part[0], part[1])
				want := frames[min(part[0], count):min(part[1], count)]
				if err != nil || !slices.EqualFunc(got, want, func(a, b []byte) bool { return bytes.Equal(a, b[sound.HeaderBytes:]) }) {
					t.Errorf("%d frames, part %v: %d frames, %v", count, part, len(got), err)
				}
			}
		}
	}
}

func TestWhatIsNoSoundIsRefused(t *testing.T) {
	good := frame(1, 100)
	for name, change := range map[string]func([]byte){
		"no sync word":            func(b []byte) { b[1] = 0 },
		"a checksum":              func(b []byte) { b[1] &^= 1 },
		"Main profile":            func(b []byte) { b[2] &^= 0xc0 },
		"44.1 kHz":                func(b []byte) { b[2] ^= 0x1c },
		"one channel":             func(b []byte) { b[3] = 0x40 },
		"a frame without content": func(b []byte) { b[3], b[4], b[5] = 0x80, 0, 0xff },
		"two frames in one":       func(b []byte) { b[6] |= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := create(t)
			bad := bytes.Clone(good)
			change(bad)
			if _, err := w.Write(append(bytes.Clone(good), bad...)); !errors.Is(err, sound.ErrDamaged) {
				t.Error(err)
			}
			if err := w.Discard(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAFolderThatIsNotWholeIsNotOpened(t *testing.T) {
	for name, spoil := range map[string]func(*testing.T, string){
		"no index":          without(sound.IndexFile),
		"no frames":         without(sound.FramesFile),
		"frames cut off":    cutOff(sound.FramesFile),
		"index cut off":     cutOff(sound.IndexFile),
		"another schema":    instead(`"schema":1`, `"schema":2`),
		"another rate":      instead(`48000`, `44100`),
		"more frames":       instead(`"frames":100`, `"frames":999`),
		"offsets in excess": instead(`"offsets":[0`, `"offsets":[0,0`),
		"offsets below 0":   instead(`"offsets":[0`, `"offsets":[-1`),
		"a hole of 512 MB":  inTheMiddle(512 << 20),
		"a group too small": inTheMiddle(0),
	} {
		t.Run(name, func(t *testing.T) {
			w, dir := create(t)
			if _, err := w.Write(slices.Concat(film(100)...)); err != nil {
				t.Fatal(err)
			}
			if _, err := w.Finish(); err != nil {
				t.Fatal(err)
			}
			if _, err := sound.Open(dir); err != nil {
				t.Fatal(err)
			}
			spoil(t, dir)
			if _, err := sound.Open(dir); !errors.Is(err, sound.ErrDamaged) && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("opened: %v", err)
			}
		})
	}
}

func TestDamageIsFoundWhereItIs(t *testing.T) {
	w, dir := create(t)
	frames := film(200)
	if _, err := w.Write(slices.Concat(frames...)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Finish(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, sound.FramesFile)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	data[len(slices.Concat(frames[:100]...))+4] ^= 0xff // the size of frame 100
	if err = os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := sound.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err = s.Frames(0, 64); err != nil {
		t.Error(err)
	}
	if _, err = s.Frames(90, 128); !errors.Is(err, sound.ErrDamaged) {
		t.Errorf("damaged frames: %v", err)
	}
	if _, err = s.Frames(128, 200); err != nil {
		t.Error(err)
	}
}

func without(file string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
}

func cutOff(file string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		name := filepath.Join(dir, file)
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, info.Size()-10); err != nil {
			t.Fatal(err)
		}
	}
}

// inTheMiddle adds a hole of so many bytes to the frames, and has the index say that
// all of it belongs to the first group: the second is left with one byte.
func inTheMiddle(hole int64) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		file, name := filepath.Join(dir, sound.FramesFile), filepath.Join(dir, sound.IndexFile)
		var x sound.Index
		data, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(data, &x)
		}
		if err != nil {
			t.Fatal(err)
		}
		x.Bytes += hole
		x.Offsets[1] = x.Bytes - 1
		if data, err = json.Marshal(x); err == nil {
			err = errors.Join(os.WriteFile(name, data, 0o600), os.Truncate(file, x.Bytes))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// instead puts other words into the index.
func instead(from, to string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		name := filepath.Join(dir, sound.IndexFile)
		data, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(data, []byte(from)) {
			t.Fatalf("%v in %s", err, data)
		}
		if err := os.WriteFile(name, bytes.Replace(data, []byte(from), []byte(to), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The library removes what is called so and holds nothing else.
func TestTemporarySoundIsCalledLikeARendition(t *testing.T) {
	parent := t.TempDir()
	for range 20 {
		w, err := sound.CreateTemporary(parent)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = w.Discard() }()
		if _, err = w.Write(frame(0, 100)); err != nil {
			t.Fatal(err)
		}
	}
	list, err := os.ReadDir(parent)
	if err != nil || len(list) != 20 {
		t.Fatal(list, err)
	}
	for _, one := range list {
		if inside, err := os.ReadDir(filepath.Join(parent, one.Name())); err != nil || len(inside) != 1 || inside[0].Name() != sound.FramesFile ||
			!regexp.MustCompile(`^sound-[0-9a-f]{8,}$`).MatchString(one.Name()) {
			t.Errorf("%s holds %v, %v", one.Name(), inside, err)
		}
	}
}
