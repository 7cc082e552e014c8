package web

import (
	"bytes"
	"fmt"
	"net/http"
	"sync"

	"github.com/VictoriaMetrics/metrics"
)

// meters is what the server counts. A set of its own: nothing global, so that
// two servers in one process (tests) do not meet.
type meters struct {
	set          *metrics.Set
	segmentBytes *metrics.Counter
	panics       *metrics.Counter
	requests     sync.Map // requestKey → *metrics.Counter
	peerBytes    *metrics.Counter
	rejected     *metrics.Counter
	iceFailures  *metrics.Counter
}

type requestKey struct {
	route  string
	status int
}

func newMeters(s *Server) *meters {
	set := metrics.NewSet()
	m := &meters{
		set:          set,
		segmentBytes: set.NewCounter("streambox_segment_bytes_total"),
		panics:       set.NewCounter("streambox_panics_total"),
		peerBytes:    set.NewCounter("streambox_p2p_bytes_total"),
		rejected:     set.NewCounter("streambox_p2p_rejected_segments_total"),
		iceFailures:  set.NewCounter("streambox_p2p_ice_failures_total"),
	}
	set.NewGauge("streambox_websockets", func() float64 { return float64(s.hub.count()) })
	set.NewGauge("streambox_viewers", func() float64 { return float64(s.presence.Viewers()) })
	set.NewGauge("streambox_swarm_pages", func() float64 { return float64(s.sharing.stats().Watching) })
	set.NewGauge("streambox_swarm_leases", func() float64 {
		leases := 0
		for _, g := range s.sharing.stats().Groups {
			leases += g.Leases
		}
		return float64(leases)
	})
	if r := s.cfg.Room; r != nil {
		set.NewGauge("streambox_room_taken", func() float64 { return float64(r.State().Taken) })
		set.NewGauge("streambox_room_waiting", func() float64 { return float64(r.State().Waiting) })
		set.NewGauge("streambox_room_capacity_bits_per_second", func() float64 { return 1e6 * r.State().MbitPerSecond })
	}
	set.NewGauge("streambox_uptime_seconds", func() float64 { return s.cfg.Box.Status().UptimeSeconds })
	set.NewGauge("streambox_disk_free_bytes", func() float64 { return float64(s.cfg.Library.Storage().FreeBytes) })
	set.NewGauge("streambox_library_bytes", func() float64 { return float64(s.cfg.Library.Storage().LibraryBytes) })
	return m
}

// refused counts a message against the protocol. why is one of a fixed set of words.
func (m *meters) refused(why string) {
	m.set.GetOrCreateCounter(fmt.Sprintf("streambox_websocket_refused_total{why=%q}", why)).Inc()
}

// granted counts what the director says to wants.
func (m *meters) granted(how string) {
	m.set.GetOrCreateCounter(fmt.Sprintf("streambox_swarm_grants_total{how=%q}", how)).Inc()
}

// request counts an answer. route is the mux's pattern and not the address,
// which anybody could make up.
func (m *meters) request(route string, status int) {
	if route == "" {
		route = "refused"
	}
	key := requestKey{route, status}
	if c, ok := m.requests.Load(key); ok {
		if counter, ok := c.(*metrics.Counter); ok {
			counter.Inc()
		}
		return
	}
	counter := m.set.GetOrCreateCounter(fmt.Sprintf("streambox_requests_total{route=%q,status=\"%d\"}", route, status))
	m.requests.Store(key, counter)
	counter.Inc()
}

// metrics is /metrics, in the text format of Prometheus.
func (s *Server) metrics(w http.ResponseWriter, r *http.Request) error {
	var b bytes.Buffer
	s.meters.set.WritePrometheus(&b)
	if s.cfg.Room != nil {
		if places := s.cfg.Room.State().Places; places > 0 { // 0: no end is known, which is not "none"
			metrics.WriteGaugeUint64(&b, "streambox_room_places", uint64(places))
		}
	}
	metrics.WriteProcessMetrics(&b)
	w.Header().Set("Cache-Control", "no-store")
	s.send(w, r, http.StatusOK, "text/plain; version=0.0.4; charset=utf-8", b.Bytes())
	return nil
}
