package library

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// maxPlaylistBytes bounds index.m3u8: a day of 4-second segments takes 1 MB.
const maxPlaylistBytes = 4 << 20

// Folder is the Source of a rendition on the box's disk: what package publish
// writes. It may grow while it is served: of what is in it then, what its lists
// speak of is served. Safe for concurrent use, also beside the writer.
type Folder struct {
	dir      string
	complete atomic.Bool
	digests  digestCache
}

var _ Source = (*Folder)(nil)

// NewFolder serves dir, which need not exist yet. Nothing is opened before it is asked for.
func NewFolder(dir string) *Folder {
	return &Folder{dir: dir, digests: digestCache{name: filepath.Join(dir, hashesFile)}}
}

// Complete tells that nothing will be added: what is not there never comes.
func (f *Folder) Complete() { f.complete.Store(true) }

// Playlist returns index.m3u8 as its writer left it; ErrNotYet before the first segment.
func (f *Folder) Playlist(ctx context.Context) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	data, err := readBounded(filepath.Join(f.dir, playlistFile), maxPlaylistBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, f.absent(ErrRenditionGone)
	}
	if err != nil {
		return nil, fmt.Errorf("read a playlist: %w", err)
	}
	if !f.complete.Load() && !bytes.HasPrefix(data, []byte(playlistHead)) {
		return nil, ErrNotYet // a power cut came before its bytes: it is written anew with the next segment
	}
	return data, nil
}

// playlistHead is what every playlist begins with.
const playlistHead = "#EXTM3U"

// Segment opens a segment or the init segment, always as *os.File. ErrNotYet
// for one that may still come, ErrRenditionGone when the folder has been
// removed, fs.ErrNotExist for a name that never was one.
func (f *Folder) Segment(ctx context.Context, name string) (io.ReadSeekCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !validMediaFile(name) {
		return nil, fmt.Errorf("no segment has this name: %w", fs.ErrNotExist)
	}
	if f.unlisted(name) {
		return nil, ErrNotYet
	}
	file, err := os.Open(filepath.Join(f.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, f.absent(fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("open a segment: %w", err)
	}
	return file, nil
}

// unlisted tells a segment of a growing folder of which hashes.json does not speak
// yet: until then a power cut may take it away, and its name would get other bytes.
func (f *Folder) unlisted(name string) bool {
	if f.complete.Load() || name == initFile {
		return false
	}
	_, _, listed := f.digests.find(name)
	return !listed
}

// Digest returns what hashes.json says of a segment. One of a finished folder that
// it does not speak of has its size only.
func (f *Folder) Digest(ctx context.Context, name string) (sha256 []byte, sizeBytes int64, err error) {
	if ctx.Err() != nil {
		return nil, 0, ctx.Err()
	}
	if !validMediaFile(name) {
		return nil, 0, fmt.Errorf("no segment has this name: %w", fs.ErrNotExist)
	}
	if sum, size, ok := f.digests.find(name); ok {
		return sum, size, nil
	}
	if f.unlisted(name) {
		return nil, 0, ErrNotYet
	}
	info, err := os.Stat(filepath.Join(f.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, f.absent(fs.ErrNotExist)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("ask a segment's size: %w", err)
	}
	return nil, info.Size(), nil
}

// absent says what a missing file means: not made yet, gone with its folder, or otherwise.
func (f *Folder) absent(otherwise error) error {
	if !f.complete.Load() {
		return ErrNotYet
	}
	if _, err := os.Stat(f.dir); errors.Is(err, fs.ErrNotExist) {
		return ErrRenditionGone
	}
	return otherwise
}
