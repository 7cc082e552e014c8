package web

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"

	"streambox.local/appliance/library"
)

// problem is an error that is told to the one who asked. The text is a
// sentence without paths; cause goes to the log only.
type problem struct {
	status            int
	code              string
	text              string
	parameters        map[string]any
	retryAfterSeconds int
	cause             error
}

func (p *problem) Error() string { return p.code + ": " + p.text }
func (p *problem) Unwrap() error { return p.cause }

func notFound() *problem {
	return &problem{status: http.StatusNotFound, code: "not_found", text: "There is nothing at this address."}
}

func unknownTitle() *problem {
	return &problem{status: http.StatusNotFound, code: "unknown_title", text: "The box does not have this title."}
}

func wrongParameter(name, text string) *problem {
	return &problem{
		status: http.StatusBadRequest, code: "wrong_parameter", text: text,
		parameters: map[string]any{"parameter": name},
	}
}

func notYet() *problem {
	return &problem{
		status: http.StatusServiceUnavailable, code: "not_yet", retryAfterSeconds: 1,
		text: "This part of the title is still being prepared.",
	}
}

// unplugged is what nobody prepares: it plays again when a stick with it is here.
func unplugged(t library.Title) *problem {
	text := "The stick with this title was pulled out."
	if t.Reason != nil && t.Reason.Code == "file_removed" {
		text = "This title is no longer on its stick."
	}
	return &problem{status: http.StatusServiceUnavailable, code: "unplugged", retryAfterSeconds: 5, text: text}
}

// cannotRead is what is on a stick, or on the disk, and does not come from it now.
func cannotRead(cause error) *problem {
	return &problem{
		status: http.StatusServiceUnavailable, code: "cannot_read", retryAfterSeconds: 2,
		text: "The box cannot read this title at the moment.", cause: cause,
	}
}

// problemOf finds what to say for an error. 503 and not 404 where trying again
// helps: hls.js never repeats a request that was answered with a 4xx.
func problemOf(err error) *problem {
	var p *problem
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, library.ErrUnreadable): // before ErrNotYet, which it is too; whoever read has logged it
		return cannotRead(nil)
	case errors.Is(err, library.ErrNotYet):
		return notYet()
	case errors.Is(err, library.ErrRenditionGone):
		return &problem{status: http.StatusGone, code: "rendition_gone", text: "This version of the title has been replaced."}
	case errors.Is(err, library.ErrUnknownTitle):
		return unknownTitle()
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrInvalid):
		return notFound()
	case errors.As(err, &tooLarge):
		return &problem{
			status: http.StatusRequestEntityTooLarge, code: "too_large", text: "The request is too large.",
			parameters: map[string]any{"bytes": tooLarge.Limit},
		}
	case errors.Is(err, context.Canceled):
		return &problem{status: http.StatusServiceUnavailable, code: "cancelled", text: "The request was given up."}
	default:
		return &problem{
			status: http.StatusInternalServerError, code: "internal",
			text: "Something went wrong on the box.", cause: err,
		}
	}
}

// errorBody is the one shape of errors in the API.
type errorBody struct {
	Error      string         `json:"error"`
	Code       string         `json:"code"`
	Parameters map[string]any `json:"parameters"`
}

// fail answers with an error: JSON for programs, a page for people.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	p := problemOf(err)
	if p.cause != nil {
		s.logFailure(r, p)
	}
	h := w.Header()
	for _, name := range []string{"Etag", "Content-Length", "Content-Range", "Content-Disposition"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	if p.retryAfterSeconds > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfterSeconds))
	}
	if wantsJSON(r.URL.Path) {
		body := errorBody{Error: p.text, Code: p.code, Parameters: p.parameters}
		if body.Parameters == nil {
			body.Parameters = map[string]any{}
		}
		s.sendJSON(w, r, p.status, body)
		return
	}
	host, _ := p.parameters["host"].(string)
	s.sendPage(w, r, p.status, errorPage(http.StatusText(p.status), p.text, host))
}

// logFailure writes down why a request failed: once a minute per title (or
// kind of address) and code.
func (s *Server) logFailure(r *http.Request, p *problem) {
	about := r.PathValue("id")
	if !library.ValidID(about) {
		about = r.Pattern
	}
	if unsaid, write := s.failures.note(p.code + " " + about); write {
		s.log.ErrorContext(r.Context(), "A request could not be answered", "method", r.Method, "path", r.URL.Path,
			"status", p.status, "err", p.cause, "unsaid", unsaid)
	}
}

// wantsJSON tells the addresses of programs from those of people.
func wantsJSON(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/stream/") || path == "/ws"
}
