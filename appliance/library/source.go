package library

import (
	"context"
	"io"
)

// Source is one rendition that can be served: a folder on disk, a folder on a
// stick, or segments made on request (transcode/packager). Only types of the
// standard library appear, so that packages which know nothing of ours satisfy it.
type Source interface {
	// Playlist returns the media playlist as it stands, with segment names relative to it.
	Playlist(ctx context.Context) ([]byte, error)
	// Segment opens a segment by its name in the playlist; fs.ErrNotExist for any other name.
	// A plain file is returned as *os.File, so that net/http can use sendfile.
	Segment(ctx context.Context, name string) (io.ReadSeekCloser, error)
	// Digest returns a segment's SHA-256 (nil: not yet known) and size in bytes.
	Digest(ctx context.Context, name string) (sha256 []byte, sizeBytes int64, err error)
}

// Timed is a Source that knows the MPEG-TS time (90 kHz) of its first picture
// without reading a segment.
type Timed interface {
	FirstTicks() int64
}
