package web

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Limits of a connection. There is no write timeout for a whole response: a
// slow phone may take minutes for a segment. The recorder drops a reader that
// makes no progress instead.
const (
	readHeaderTimeout = 10 * time.Second
	bodyTimeout       = 10 * time.Second
	idleTimeout       = 90 * time.Second
	maxHeaderBytes    = 16 << 10
)

// Server answers HTTP and WebSocket. Make one with New; safe for concurrent use.
type Server struct {
	cfg      Config
	log      *slog.Logger
	now      func() time.Time
	presence *Presence
	hosts    *hostNames
	proxies  proxies
	client   *client
	hub      *hub
	sharing  *sharing
	rates    bitrates
	meters   *meters
	gzips    sync.Pool
	host     hostWindow
	failures failureLog
	clock    clockCache
	words    *wordBook
	handler  http.Handler
}

// New starts nothing. Library, Resume and Box must be given.
func New(cfg Config) (*Server, error) {
	if cfg.Library == nil || cfg.Resume == nil || cfg.Box == nil {
		return nil, errors.New("web: Library, Resume and Box must be given")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	if cfg.Synced == nil {
		cfg.Synced = clockIsSet
	}
	if cfg.OwnNames == nil {
		cfg.OwnNames = machineNames
	}
	if cfg.Link == nil {
		cfg.Link = func(netip.Addr) (name, role string) { return "", cfg.Role() }
	}
	if cfg.Role == nil {
		cfg.Role = func() string { return "wired" }
	}
	if cfg.STUN == nil {
		cfg.STUN = func(netip.Addr) string { return "" }
	}
	if cfg.Hotspot == nil {
		cfg.Hotspot = func() (Hotspot, bool) { return Hotspot{}, false }
	}
	if cfg.Presence == nil {
		cfg.Presence = NewPresence(nil)
	}
	s := &Server{cfg: cfg, log: cfg.Log, now: cfg.Now, presence: cfg.Presence, failures: failureLog{now: cfg.Now}}
	s.clock.ask, s.clock.now = cfg.Synced, cfg.Now
	s.presence.setClock(cfg.Now)
	s.hosts, s.proxies = newHostNames(cfg), cfg.Proxies
	s.client = loadClient(cfg.Assets, cfg.DevAssets)
	s.hub = newHub(s)
	var err error
	if s.words, err = loadWords(); err != nil {
		return nil, err
	}
	if s.sharing, err = newSharing(s); err != nil {
		return nil, err
	}
	s.meters = newMeters(s)
	s.handler = s.guard(s.routes())
	return s, nil
}

// Handler is everything below /.
func (s *Server) Handler() http.Handler { return s.handler }

// Run pushes changes to the WebSockets until ctx ends, then says bye and
// closes them; it returns when their goroutines are gone.
func (s *Server) Run(ctx context.Context) error { return s.hub.run(ctx) }

// HTTPServer wraps the handler with the timeouts and limits it is made for.
// Its Shutdown does not end WebSockets: the end of Run does.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ConnState:         newConnLimit(s.proxies).onState,
		ConnContext:       s.connContext,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}
