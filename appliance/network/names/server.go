package names

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"
)

const (
	port         = 53
	lookEvery    = time.Second
	tcpTimeLimit = 5 * time.Second
	perSecond    = 400 // answers; a room of phones that has just come asks a tenth of it
	perPhone     = 40  // of these; one that floods must not silence the others
)

// Server answers while there is an access point.
type Server struct {
	// Zone is asked for each question; its Address is where the server listens.
	// ok is false while there is no access point.
	Zone func() (z Zone, ok bool)
	Link netip.Prefix // who may ask
	Log  *slog.Logger

	port int // tests: not 53
}

// Run listens whenever there is an access point, until ctx ends; it returns nil then.
func (s *Server) Run(ctx context.Context) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	said := ""
	for {
		if zone, ok := s.Zone(); ok {
			err := s.serve(ctx, zone.Address)
			if err == nil {
				said = ""
			} else if err.Error() != said { // the address may be there in a moment
				said = err.Error()
				s.Log.Warn("Phones on the box's Wi-Fi get no names yet", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// serve answers at one address until the access point is gone, or ctx ends.
func (s *Server) serve(ctx context.Context, at netip.Addr) error {
	address := netip.AddrPortFrom(at, uint16(port))
	if s.port != 0 {
		address = netip.AddrPortFrom(at, uint16(s.port)) //nolint:gosec // G115: a test's port
	}
	var config net.ListenConfig
	packets, err := config.ListenPacket(ctx, "udp4", address.String())
	if err != nil {
		return fmt.Errorf("listening for questions: %w", err)
	}
	streams, err := config.Listen(ctx, "tcp4", address.String())
	if err != nil {
		return errors.Join(fmt.Errorf("listening for questions: %w", err), packets.Close())
	}
	limited := &limit{now: time.Now}
	answer := dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		if who, ok := s.sender(w); ok && limited.take(who) {
			s.handle(w, q)
		}
	})
	servers := []*dns.Server{
		{PacketConn: packets, Handler: answer},
		{Listener: streams, Handler: answer, ReadTimeout: tcpTimeLimit, WriteTimeout: tcpTimeLimit, MaxTCPQueries: 16},
	}
	s.Log.Info("Phones on the box's Wi-Fi get names", "at", address)
	var running sync.WaitGroup
	for _, one := range servers {
		running.Go(func() {
			if err := one.ActivateAndServe(); err != nil {
				s.Log.Debug("A name server ended", "error", err)
			}
		})
	}
	s.whileThere(ctx, at)
	_ = packets.Close() // ends the loops; Shutdown alone would miss one that has not begun yet
	_ = streams.Close()
	running.Wait()
	return nil
}

// whileThere returns when the access point is gone, has another address, or ctx ends.
func (s *Server) whileThere(ctx context.Context, at netip.Addr) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if zone, ok := s.Zone(); !ok || zone.Address != at {
				return
			}
		}
	}
}

// sender is who asks; ok is false for who has no business here.
func (s *Server) sender(w dns.ResponseWriter) (who netip.Addr, ok bool) {
	from, err := netip.ParseAddrPort(w.RemoteAddr().String())
	who = from.Addr().Unmap()
	return who, err == nil && s.Link.Contains(who)
}

func (s *Server) handle(w dns.ResponseWriter, q *dns.Msg) {
	zone, ok := s.Zone()
	if !ok {
		return
	}
	if r := Reply(zone, q); r != nil {
		_ = w.WriteMsg(r) // who asked has gone
	}
}

// limit counts the answers of a second: what is over is not answered, and asked again by who meant it.
type limit struct {
	now func() time.Time

	mu    sync.Mutex
	at    time.Time
	given int
	by    map[netip.Addr]int // as many as the link has addresses, at most
}

func (l *limit) take(who netip.Addr) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.now(); now.Sub(l.at) >= time.Second {
		l.at, l.given, l.by = now, 0, map[netip.Addr]int{}
	}
	if l.given == perSecond || l.by[who] == perPhone {
		return false
	}
	l.given++
	l.by[who]++
	return true
}
