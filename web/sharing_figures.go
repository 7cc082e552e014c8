package web

import (
	"time"

	"streambox.local/web/swarm"
)

// What a page can claim at most: a page that counts itself rich must not fool the
// figures of the box, nor the room's idea of what the swarm spares it. What came
// from peers counts in segments that the director sent the page to peers for, and
// of these twice as fast as the film plays, beside what is fetched ahead: else
// one page that asks for the same ones again and again is half a room.
const (
	claimAtOnce       = 30 * time.Second // of film
	maxClaim          = time.Minute      // of film: saved up while little came
	claimSpeed        = 2
	usualBitrate      = 5_000_000 // bit/s, where it is not known yet
	maxRejectedAtOnce = 16
	sparedOver        = 30 // seconds
)

// reported is what a page has told of itself; it belongs to its reader.
type reported struct {
	rejected int
	stalls   int
}

// take notes what is new in a have. The counters only grow; what falls is not counted.
func (r *reported) take(m swarm.Have) (rejected, stalls int) {
	rejected = min(max(m.Rejected-r.rejected, 0), maxRejectedAtOnce)
	stalls = max(m.Stalls-r.stalls, 0)
	*r = reported{rejected: m.Rejected, stalls: m.Stalls}
	return rejected, stalls
}

// spared says which share of what was watched in the last sparedOver seconds
// came from other phones. It belongs to one goroutine.
type spared struct {
	p2p, all [sparedOver]uint64 // per second
	second   int
	p2pBytes uint64
	http     uint64
}

// next ends a second: the totals are as they are now.
func (s *spared) next(p2pBytes, httpBytes uint64) (share float64) {
	p2p := p2pBytes - s.p2pBytes
	s.p2p[s.second], s.all[s.second] = p2p, p2p+httpBytes-s.http
	s.second = (s.second + 1) % sparedOver
	s.p2pBytes, s.http = p2pBytes, httpBytes
	var part, whole uint64
	for i := range s.all {
		part += s.p2p[i]
		whole += s.all[i]
	}
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
