package publish

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
)

const benchSegment = 2_500_000 // bytes: 4 s at 5 Mbit/s

// benchmark gives n segments, in one folder, to whatever takes them.
func benchmark(b *testing.B, prepare func(dir string) (take func(number int, data []byte) error, end func() error)) {
	b.Helper()
	data := content(0, benchSegment)
	dir := filepath.Join(b.TempDir(), "x")
	take, end := prepare(dir)
	b.SetBytes(benchSegment)
	b.ResetTimer()
	for i := range b.N {
		if err := take(i, data); err != nil {
			b.Fatal(err)
		}
	}
	if err := end(); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	if err := os.RemoveAll(dir); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkAdd(b *testing.B) {
	benchmark(b, func(dir string) (func(int, []byte) error, func() error) {
		p, err := Create(dir)
		if err != nil {
			b.Fatal(err)
		}
		add := func(i int, data []byte) error {
			return p.Add(b.Context(), Segment{Number: i, Data: data, DurationSeconds: 4})
		}
		return add, func() error {
			_, err := p.Finish(b.Context())
			return err
		}
	})
}

// The same by hand: one after the other, with and without waiting for the disk.
func BenchmarkPlainWriteAndHash(b *testing.B)     { benchmark(b, plain(b, false)) }
func BenchmarkPlainWriteHashAndSync(b *testing.B) { benchmark(b, plain(b, true)) }

func plain(b *testing.B, sync bool) func(dir string) (func(int, []byte) error, func() error) {
	b.Helper()
	return func(dir string) (func(int, []byte) error, func() error) {
		if err := os.Mkdir(dir, dirMode); err != nil {
			b.Fatal(err)
		}
		write := func(i int, data []byte) error {
			_ = sha256.Sum256(data)
			f, err := os.Create(filepath.Join(dir, segmentName(i)))
			if err != nil {
				return err
			}
			if _, err = f.Write(data); err != nil {
				return err
			}
			if sync {
				if err = f.Sync(); err != nil {
					return err
				}
			}
			return f.Close()
		}
		return write, func() error { return nil }
	}
}
