// Package librarytest holds the contract that every library.Source must pass:
// the folder on disk here, a folder on a stick and the packager elsewhere.
package librarytest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"streambox.local/appliance/library"
)

// Sample is a Source and what is known of it.
type Sample struct {
	Source   library.Source
	Segments map[string][]byte // by name, every segment that can be had now; at least two
	Absent   string            // a name of the right form, of a segment that is not there
	Growing  bool              // Absent may still come
	Digests  bool              // the digests of all Segments are known
}

// TestSource holds a Source against the contract. sample makes a fresh one each time.
func TestSource(t *testing.T, sample func(t *testing.T) Sample) {
	t.Helper()
	t.Run("the playlist names every segment, relative to itself", func(t *testing.T) { testPlaylist(t, sample(t)) })
	t.Run("a segment has the bytes it should have, each time, and can be sought in", func(t *testing.T) { testSegments(t, sample(t)) })
	t.Run("a digest is that of the bytes", func(t *testing.T) { testDigests(t, sample(t)) })
	t.Run("a segment that is not there is not yet made, or does not exist", func(t *testing.T) { testAbsent(t, sample(t)) })
	t.Run("a name that can never be one does not exist", func(t *testing.T) { testBadNames(t, sample(t)) })
	t.Run("a request that was given up gets an error", func(t *testing.T) { testCancelled(t, sample(t)) })
	t.Run("many readers at once get what one gets", func(t *testing.T) { testReaders(t, sample(t)) })
}

func testPlaylist(t *testing.T, s Sample) {
	t.Helper()
	data, err := s.Source.Playlist(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(data, []byte("#EXTM3U\n")) {
		t.Fatalf("a playlist begins with #EXTM3U and a line end, this one with %q", data[:min(len(data), 20)])
	}
	var named []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		u, err := url.Parse(line)
		if err != nil || u.IsAbs() || strings.ContainsAny(line, "/?") {
			t.Errorf("%q is not a name relative to the playlist", line)
		}
		named = append(named, line)
	}
	for name := range s.Segments {
		if name != "init.mp4" && !slices.Contains(named, name) {
			t.Errorf("the playlist does not name %s", name)
		}
	}
	for _, name := range named {
		if _, known := s.Segments[name]; !known {
			t.Errorf("the playlist names %s, which cannot be had", name)
		}
	}
	ended := bytes.Contains(data, []byte("#EXT-X-ENDLIST"))
	if ended == s.Growing {
		t.Errorf("ENDLIST is there: %v; the rendition grows: %v", ended, s.Growing)
	}
}

func testSegments(t *testing.T, s Sample) {
	t.Helper()
	if len(s.Segments) < 2 {
		t.Fatal("the sample is too small to tell anything")
	}
	for name, want := range s.Segments {
		for range 2 {
			if err := compare(t.Context(), s.Source, name, want); err != nil {
				t.Error(err)
			}
		}
	}
}

// compare reads a segment from its middle, then from its start.
func compare(ctx context.Context, s library.Source, name string, want []byte) error {
	r, err := s.Segment(ctx, name)
	if err != nil {
		return fmt.Errorf("open %s: %w", name, err)
	}
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil || size != int64(len(want)) {
		return errors.Join(fmt.Errorf("%s has %d bytes, not %d", name, size, len(want)), err, r.Close())
	}
	for _, from := range []int{len(want) / 2, 0} {
		if _, err = r.Seek(int64(from), io.SeekStart); err != nil {
			return errors.Join(fmt.Errorf("seek in %s: %w", name, err), r.Close())
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, want[from:]) {
			return errors.Join(fmt.Errorf("%s from byte %d on is not what it should be", name, from), err, r.Close())
		}
	}
	return r.Close()
}

func testDigests(t *testing.T, s Sample) {
	t.Helper()
	for name, want := range s.Segments {
		sum, size, err := s.Source.Digest(t.Context(), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if size != int64(len(want)) {
			t.Errorf("%s has %d bytes, the digest says %d", name, len(want), size)
		}
		right := sha256.Sum256(want)
		if sum == nil && !s.Digests {
			continue
		}
		if !bytes.Equal(sum, right[:]) {
			t.Errorf("%s has SHA-256 %x, the digest says %x", name, right, sum)
			continue
		}
		sum[0]++ // a caller's copy is the caller's
		if again, _, err := s.Source.Digest(t.Context(), name); err != nil || !bytes.Equal(again, right[:]) {
			t.Errorf("%s: a caller can change what the next one gets (%v)", name, err)
		}
	}
}

func testAbsent(t *testing.T, s Sample) {
	t.Helper()
	want := fs.ErrNotExist
	if s.Growing {
		want = library.ErrNotYet
	}
	if r, err := s.Source.Segment(t.Context(), s.Absent); !errors.Is(err, want) || r != nil {
		t.Errorf("segment %s: %v, not %v", s.Absent, err, want)
	}
	if _, _, err := s.Source.Digest(t.Context(), s.Absent); !errors.Is(err, want) {
		t.Errorf("digest of %s: %v, not %v", s.Absent, err, want)
	}
}

// BadNames are names that no segment has, and that must not reach a file system.
func BadNames() []string {
	return []string{
		"", ".", "..", "/", "../", "../title.json", "..\\title.json", "%2e%2e%2ftitle.json", "./seg00000.ts", "seg00000.ts/",
		"/etc/passwd", "index.m3u8", "hashes.json", "seg00000.ts.part", "SEG00000.TS", "Seg00000.ts", "seg0.ts", "seg0000.ts",
		"seg00000.mp4", "seg-0001.ts", "seg00000.ts\x00", "seg00000.ts\n", " seg00000.ts", "seg٠٠٠٠٠.ts", "init.mp4.part",
		"seg" + strings.Repeat("0", 249) + ".ts", strings.Repeat("a", 255), strings.Repeat("../", 80),
	}
}

func testBadNames(t *testing.T, s Sample) {
	t.Helper()
	for _, name := range BadNames() {
		if r, err := s.Source.Segment(t.Context(), name); !errors.Is(err, fs.ErrNotExist) || r != nil {
			t.Errorf("segment %q: %v", name, err)
		}
		if _, _, err := s.Source.Digest(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("digest of %q: %v", name, err)
		}
	}
}

func testCancelled(t *testing.T, s Sample) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Source.Playlist(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("playlist: %v", err)
	}
	for name := range s.Segments {
		if _, err := s.Source.Segment(ctx, name); !errors.Is(err, context.Canceled) {
			t.Errorf("segment %s: %v", name, err)
		}
	}
}

func testReaders(t *testing.T, s Sample) {
	t.Helper()
	var readers sync.WaitGroup
	for range 200 {
		readers.Go(func() {
			if _, err := s.Source.Playlist(t.Context()); err != nil {
				t.Errorf("playlist: %v", err)
			}
			for name, want := range s.Segments {
				if err := compare(t.Context(), s.Source, name, want); err != nil {
					t.Error(err)
				}
				if _, _, err := s.Source.Digest(t.Context(), name); err != nil {
					t.Errorf("digest of %s: %v", name, err)
				}
			}
		})
	}
	readers.Wait()
}
