package publish

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// folder is what a reader finds: the playlist and the digests, checked against
// the files.
type folder struct {
	names    []string
	lengths  []float64
	tags     map[string]string
	ended    bool
	playlist string
}

// look reads the folder as a web server does and fails when it lists what is
// not there. A folder without playlist yet has no names.
func look(dir string) (folder, error) {
	f := folder{tags: map[string]string{}}
	// The playlist first: digests are written before it, so they are at least as new.
	text, err := os.ReadFile(filepath.Join(dir, playlistName))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.playlist = string(text)
	if !bytes.HasPrefix(text, []byte("#EXTM3U\n")) || !bytes.HasSuffix(text, []byte("\n")) {
		return f, fmt.Errorf("not a whole playlist: %q", text)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		tag, value, _ := strings.Cut(lines.Text(), ":")
		switch {
		case tag == "#EXTINF":
			seconds, err := strconv.ParseFloat(strings.TrimSuffix(value, ","), 64)
			if err != nil {
				return f, err
			}
			f.lengths = append(f.lengths, seconds)
		case tag == "#EXT-X-ENDLIST":
			f.ended = true
		case strings.HasPrefix(tag, "#"):
			f.tags[tag] = value
		default:
			f.names = append(f.names, lines.Text())
		}
	}
	if len(f.names) != len(f.lengths) || len(f.names) == 0 {
		return f, fmt.Errorf("%d names, %d durations", len(f.names), len(f.lengths))
	}
	return f, f.check(dir)
}

func (f folder) check(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, hashesName))
	if err != nil {
		return err
	}
	var hashes struct {
		Schema   int
		Segments []struct {
			Name, SHA256 string
			Bytes        int64
		}
	}
	if err := json.Unmarshal(text, &hashes); err != nil || hashes.Schema != 1 {
		return fmt.Errorf("%s, schema %d: %w", hashesName, hashes.Schema, err)
	}
	if len(hashes.Segments) < len(f.names) {
		return fmt.Errorf("%d segments listed, %d digests", len(f.names), len(hashes.Segments))
	}
	for i, name := range f.names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("listed, but: %w", err)
		}
		digest := sha256.Sum256(data)
		h := hashes.Segments[i]
		if h.Name != name || h.Bytes != int64(len(data)) || h.SHA256 != hex.EncodeToString(digest[:]) {
			return fmt.Errorf("%s has %d bytes and is listed as %+v", name, len(data), h)
		}
	}
	return nil
}

func mustLook(t *testing.T, dir string) folder {
	t.Helper()
	f, err := look(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func content(number, size int) []byte {
	data := make([]byte, size)
	source := rand.New(rand.NewPCG(1, uint64(number)))
	for i := range data {
		data[i] = byte(source.Uint32())
	}
	return data
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newDir(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "video-3f9a2c7b") }
