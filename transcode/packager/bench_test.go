package packager_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"sync/atomic"
	"testing"

	"streambox.local/transcode/packager"
)

// BenchmarkSegment makes a segment of 2.5 MB from memory; BenchmarkSHA256 is
// what each segment costs anyway, over the same bytes.
func BenchmarkSegment(b *testing.B) {
	for name, in := range map[string]io.ReaderAt{"MP4": benchMP4(b), "Matroska": benchMKV(b)} {
		b.Run(name, func(b *testing.B) {
			size := in.(*bytes.Reader).Size()
			title := open(b, in, size, packager.Choice{})
			b.ReportAllocs()
			for b.Loop() {
				data, err := title.Segment(b.Context(), in, 1)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(data)))
			}
		})
	}
}

func BenchmarkSHA256(b *testing.B) {
	in := benchMP4(b)
	data, err := open(b, in, in.Size(), packager.Choice{}).Segment(b.Context(), in, 1)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		sha256.Sum256(data)
	}
}

func benchMP4(b *testing.B) *bytes.Reader {
	b.Helper()
	return bytes.NewReader((&synthetic{seconds: 9, picture: 24_000, sound: 400}).build().bytes())
}

func benchMKV(b *testing.B) *bytes.Reader {
	b.Helper()
	return bytes.NewReader((&matroska{clusters: 5, picture: 18_600, sound: 400}).build().bytes())
}

// BenchmarkOpen reads the index of a film of two hours and 3.7 GB and makes its playlist.
func BenchmarkOpen(b *testing.B) {
	mp4 := (&synthetic{seconds: 7200, picture: 20_000}).build()
	mkv := (&matroska{clusters: 2813, picture: 20_000}).build()
	bare := (&matroska{clusters: 2813, picture: 20_000, noCues: true}).build()
	for _, c := range []struct {
		name   string
		in     io.ReaderAt
		size   int64
		loaded *atomic.Int64
	}{
		{"MP4", mp4, mp4.size(), &mp4.loaded},
		{"Matroska", mkv, mkv.size(), &mkv.loaded},
		{"MatroskaWithoutCues", bare, bare.size(), &bare.loaded},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			c.loaded.Store(0)
			for b.Loop() {
				open(b, c.in, c.size, packager.Choice{}).Playlist()
			}
			b.ReportMetric(100*float64(c.loaded.Load())/float64(b.N)/float64(c.size), "%read")
		})
	}
}
