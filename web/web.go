package web

import (
	"context"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"streambox.local/appliance/library"
)

// Box is what the server must know of the box it runs in.
type Box interface {
	Status() BoxStatus
}

// BoxStatus is the part of GET /api/v1/box that neither library nor web knows itself.
type BoxStatus struct {
	Name          string            // mDNS name without .local
	URLs          []string          // every address that works, best first
	Version       string            // of the program
	UptimeSeconds float64           // since the start of the process
	State         string            // starting | ready | working | attention | fault | stopping
	Hardware      map[string]string // part → present | notOnThisBoard | broken
}

// Resume keeps viewers' places; *library.StateDB has it.
type Resume interface {
	Resume(viewer, id string) (seconds float64, found bool, err error)
	SetResume(viewer, id string, seconds float64) error
}

// Config is what a Server needs.
type Config struct {
	Library  *library.Library
	Resume   Resume
	Presence *Presence
	Box      Box
	Rescan   func() error // nil: started; an error: too soon (429)
	HostOpen func() bool  // true for 60 s after a short press; nil: never
	Assets   fs.FS        // the client; see Assets()
	Names    []string     // host names accepted beside IP literals, localhost and single labels
	Synced   func() bool  // is the clock set? optional: adjtimex
	Log      *slog.Logger
	Now      func() time.Time // optional
}

// Server answers HTTP and WebSocket.
type Server struct{}

// New starts nothing.
func New(cfg Config) (*Server, error) { return &Server{}, nil }

// Handler is everything below /.
func (s *Server) Handler() http.Handler { return http.NotFoundHandler() }

// Run pushes changes to the WebSockets until ctx ends, then says bye and closes them.
func (s *Server) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// HTTPServer wraps the handler with the timeouts and limits it is made for.
func (s *Server) HTTPServer() *http.Server { return &http.Server{Handler: s.Handler()} }

// Presence knows which viewer has which title open. Safe for concurrent use.
type Presence struct{}

// NewPresence calls onChange (may be nil) with the id of a title whose count rose.
func NewPresence(onChange func(id string)) *Presence { return &Presence{} }

// Opened returns how many viewers have the title open (each counts once, for the title opened last).
func (p *Presence) Opened(id string) int { return 0 }

// Assets returns the embedded client, or false when the binary was built without it.
func Assets() (fs.FS, bool) { return nil, false }
