package web

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"time"

	"streambox.local/appliance/library"
)

const (
	playlistType = "application/vnd.apple.mpegurl"
	// A URL of a segment never serves two different bytes (ARCHITECTURE.md, decision 5).
	forEver = "public, max-age=31536000, immutable"
)

// rendition is /stream/{id}/{rendition}/{file}: the media playlist, the
// segments and their hashes.
func (s *Server) rendition(w http.ResponseWriter, r *http.Request) error {
	id, name, file := r.PathValue("id"), r.PathValue("rendition"), r.PathValue("file")
	if !library.ValidID(id) {
		return unknownTitle()
	}
	contentType, isSegment := segmentType(file)
	if !library.ValidRendition(name) || (!isSegment && file != "index.m3u8" && file != "hashes.json") {
		return notFound()
	}
	src, err := s.cfg.Library.Source(id, name)
	if err != nil {
		return fmt.Errorf("finding a rendition: %w", err)
	}
	switch {
	case isSegment:
		w.Header().Set("Content-Type", contentType)
		err = s.segment(w, r, src, name, file)
	case file == "index.m3u8":
		s.watching(s.whoAsks(r), id)
		err = s.mediaPlaylist(w, r, src)
	default:
		err = s.hashes(w, r, src)
	}
	return s.unpluggedNow(id, err)
}

// segmentType knows the names that a segment can have: letters, digits and _,
// one dot, an ending of HLS.
func segmentType(file string) (contentType string, ok bool) {
	base, ext, _ := strings.Cut(file, ".")
	if len(file) > 64 || !lettersAndDigits(base, "_-") {
		return "", false
	}
	switch ext {
	case "ts":
		return "video/mp2t", true
	case "mp4", "m4s":
		return "video/mp4", true
	default:
		return "", false
	}
}

// mediaPlaylist sends index.m3u8. It is never kept: it grows while a title is
// converted, and it is small.
func (s *Server) mediaPlaylist(w http.ResponseWriter, r *http.Request, src library.Source) error {
	playlist, err := src.Playlist(r.Context())
	if err != nil {
		return streamError("reading a playlist", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	s.send(w, r, http.StatusOK, playlistType, playlist)
	return nil
}

// segment sends one segment, or a range of it. http.ServeContent does ranges,
// If-None-Match and HEAD, and hands an *os.File on to sendfile.
func (s *Server) segment(w http.ResponseWriter, r *http.Request, src library.Source, rendition, file string) error {
	viewer, id := s.whoAsks(r), r.PathValue("id")
	if r.Method != http.MethodHead {
		if err := s.admit(r, viewer, id, rendition); err != nil {
			return err
		}
	}
	content, err := src.Segment(r.Context(), file)
	if err != nil {
		return streamError("opening a segment", err)
	}
	defer func() { _ = content.Close() }() // was only read
	etag, err := segmentTag(r.Context(), src, rendition, file, content)
	if err != nil {
		return streamError("reading a segment", err)
	}
	h := w.Header()
	h.Set("Cache-Control", forEver)
	h.Set("Etag", etag)
	s.watching(viewer, id)
	rec, ok := w.(*recorder)
	var before int64
	if ok {
		before = rec.bytes
	}
	// No modification time: it would be compared where the ETag is exact.
	http.ServeContent(w, r, "", time.Time{}, content)
	if ok {
		s.meters.segmentBytes.AddInt64(rec.bytes - before)
	}
	return nil
}

// segmentTag is the first half of the SHA-256 where it is known, else what
// cannot change under the same URL: rendition, name and size.
func segmentTag(ctx context.Context, src library.Source, rendition, file string, content io.Seeker) (string, error) {
	if sum, _, err := src.Digest(ctx, file); err == nil && len(sum) >= 16 {
		return `"` + hex.EncodeToString(sum[:16]) + `"`, nil
	}
	size, err := content.Seek(0, io.SeekEnd)
	if err != nil {
		return "", fmt.Errorf("asking for its size: %w", err)
	}
	if _, err = content.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("going back to its start: %w", err)
	}
	return fmt.Sprintf(`"%s-%s-%x"`, rendition, file, size), nil
}

// streamError is what a player is told when a source fails. A stick that was
// pulled gives I/O errors of many kinds; it may come back, so the player is
// asked to try again.
func streamError(doing string, err error) error {
	known := errors.Is(err, library.ErrNotYet) || errors.Is(err, library.ErrRenditionGone) ||
		errors.Is(err, library.ErrUnknownTitle) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, context.Canceled)
	if known {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return cannotRead(fmt.Errorf("%s: %w", doing, err))
}

// unpluggedNow makes the better of what cannot be read: whoever pulled its stick is
// told so, as soon as it is known.
func (s *Server) unpluggedNow(id string, err error) error {
	if !errors.Is(err, library.ErrUnreadable) {
		return err
	}
	if t, listed := s.cfg.Library.Title(id); listed && t.State == library.Unplugged {
		return unplugged(t)
	}
	return err
}
