package library

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
)

// digests.bin is read back from a card that may have spoiled it: no row counts
// but those that were written, for this rendition and at this place.
func FuzzDigests(f *testing.F) {
	sum := sha256.Sum256([]byte("segment"))
	whole := (&SegmentDigests{rendition: "ts-0a1b2c3d"}).packed(0, digestRow{sum: sum, bytes: 1000})
	f.Add(whole, uint16(2))
	f.Add(whole[:20], uint16(1))
	f.Add(append(bytes.Clone(whole), whole...), uint16(300))
	f.Add([]byte{}, uint16(0))
	f.Fuzz(func(t *testing.T, file []byte, segments uint16) {
		name := filepath.Join(t.TempDir(), digestsFile)
		if err := os.WriteFile(name, file, 0o600); err != nil {
			t.Fatal(err)
		}
		d := &SegmentDigests{file: name, rendition: "ts-0a1b2c3d", size: int(segments), note: func(err error) { t.Error(err) }}
		for n := range int(segments) + 1 {
			got, size, ok := d.Digest(n)
			if ok && (len(got) != sha256.Size || size <= 0 || !bytes.Equal(d.packed(n, digestRow{sum: [sha256.Size]byte(got), bytes: uint32(size)}), file[n*rowBytes:(n+1)*rowBytes])) {
				t.Errorf("segment %d: %x, %d bytes", n, got, size)
			}
		}
	})
}
