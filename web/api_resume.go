package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
)

// maxResumeSeconds: no film lasts ten days.
const maxResumeSeconds = 10 * 24 * 60 * 60

type resumeBody struct {
	Seconds *float64 `json:"seconds"`
}

// apiResume is GET /api/v1/resume/{id}. Nothing known is second 0 and not a
// 404, which browsers would print in red for each film opened the first time.
func (s *Server) apiResume(w http.ResponseWriter, r *http.Request) error {
	t, err := s.title(r.PathValue("id"))
	if err != nil {
		return err
	}
	var seconds float64
	if viewer := viewerOf(r); viewer != "" {
		if seconds, _, err = s.cfg.Resume.Resume(viewer, t.ID); err != nil {
			return fmt.Errorf("reading a resume point: %w", err)
		}
	}
	s.sendJSON(w, r, http.StatusOK, resumeBody{Seconds: &seconds})
	return nil
}

// apiSetResume is PUT /api/v1/resume/{id}.
func (s *Server) apiSetResume(w http.ResponseWriter, r *http.Request) error {
	t, err := s.title(r.PathValue("id"))
	if err != nil {
		return err
	}
	var body resumeBody
	if err = readJSON(r, &body); err != nil {
		return err
	}
	if body.Seconds == nil || math.IsNaN(*body.Seconds) || *body.Seconds < 0 || *body.Seconds > maxResumeSeconds {
		return wrongParameter("seconds", "seconds must be a number from 0 on.")
	}
	viewer, err := s.ensureViewer(w.Header(), r)
	if err != nil {
		return err
	}
	if err = s.cfg.Resume.SetResume(viewer, t.ID, *body.Seconds); err != nil {
		return fmt.Errorf("keeping a resume point: %w", err)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// readJSON reads one JSON value, and nothing behind it.
func readJSON(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	err := d.Decode(v)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return nil
		}
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge
	}
	return &problem{status: http.StatusBadRequest, code: "wrong_body", text: "The request's body is not the JSON it should be."}
}
