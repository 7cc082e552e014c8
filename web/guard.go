package web

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"time"
)

// guard is what every request passes before it reaches its route: counting,
// panics, headers, and who may ask at all. It hands the same *http.Request on,
// since the mux notes the pattern in it.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w := &recorder{ResponseWriter: rw}
		w.extend(0)
		started := time.Now()
		defer s.noted(w, r, started)
		defer s.recovered(w, r)
		if !s.clock.isSet() {
			// Without a battery clock the date is wrong until time is known,
			// and a browser does not reuse `immutable` answers from 1970.
			w.Header()["Date"] = nil
		}
		if s.answersProbe(w, r) {
			return
		}
		forwardedHost := s.proxies.unwrap(r)
		asked := s.hosts.header(r.Host)
		err := s.mayBeAsked(r, asked)
		if err == nil && forwardedHost != "" {
			// As well, not instead: a page that has rebound its own name can send this header through a proxy that does not set it.
			r.Host = forwardedHost
			asked = s.hosts.header(r.Host)
			err = s.mayBeAsked(r, asked)
		}
		maps.Copy(w.Header(), asked.headers)
		if err == nil {
			err = checkOrigin(r)
		}
		if err != nil {
			s.fail(w, r, err)
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			_ = http.NewResponseController(rw).SetReadDeadline(time.Now().Add(bodyTimeout)) // see extend
			r.Body = http.MaxBytesReader(rw, r.Body, maxBodyBytes)
		}
		next.ServeHTTP(w, r)
	})
}

// noted counts a request that is over.
func (s *Server) noted(w *recorder, r *http.Request, started time.Time) {
	s.meters.request(r.Pattern, w.status)
	if !s.log.Enabled(r.Context(), slog.LevelDebug) {
		return
	}
	s.log.DebugContext(r.Context(), "Request", "method", r.Method, "path", r.URL.Path, "status", w.status,
		"bytes", w.bytes, "took", time.Since(started), "remote", r.RemoteAddr)
}

// mayBeAsked says whether a request is for this box.
func (s *Server) mayBeAsked(r *http.Request, asked hostHeader) error {
	if !s.hosts.accepts(r, asked) {
		return wrongHost(r.Host)
	}
	return nil
}

// recovered turns a panic of a route into a 500 and a line in the log.
func (s *Server) recovered(w *recorder, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(v)
	}
	s.meters.panics.Inc()
	s.log.ErrorContext(r.Context(), "A request failed by a panic", "method", r.Method, "path", r.URL.Path,
		"panic", fmt.Sprint(v), "stack", string(debug.Stack()))
	if w.status != 0 { // the answer has begun: only cutting it off tells the client
		panic(http.ErrAbortHandler)
	}
	s.fail(w, r, &problem{status: http.StatusInternalServerError, code: "internal", text: "Something went wrong on the box."})
}
