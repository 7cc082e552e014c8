package mdns

import (
	"net/netip"
	"time"

	"github.com/miekg/dns"
)

// tick does what is due.
func (m *machine) tick(now time.Time) {
	for _, s := range m.links {
		if !s.at.IsZero() && !now.Before(s.at) {
			if s.stage == probing {
				m.probeOrWin(now, s)
			} else {
				m.announce(now, s)
			}
		}
		m.answerWaiting(now, s)
	}
}

// probeOrWin asks once more, or has asked often enough.
func (m *machine) probeOrWin(now time.Time, s *linkState) {
	if s.step == probes {
		s.stage, s.step, m.slow = ours, 0, false
		m.announce(now, s)
		return
	}
	s.step++
	s.at = now.Add(probeEvery)
	name := fullName(m.name())
	msg := new(dns.Msg)
	msg.Compress = true
	// Not asking for unicast answers: the port is shared with other programs
	// of this machine, and such an answer reaches only one of them.
	msg.Question = []dns.Question{{Name: name, Qtype: dns.TypeANY, Qclass: classOfNames}}
	msg.Ns = m.claim(s)
	m.send(s, both, msg)
}

func (m *machine) claim(s *linkState) []dns.RR {
	return addressRecords(fullName(m.name()), s.told, dns.TypeANY, addressTTL, 0)
}

func (m *machine) announce(now time.Time, s *linkState) {
	name := fullName(m.name())
	msg := newResponse()
	msg.Answer = append(addressRecords(name, s.told, dns.TypeANY, addressTTL, topBit), denial(name, s.told, addressTTL, topBit))
	m.send(s, both, msg)
	s.noteSaid(now, both, msg.Answer)
	s.at = now.Add(announceAgain << s.step)
	if s.step++; s.step >= announcements {
		s.at = time.Time{}
	}
}

// goodbye withdraws addresses of the present name.
func (m *machine) goodbye(s *linkState, addresses []netip.Addr) {
	msg := newResponse()
	msg.Answer = addressRecords(fullName(m.name()), addresses, dns.TypeANY, 0, topBit)
	m.send(s, both, msg)
}

// leave says goodbye everywhere.
func (m *machine) leave() {
	for _, s := range m.links {
		if s.stage == ours {
			m.goodbye(s, s.told)
		}
		s.at, s.waiting = time.Time{}, nil
	}
}

// send to the group, by the families that the link has.
func (m *machine) send(s *linkState, f family, msg *dns.Msg) {
	for _, one := range []family{v4, v6} {
		if f&one != 0 && s.sends&one != 0 {
			m.out = append(m.out, outgoing{link: s.index, family: one, msg: msg})
		}
	}
}
