package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
)

const (
	maxThumbnailBytes = 4 << 20
	minPictureDigest  = 12 // characters of ?v=, as the library writes it
)

// thumbnail is /stream/{id}/thumbnail.jpg.
func (s *Server) thumbnail(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !library.ValidID(id) {
		return unknownTitle()
	}
	f, err := s.cfg.Library.Thumbnail(id)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, library.ErrUnknownTitle) {
			return &problem{status: http.StatusNotFound, code: "no_thumbnail", text: "There is no picture of this title."}
		}
		return fmt.Errorf("opening a thumbnail: %w", err)
	}
	defer func() { _ = f.Close() }() // was only read
	jpeg, err := io.ReadAll(io.LimitReader(f, maxThumbnailBytes))
	if err != nil {
		return fmt.Errorf("reading a thumbnail: %w", err)
	}
	sum := sha256.Sum256(jpeg)
	digest := hex.EncodeToString(sum[:16])
	etag := `"` + digest + `"`
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	// The library's address names the picture by its digest: then it is for ever.
	if v := r.URL.Query().Get("v"); len(v) >= minPictureDigest && strings.HasPrefix(digest, v) {
		h.Set("Cache-Control", forEver)
	}
	h.Set("Etag", etag)
	if etagMatches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.Itoa(len(jpeg)))
	put(w, jpeg)
	return nil
}
