package sound_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"streambox.local/transcode/packager/sound"
)

// What was written is read back from a card that may have spoiled it: whatever
// lies there, frames come as asked for, or an error.
func FuzzFolder(f *testing.F) {
	const head = `{"schema":1,"frames":2,"bytes":24,"rateHz":48000,"channels":2,"samplesPerFrame":1024,"primingFrames":1,"everyFrames":64,"offsets":[0]}`
	frames := "\xff\xf1\x4c\x80\x01\x9f\xfcabcde" + "\xff\xf1\x4c\x80\x01\x9f\xfcfghij"
	f.Add([]byte(head), []byte(frames), 0, 2)
	f.Add([]byte(`{"schema":2,"frames":200,"bytes":24,"rateHz":48000,"channels":2,"samplesPerFrame":1024,"primingFrames":1,"everyFrames":64,"pieceFrames":64,`+
		`"pieces":[{"number":1,"frames":2,"at":0,"bytes":24,"offsets":[0]}]}`), []byte(frames), 60, 70)
	f.Add([]byte(`{"schema":2,"frames":33554432,"bytes":0,"pieceFrames":64}`), []byte{}, 0, 1)
	f.Add([]byte(head[:40]), []byte(frames), -1, 1)
	f.Fuzz(func(t *testing.T, index, frames []byte, from, to int) {
		dir := t.TempDir()
		for name, data := range map[string][]byte{sound.IndexFile: index, sound.FramesFile: frames} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := sound.Open(dir)
		if err != nil {
			if !errors.Is(err, sound.ErrDamaged) {
				t.Fatal(err)
			}
			return
		}
		made, _ := s.Made()
		if made < 0 || s.MemoryBytes() > 64<<20 {
			t.Errorf("%d frames, %d bytes of memory", made, s.MemoryBytes())
		}
		from &= 0xffff // a caller counts up from 0
		to = from + to&0x3ff
		got, err := s.Frames(from, to)
		if err != nil {
			if !errors.Is(err, sound.ErrDamaged) && !errors.Is(err, sound.ErrNotYet) {
				t.Fatal(err)
			}
			return
		}
		total := 0
		for _, frame := range got {
			total += len(frame)
		}
		if len(got) > to-from || total > len(frames) {
			t.Errorf("%d frames of %d bytes, of %d to %d in %d bytes", len(got), total, from, to, len(frames))
		}
	})
}
