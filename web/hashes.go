package web

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"

	"streambox.local/appliance/library"
)

type hashesBody struct {
	Schema   int           `json:"schema"`
	Segments []hashSegment `json:"segments"`
}

type hashSegment struct {
	Name   string  `json:"name"`
	SHA256 *string `json:"sha256"` // null: not yet known
	Bytes  int64   `json:"bytes"`
}

// hashes is hashes.json: the playlist's segments with what is known of them.
func (s *Server) hashes(w http.ResponseWriter, r *http.Request, src library.Source) error {
	playlist, err := src.Playlist(r.Context())
	if err != nil {
		return streamError("reading a playlist", err)
	}
	body := hashesBody{Schema: 1, Segments: []hashSegment{}}
	for _, entry := range playlistEntries(playlist) {
		sum, size, digestErr := src.Digest(r.Context(), entry.name)
		if digestErr != nil {
			return streamError("reading a digest", digestErr)
		}
		segment := hashSegment{Name: entry.name, Bytes: size}
		if len(sum) > 0 {
			text := hex.EncodeToString(sum)
			segment.SHA256 = &text
		}
		body.Segments = append(body.Segments, segment)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encoding hashes: %w", err)
	}
	s.sendRevalidated(w, r, "application/json", append(text, '\n'))
	return nil
}
