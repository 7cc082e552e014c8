package library_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"streambox.local/appliance/library"
	"streambox.local/appliance/library/librarytest"
)

// writer publishes segments as package publish does: whole files, by rename.
type writer struct {
	t        *testing.T
	dir      string
	playlist string
	hashes   []map[string]any
	segments map[string][]byte
}

func newWriter(t *testing.T) *writer {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "video-00000001")
	return &writer{t: t, dir: dir, segments: map[string][]byte{}, playlist: "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXT-X-PLAYLIST-TYPE:EVENT\n"}
}

func (w *writer) put(name string, data []byte) {
	w.t.Helper()
	if err := os.MkdirAll(w.dir, 0o755); err != nil {
		w.t.Fatal(err)
	}
	part := filepath.Join(w.dir, name+".part")
	if err := os.WriteFile(part, data, 0o644); err != nil {
		w.t.Fatal(err)
	}
	if err := os.Rename(part, filepath.Join(w.dir, name)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) add() {
	w.t.Helper()
	n := len(w.segments)
	name := fmt.Sprintf("seg%05d.ts", n)
	data := make([]byte, 188*(n+1))
	for i := range data {
		data[i] = byte(i + n)
	}
	w.segments[name] = data
	w.put(name, data)
	sum := sha256.Sum256(data)
	w.hashes = append(w.hashes, map[string]any{"name": name, "sha256": hex.EncodeToString(sum[:]), "bytes": len(data)})
	hashes, err := json.Marshal(map[string]any{"schema": 1, "segments": w.hashes})
	if err != nil {
		w.t.Fatal(err)
	}
	w.put("hashes.json", hashes)
	w.playlist += "#EXTINF:4.0,\n" + name + "\n"
	w.put("index.m3u8", []byte(w.playlist))
}

func (w *writer) finish() { w.put("index.m3u8", []byte(w.playlist+"#EXT-X-ENDLIST\n")) }

func sample(t *testing.T, growing bool) librarytest.Sample {
	t.Helper()
	w := newWriter(t)
	for range 5 {
		w.add()
	}
	f := library.NewFolder(w.dir)
	if !growing {
		w.finish()
		f.Complete()
	}
	return librarytest.Sample{Source: f, Segments: w.segments, Absent: "seg00005.ts", Growing: growing, Digests: true}
}

func TestFolderKeepsTheContractOfASource(t *testing.T) {
	t.Run("complete", func(t *testing.T) {
		librarytest.TestSource(t, func(t *testing.T) librarytest.Sample { t.Helper(); return sample(t, false) })
	})
	t.Run("growing", func(t *testing.T) {
		librarytest.TestSource(t, func(t *testing.T) librarytest.Sample { t.Helper(); return sample(t, true) })
	})
	t.Run("without hashes.json", func(t *testing.T) {
		librarytest.TestSource(t, func(t *testing.T) librarytest.Sample {
			t.Helper()
			s := sample(t, false)
			w := newWriter(t)
			w.add()
			w.add()
			w.finish()
			if err := os.Remove(filepath.Join(w.dir, "hashes.json")); err != nil {
				t.Fatal(err)
			}
			s.Source, s.Segments, s.Digests = library.NewFolder(w.dir), w.segments, false
			s.Source.(*library.Folder).Complete()
			return s
		})
	})
}

func TestFolderBeforeItsFirstSegment(t *testing.T) {
	f := library.NewFolder(filepath.Join(t.TempDir(), "not", "there"))
	if _, err := f.Playlist(t.Context()); !errors.Is(err, library.ErrNotYet) {
		t.Errorf("playlist: %v", err)
	}
	if _, err := f.Segment(t.Context(), "init.mp4"); !errors.Is(err, library.ErrNotYet) {
		t.Errorf("segment: %v", err)
	}
	f.Complete()
	if _, err := f.Playlist(t.Context()); !errors.Is(err, library.ErrRenditionGone) {
		t.Errorf("playlist of a folder that was removed: %v", err)
	}
	if _, err := f.Segment(t.Context(), "seg00000.ts"); !errors.Is(err, library.ErrRenditionGone) {
		t.Errorf("segment of a folder that was removed: %v", err)
	}
}

func TestSegmentsArePlainFiles(t *testing.T) {
	s := sample(t, false)
	r, err := s.Source.Segment(t.Context(), "seg00000.ts")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, plain := r.(*os.File); !plain {
		t.Errorf("%T keeps net/http from using sendfile", r)
	}
}

func TestDigestsFollowTheFile(t *testing.T) {
	w := newWriter(t)
	f := library.NewFolder(w.dir)
	for n := range 4 {
		w.add()
		name := fmt.Sprintf("seg%05d.ts", n)
		if sum, size, err := f.Digest(t.Context(), name); err != nil || sum == nil || size != int64(188*(n+1)) {
			t.Errorf("%s: %x %d %v", name, sum, size, err)
		}
	}
	f.Complete()
	for what, content := range map[string]string{
		"half":        `{"schema":1,"segments":[{"name":"seg00000.ts","sha2`,
		"newer":       `{"schema":2,"segments":[{"name":"seg00000.ts","sha256":null,"bytes":5}]}`,
		"null digest": `{"schema":1,"segments":[{"name":"seg00000.ts","sha256":null,"bytes":188}]}`,
		"bad digest":  `{"schema":1,"segments":[{"name":"seg00000.ts","sha256":"abcd","bytes":188}]}`,
		"bad size":    `{"schema":1,"segments":[{"name":"seg00000.ts","sha256":"abcd","bytes":-188}]}`,
		"bad names":   `{"schema":1,"segments":[{"name":"../seg00000.ts","bytes":1},{"name":"","bytes":1}]}`,
		"huge":        `{"schema":1}` + string(make([]byte, 9<<20)),
	} {
		w.put("hashes.json", []byte(content))
		if sum, size, err := f.Digest(t.Context(), "seg00000.ts"); err != nil || sum != nil || size != 188 {
			t.Errorf("%s: %x %d %v", what, sum, size, err)
		}
		if _, _, err := f.Digest(t.Context(), "../seg00000.ts"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// A segment has its name before the lists speak of it, and a power cut in between
// takes it away: until they do, nobody gets it.
func TestWhatIsNotListedYetIsNotServed(t *testing.T) {
	w := newWriter(t)
	w.add()
	f := library.NewFolder(w.dir)
	w.put("seg00001.ts", []byte("unlisted"))
	if _, err := f.Segment(t.Context(), "seg00001.ts"); !errors.Is(err, library.ErrNotYet) {
		t.Errorf("segment: %v", err)
	}
	if _, _, err := f.Digest(t.Context(), "seg00001.ts"); !errors.Is(err, library.ErrNotYet) {
		t.Errorf("digest: %v", err)
	}
	w.add()
	segment, err := f.Segment(t.Context(), "seg00001.ts")
	if err != nil {
		t.Fatal(err)
	}
	defer segment.Close()
	if sum, _, err := f.Digest(t.Context(), "seg00001.ts"); err != nil || sum == nil {
		t.Errorf("%x, %v", sum, err)
	}
	for _, half := range []string{"", "\x00\x00\x00\x00\x00\x00\x00\x00"} { // what a power cut makes of a file that nobody synced
		w.put("index.m3u8", []byte(half))
		if _, err := f.Playlist(t.Context()); !errors.Is(err, library.ErrNotYet) {
			t.Errorf("a playlist of %q: %v", half, err)
		}
	}
}

// Every reader sees whole files only, and never less than before.
func TestReadersBesideThePublisher(t *testing.T) {
	w := newWriter(t)
	f := library.NewFolder(w.dir)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			seen := 0
			for ended := false; !ended; {
				select {
				case <-done:
					ended = true
				default:
				}
				playlist, err := f.Playlist(t.Context())
				if err != nil && !errors.Is(err, library.ErrNotYet) {
					t.Error(err)
					return
				}
				if len(playlist) < seen {
					t.Errorf("the playlist went from %d bytes to %d", seen, len(playlist))
				}
				seen = len(playlist)
				_, size, err := f.Digest(t.Context(), "seg00003.ts")
				if err == nil && size != 4*188 || err != nil && !errors.Is(err, library.ErrNotYet) {
					t.Errorf("%d bytes, %v", size, err)
				}
			}
		})
	}
	for range 60 {
		w.add()
	}
	w.finish()
	f.Complete()
	close(done)
	readers.Wait()
}
