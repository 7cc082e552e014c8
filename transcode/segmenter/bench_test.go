package segmenter

import (
	"crypto/sha256"
	"strings"
	"testing"
)

// What the segmenter costs beside the copy it cannot avoid, and beside the hash
// that every segment gets afterwards. In pieces of 64 KiB: what a pipe holds.
func benchmark(b *testing.B, take func(data []byte)) {
	b.Helper()
	f := film{size: 25_000} // 5 Mbit/s
	f.show(strings.Repeat(gop(100), 25))
	b.SetBytes(int64(f.Len()))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		take(f.Bytes())
	}
}

func pieces(data []byte, take func(piece []byte)) {
	for len(data) > 0 {
		n := min(len(data), 64<<10)
		take(data[:n])
		data = data[n:]
	}
}

func BenchmarkSegmenter(b *testing.B) {
	benchmark(b, func(data []byte) {
		s := New(Options{}, func(one Segment) error {
			one.Release()
			return nil
		})
		pieces(data, func(piece []byte) {
			if _, err := s.Write(piece); err != nil {
				b.Fatal(err)
			}
		})
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	})
}

func BenchmarkCopy(b *testing.B) {
	const size = 2_500_000
	benchmark(b, func(data []byte) {
		buf := make([]byte, 0, size)
		pieces(data, func(piece []byte) {
			if len(buf)+len(piece) > size {
				buf = make([]byte, 0, size)
			}
			buf = append(buf, piece...)
		})
	})
}

func BenchmarkSHA256(b *testing.B) {
	h := sha256.New()
	benchmark(b, func(data []byte) {
		if _, err := h.Write(data); err != nil {
			b.Fatal(err)
		}
	})
}
