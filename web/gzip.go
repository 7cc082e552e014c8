package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// gzipFrom is the size below which an answer fits into one packet anyway.
const gzipFrom = 1400

// gzipLevel: a page of titles takes half the time of level 6, for one per cent
// more bytes.
const gzipLevel = 4

// send answers with a text, compressed where the client takes it.
func (s *Server) send(w http.ResponseWriter, r *http.Request, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Add("Vary", "Accept-Encoding")
	if len(body) >= gzipFrom && acceptsGzip(r.Header.Get("Accept-Encoding")) {
		if packed, ok := s.pack(body); ok {
			body = packed
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	put(w, body)
}

// put writes a whole body; a client that has left meanwhile is no failure of ours.
func put(w io.Writer, body []byte) { _, _ = w.Write(body) }

// pack compresses with a pooled writer (each holds some hundred KB).
func (s *Server) pack(body []byte) (packed []byte, ok bool) {
	var buf bytes.Buffer
	buf.Grow(len(body) / 4)
	z, _ := s.gzips.Get().(*gzip.Writer)
	if z == nil {
		var err error
		if z, err = gzip.NewWriterLevel(&buf, gzipLevel); err != nil {
			return nil, false
		}
	} else {
		z.Reset(&buf)
	}
	defer s.gzips.Put(z)
	if _, err := z.Write(body); err != nil {
		return nil, false
	}
	if err := z.Close(); err != nil {
		return nil, false
	}
	return buf.Bytes(), true
}

// sendRevalidated answers with a text that may be kept and must be asked for
// again each time; 304 when the client has it. The tag is weak since the
// compressed form has the same one.
func (s *Server) sendRevalidated(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	sum := sha256.Sum256(body)
	etag := `W/"` + hex.EncodeToString(sum[:12]) + `"`
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Etag", etag)
	if etagMatches(r.Header.Get("If-None-Match"), etag) {
		h.Add("Vary", "Accept-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	s.send(w, r, http.StatusOK, contentType, body)
}

// sendJSON answers with a value that is never kept.
func (s *Server) sendJSON(w http.ResponseWriter, r *http.Request, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encoding an answer: %v", err)) // our own types: a mistake in the program
	}
	if w.Header().Get("Cache-Control") == "" {
		w.Header().Set("Cache-Control", "no-store")
	}
	s.send(w, r, status, "application/json", append(body, '\n'))
}

// acceptsGzip reads an Accept-Encoding header.
func acceptsGzip(header string) bool {
	accepted, any := -1, -1
	for part := range strings.SplitSeq(header, ",") {
		name, parameter, _ := strings.Cut(part, ";")
		yes := 1
		if q, ok := strings.CutPrefix(strings.ReplaceAll(parameter, " ", ""), "q="); ok {
			if value, err := strconv.ParseFloat(q, 64); err != nil || value <= 0 {
				yes = 0
			}
		}
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "gzip":
			accepted = yes
		case "*":
			any = yes
		}
	}
	return accepted == 1 || (accepted == -1 && any == 1)
}

// etagMatches is the weak comparison of If-None-Match.
func etagMatches(ifNoneMatch, etag string) bool {
	if strings.TrimSpace(ifNoneMatch) == "*" {
		return true
	}
	bare := strings.TrimPrefix(etag, "W/")
	for candidate := range strings.SplitSeq(ifNoneMatch, ",") {
		if strings.TrimPrefix(strings.TrimSpace(candidate), "W/") == bare {
			return true
		}
	}
	return false
}
