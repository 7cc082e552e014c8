package web

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// route answers a request or says why not; what it returns goes through fail.
type route func(w http.ResponseWriter, r *http.Request) error

// methods are the routes of one address. GET also answers HEAD: net/http
// leaves the body out.
type methods map[string]route

// routes is every address there is. Methods are told apart here and not in the
// patterns, so that a wrong one gets our 405 and not the catch-all's 404.
func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, m methods) { mux.HandleFunc(pattern, s.dispatch(m)) }
	get := func(pattern string, f route) { handle(pattern, methods{http.MethodGet: f}) }

	get("/{$}", s.libraryPage)
	get("/watch/{id}", s.watchPage)
	get("/assets/{version}/{path...}", s.asset)
	get("/pages.css", s.pagesStyle)
	get("/join", s.joinPage)
	get("/join-card.pdf", s.joinCard)
	handle("/welcome", methods{http.MethodGet: s.welcome, http.MethodPost: s.stay})
	get("/qr.svg", s.qr)
	get("/titles.m3u", s.titlesM3U)

	get("/api/v1/titles", s.apiTitles)
	get("/api/v1/titles/{id}", s.apiTitle)
	handle("/api/v1/resume/{id}", methods{http.MethodGet: s.apiResume, http.MethodPut: s.apiSetResume})
	get("/api/v1/box", s.apiBox)
	get("/api/v1/swarm", s.apiSwarm)
	get("/api/v1/swarm/trace", s.apiSwarmTrace)
	handle("/api/v1/rescan", methods{http.MethodPost: s.apiRescan})
	handle("/api/v1/host", methods{http.MethodPost: s.apiHost})
	handle("/api/v1/settings", methods{http.MethodPut: s.apiSettings})
	handle("/api/v1/poweroff", methods{http.MethodPost: s.apiPowerOff})

	get("/stream/{id}/master.m3u8", s.master)
	get("/stream/{id}/thumbnail.jpg", s.thumbnail)
	get("/stream/{id}/subtitles/{file}", s.subtitles)
	get("/stream/{id}/previews/{file}", s.previews)
	get("/stream/{id}/{rendition}/{file}", s.rendition)

	get("/ws", s.hub.serve)
	get("/healthz", s.healthz)
	get("/metrics", s.metrics)
	mux.HandleFunc("/", s.dispatch(nil))
	return mux
}

func (s *Server) dispatch(m methods) http.HandlerFunc {
	if m[http.MethodGet] != nil {
		m[http.MethodHead] = m[http.MethodGet]
	}
	allow := strings.Join(slices.Sorted(maps.Keys(m)), ", ")
	return func(w http.ResponseWriter, r *http.Request) {
		f := m[r.Method]
		var err error
		switch {
		case f != nil:
			err = f(w, r)
		case m == nil:
			err = notFound()
		default:
			w.Header().Set("Allow", allow)
			err = &problem{
				status: http.StatusMethodNotAllowed, code: "method_not_allowed",
				text: "This address does not take that kind of request.", parameters: map[string]any{"allow": allow},
			}
		}
		if err != nil {
			s.fail(w, r, err)
		}
	}
}

// lettersAndDigits says whether s consists of these, lower case, and of also.
func lettersAndDigits(s, also string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && strings.IndexByte(also, c) < 0 {
			return false
		}
	}
	return s != ""
}
