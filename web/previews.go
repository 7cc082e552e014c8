package web

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
)

// previews is /stream/{id}/previews/{n}-{digest}.jpg: a sheet of small pictures. The
// name holds a digest, so it is for ever.
func (s *Server) previews(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if !library.ValidID(id) {
		return unknownTitle()
	}
	base, isJPEG := strings.CutSuffix(r.PathValue("file"), ".jpg")
	number, digest, _ := strings.Cut(base, "-")
	n, err := strconv.Atoi(number)
	if !isJPEG || err != nil || strconv.Itoa(n) != number {
		return notFound()
	}
	jpeg, err := s.cfg.Library.Preview(id, n, digest)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, library.ErrUnknownTitle) {
			return &problem{status: http.StatusNotFound, code: "no_previews", text: "There are no such small pictures of this title."}
		}
		return fmt.Errorf("finding previews: %w", err)
	}
	h := w.Header()
	etag := `"` + digest + `"`
	h.Set("Cache-Control", forEver)
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
