package mdns

import (
	"context"
	"slices"
	"time"
)

// advertiseEvery bounds the work of links and addresses that come and go: the
// services are told anew as a whole.
const advertiseEvery = time.Second

const unheard = "Nothing can be sent about the name; a firewall on this machine may keep it."

// session joins the machine with the world while the network is open.
type session struct {
	*Responder
	machine *machine
	network transport

	told     string    // the name that OnName knows
	service  service   // what is advertised
	after    time.Time // not advertised anew before
	refusals map[string]bool
	waits    bool // said that there is no link
	resting  bool // no services while somebody floods the network
	mute     bool // nothing of what was to be sent last went out
}

// run is the one goroutine that the machine knows.
func (s *session) run(ctx context.Context, packets <-chan packet, links <-chan []link) {
	s.told, s.refusals = s.Name(), map[string]bool{}
	wake := time.NewTimer(portEvery)
	defer wake.Stop()
	for {
		select {
		case <-ctx.Done():
			s.cfg.services.Withdraw()
			s.machine.leave()
			s.send()
			return
		case p := <-packets:
			s.machine.receive(time.Now(), p)
		case now := <-links:
			s.linksAre(now)
		case <-wake.C:
		}
		s.catchUp(packets)
		s.machine.tick(time.Now())
		s.send()
		s.settle()
		wait := portEvery
		if at, ok := s.machine.next(); ok {
			wait = min(wait, max(time.Until(at), 0))
		}
		if late := time.Until(s.after); late > 0 {
			wait = min(wait, late)
		}
		wake.Reset(wait)
	}
}

// catchUp reads what has come in before the clock counts: on a busy machine the
// answer that a name is taken must not lie there while its time runs out.
func (s *session) catchUp(packets <-chan packet) {
	for range packetsAhead {
		select {
		case p := <-packets:
			s.machine.receive(time.Now(), p)
		default:
			return
		}
	}
}

func (s *session) linksAre(now []link) {
	if err := s.network.Join(now); err != nil {
		s.refused("Multicast is not to be had on every link", err)
	}
	s.machine.setLinks(time.Now(), now)
	if len(now) == 0 && !s.waits {
		s.log.Info("No network link: the name waits for one", "name", s.machine.name()+".local")
	}
	s.waits = len(now) == 0
}

func (s *session) send() {
	sent, failed := 0, 0
	for _, o := range s.machine.take() {
		if err := s.network.Send(o); err != nil {
			failed++
			s.refused("A packet about the name was not sent", err)
			continue
		}
		sent++
	}
	if sent+failed > 0 {
		s.mute = sent == 0
	}
}

// refused logs each kind of refusal once, so that a firewall does not fill the log.
func (s *session) refused(what string, err error) {
	if text := err.Error(); !s.refusals[text] && len(s.refusals) < 100 {
		s.refusals[text] = true
		s.log.Warn(what, "error", err) //nolint:sloglint // one of the sentences above
	}
}

// settle makes known what the machine has come to.
func (s *session) settle() {
	owned := s.machine.owned()
	if owned == "" {
		if len(s.service.links) > 0 {
			s.cfg.services.Withdraw()
			s.service, s.machine.service = service{}, service{}
		}
		s.sayNotOurs()
		return
	}
	if owned != s.told {
		s.told = owned
		s.mu.Lock()
		s.name = owned
		s.mu.Unlock()
		s.log.Info("The box has a name on the network", "name", owned+".local", "asked", s.cfg.Name+".local")
		if s.cfg.Remembered != nil {
			if err := s.cfg.Remembered.SaveName(owned); err != nil {
				s.log.Warn("The box's name could not be kept", "name", owned, "error", err)
			}
		}
		s.cfg.OnName(owned)
	}
	if s.mute {
		s.setHealth(Broken, unheard)
	} else {
		s.setHealth(Present, owned+".local")
	}
	s.advertise(owned)
}

// sayNotOurs says why there is no name for now; that it was ours a moment ago counts for nothing.
func (s *session) sayNotOurs() {
	switch {
	case len(s.machine.links) == 0:
		s.setHealth(Absent, "There is no network link.")
	case s.mute:
		s.setHealth(Broken, unheard)
	default:
		s.setHealth(Absent, "The name is being asked for.")
	}
}

// advertise follows name, port and links.
func (s *session) advertise(owned string) {
	now := service{label: owned, port: s.cfg.Port(), version: s.cfg.Version, links: s.machine.ownedOn()}
	if now.port > 0 && s.flooded() {
		s.machine.service = now
		return
	}
	if now.port == 0 || now.equal(s.service) || time.Now().Before(s.after) {
		return
	}
	s.after = time.Now().Add(advertiseEvery)
	s.service = now
	s.service.links = slices.Clone(now.links)
	s.machine.service = s.service
	if err := s.cfg.services.Advertise(now); err != nil {
		s.refused("Other programs will not find the box everywhere", err)
	}
}

// flooded takes the services off the network while somebody floods it: zeroconf
// answers each question to all, whoever asks and however often (48 % of a core at
// 10,000 a second). The name, and who asks for services from a port of their own, are
// answered as ever, by us.
func (s *session) flooded() bool {
	loud := s.network.Loud()
	was := s.resting
	s.resting = !loud.IsZero() && time.Since(loud) < calmAfter
	if s.resting && !was {
		s.log.Warn("Somebody floods the network with multicast: until it is calm, lists of services do not show the box", "name", s.told+".local")
		s.cfg.services.Withdraw()
		s.service = service{}
	}
	return s.resting
}
