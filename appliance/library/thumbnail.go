package library

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// maxThumbnailBytes is far above what a JPEG 640 px wide takes.
const maxThumbnailBytes = 1 << 20

var digestPattern = regexp.MustCompile(`^[0-9a-f]{12}$`)

// thumbnailDigest is the v= of the picture's URL: another picture, another URL,
// so that the picture may be kept by browsers.
func thumbnailDigest(jpeg []byte) string {
	sum := sha256.Sum256(jpeg)
	return hex.EncodeToString(sum[:6])
}

// SetThumbnail stores the JPEG of a title, which must be known.
func (l *Library) SetThumbnail(id string, jpeg []byte) error {
	if !bytes.HasPrefix(jpeg, []byte{0xff, 0xd8, 0xff}) || len(jpeg) > maxThumbnailBytes {
		return fmt.Errorf("store a thumbnail of title %s: %d bytes that are not a small JPEG", id, len(jpeg))
	}
	l.mu.RLock()
	e := l.entries[id]
	newer := e != nil && e.newer
	l.mu.RUnlock()
	if e == nil {
		return fmt.Errorf("store a thumbnail: %w", ErrUnknownTitle)
	}
	if newer {
		return fmt.Errorf("store a thumbnail: %w", ErrNewerRelease)
	}
	dir := filepath.Join(l.cfg.Dir, id)
	if err := os.MkdirAll(dir, dirMode); err != nil {
		return fmt.Errorf("store a thumbnail: %w", err)
	}
	if err := writeFile(filepath.Join(dir, thumbnailFile), jpeg, false); err != nil {
		return fmt.Errorf("store a thumbnail: %w", err)
	}
	digest := thumbnailDigest(jpeg)
	return l.Update(id, false, func(r *Record) { r.ThumbnailDigest = digest })
}

// Thumbnail opens a title's picture (an *os.File): ErrUnknownTitle, or fs.ErrNotExist while there is none.
func (l *Library) Thumbnail(id string) (io.ReadSeekCloser, error) {
	l.mu.RLock()
	e := l.entries[id]
	known := e != nil && e.rec.ID != ""
	has := known && e.rec.ThumbnailDigest != ""
	l.mu.RUnlock()
	switch {
	case !known:
		return nil, ErrUnknownTitle
	case !has:
		return nil, fmt.Errorf("this title has no thumbnail: %w", fs.ErrNotExist)
	}
	f, err := os.Open(filepath.Join(l.cfg.Dir, id, thumbnailFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("this title has no thumbnail: %w", fs.ErrNotExist)
	}
	if err != nil {
		return nil, fmt.Errorf("open a thumbnail: %w", err)
	}
	return f, nil
}
