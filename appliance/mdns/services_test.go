package mdns

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/miekg/dns"
)

// provider owns streambox.local and has told of its service long ago.
func provider(t *testing.T) (m *machine, now time.Time) {
	t.Helper()
	m, now = owner(t, "192.168.0.1/24")
	m.tell(now, serving(80))
	for range 20 {
		m.tick(now)
		now = now.Add(250 * time.Millisecond)
	}
	m.take()
	return m, now.Add(2 * time.Hour)
}

const web, ofWeb = "_http._tcp.local.", "StreamBox._http._tcp.local."

// told is what is sent to the group, in a few words: "PTR StreamBox._http._tcp.local. + SRV TXT A".
func told(out []outgoing) (list []string) {
	for _, o := range out {
		var said, beside []string
		for _, rr := range o.msg.Answer {
			what := dns.TypeToString[rr.Header().Rrtype]
			if p, ok := rr.(*dns.PTR); ok {
				what += " " + p.Ptr
			}
			if rr.Header().Ttl == 0 {
				what = "no " + what
			}
			said = append(said, what)
		}
		for _, rr := range o.msg.Extra {
			beside = append(beside, dns.TypeToString[rr.Header().Rrtype])
		}
		text := strings.Join(said, ", ") + " + " + strings.Join(beside, " ")
		if o.to.IsValid() {
			text = "one: " + text
		}
		list = append(list, text)
	}
	return list
}

// at lets what waits come due.
func at(m *machine, now time.Time, d time.Duration) []string {
	m.tick(now.Add(d))
	return told(m.take())
}

func TestServicesAreAnsweredForInTheGroup(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		asked    *dns.Msg
		wait     time.Duration // at the earliest
		want     string        // "": nothing
	}{
		{"which web pages are there: others may have some, too", asks(dns.TypePTR, dns.ClassINET, web), sharedWait, "PTR " + ofWeb + " + SRV TXT A"},
		{"which kinds of services are there", asks(dns.TypePTR, dns.ClassINET, typesName), sharedWait, "PTR _http._tcp.local., PTR _streambox._tcp.local. + A"},
		{"where is this one: only we know", asks(dns.TypeSRV, dns.ClassINET, "streambox._HTTP._tcp.local."), 0, "SRV + A"},
		{"all of one", asks(dns.TypeANY, dns.ClassINET, ofWeb), 0, "SRV, TXT + A"},
		{"the same twice", asks(dns.TypePTR, dns.ClassINET, web, web), sharedWait, "PTR " + ofWeb + " + SRV TXT A"},
		{"printers", asks(dns.TypePTR, dns.ClassINET, "_ipp._tcp.local."), 0, ""},
		{"another's", asks(dns.TypeSRV, dns.ClassINET, "StreamBox\\ 2._http._tcp.local."), 0, ""},
		{"another class", asks(dns.TypePTR, dns.ClassCHAOS, web), 0, ""},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			m, now := provider(t)
			m.receive(now, from(phone, tt.asked))
			if tt.wait > 0 {
				if early := told(m.take()); early != nil {
					t.Errorf("too early: %q", early)
				}
				if early := at(m, now, tt.wait-1); early != nil {
					t.Errorf("too early: %q", early)
				}
			}
			m.tick(now.Add(tt.wait))
			out := m.take()
			if got := strings.Join(told(out), "; "); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
			for _, o := range out {
				for _, rr := range o.msg.Answer {
					ttl, class := uint32(serviceTTL), dns.ClassINET|topBit
					switch rr.Header().Rrtype {
					case dns.TypePTR:
						class = classOfNames // nobody is to forget others'
					case dns.TypeSRV:
						ttl = addressTTL
					}
					if rr.Header().Ttl != ttl || rr.Header().Class != class {
						t.Errorf("%v", rr)
					}
				}
				if len(o.msg.Question) != 0 || !o.msg.Response {
					t.Errorf("no answer of multicast DNS: %v", o.msg)
				}
			}
		})
	}
}

func TestWhatAnAskerKnowsOfTheServiceIsNotSaidAgain(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		ttl      uint32
		to       string
		want     []string
	}{
		{"known for long", serviceTTL / 2, ofWeb, nil},
		{"soon to be forgotten", serviceTTL/2 - 1, ofWeb, []string{"PTR " + ofWeb + " + SRV TXT A"}},
		{"another one is known", serviceTTL, "Printer._http._tcp.local.", []string{"PTR " + ofWeb + " + SRV TXT A"}},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			known := []dns.RR{pointer(web, tt.to, voice{what: tt.ttl})}
			m, now := provider(t)
			asked := asks(dns.TypePTR, dns.ClassINET, web)
			asked.Answer = known
			m.receive(now, from(phone, asked))
			if got := at(m, now, time.Second); !slices.Equal(got, tt.want) {
				t.Errorf("in the query: %q", got)
			}
			// 7.2: what does not fit comes in a second packet.
			m, now = provider(t)
			asked.Answer, asked.Truncated = nil, true
			rest := new(dns.Msg)
			rest.Answer = known
			m.receive(now, from(phone, asked))
			m.receive(now.Add(100*time.Millisecond), from(phone, rest))
			if got := at(m, now, knownWaitLow-1); got != nil {
				t.Errorf("too early: %q", got)
			}
			if got := at(m, now, knownWaitLow); !slices.Equal(got, tt.want) {
				t.Errorf("in the packet after it: %q", got)
			}
		})
	}
}

// 10,000 questions in a second, of whatever kind, cost one answer or two.
func TestAFloodOfQuestionsIsAnsweredOnceASecond(t *testing.T) {
	for kind, name := range map[uint16]string{dns.TypePTR: web, dns.TypeSRV: ofWeb, dns.TypeANY: ofWeb} {
		t.Run(dns.TypeToString[kind], func(t *testing.T) {
			m, now := provider(t)
			sent := 0
			for i := range 10_000 {
				now = now.Add(100 * time.Microsecond)
				m.receive(now, from(fmt.Sprintf("192.168.0.%d:5353", 2+i%200), asks(kind, dns.ClassINET, name)))
				m.tick(now)
				sent += len(m.take())
			}
			if sent < 1 || sent > 2 {
				t.Errorf("%d answers in a second", sent)
			}
			if n := len(m.links[0].waiting); n > maxWaiting {
				t.Errorf("%d wait", n)
			}
		})
	}
}

func TestAPhoneThatHasJustHeardIsAnsweredAlone(t *testing.T) {
	m, now := provider(t)
	m.receive(now, from(phone, asks(dns.TypePTR, dns.ClassINET, web)))
	at(m, now, time.Second)
	now = now.Add(10 * time.Second)
	m.receive(now, from(phone, asks(dns.TypePTR, dns.ClassINET|topBit, web)))
	if got := at(m, now, time.Second); len(got) != 1 || !strings.HasPrefix(got[0], "one: PTR") {
		t.Errorf("%q", got)
	}
	m.receive(now, packet{link: 1, family: v4, from: from(stranger, nil).from, msg: asks(dns.TypePTR, dns.ClassINET|topBit, web)})
	if got := at(m, now, 2*time.Second); got != nil {
		t.Errorf("beyond the router: %q", got)
	}
}

func TestTheServiceComesAndGoesWithNameAndPort(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24")
	all := "PTR %[1]s._http._tcp.local., SRV, TXT, PTR %[1]s._streambox._tcp.local., SRV, TXT, PTR _http._tcp.local., PTR _streambox._tcp.local. + A"
	gone := "no PTR %[1]s._http._tcp.local., no SRV, no TXT, no PTR %[1]s._streambox._tcp.local., no SRV, no TXT + "
	m.receive(now, from(phone, asks(dns.TypePTR, dns.ClassINET, web)))
	if got := at(m, now, time.Second); got != nil {
		t.Errorf("nothing is there, and told: %q", got)
	}
	run := func(d time.Duration) (got []string) {
		for end := now.Add(d); now.Before(end); now = now.Add(50 * time.Millisecond) {
			m.tick(now)
			got = append(got, told(m.take())...)
		}
		return got
	}
	m.tell(now, serving(80))
	if got, want := run(10*time.Second), fmt.Sprintf(all, "StreamBox"); !slices.Equal(got, []string{want, want, want}) {
		t.Errorf("announced: %q", got)
	}
	m.tell(now, serving(80))
	if got := run(10 * time.Second); got != nil {
		t.Errorf("nothing has changed: %q", got)
	}
	m.tell(now, serving(3003))
	want := fmt.Sprintf(all, `StreamBox\ port\ 3003`)
	if got := run(10 * time.Second); !slices.Equal(got, []string{fmt.Sprintf(gone, "StreamBox"), want, want, want}) {
		t.Errorf("another port: %q", got)
	}
	m.leave()
	if got := told(m.take()); len(got) != 2 || got[0] != fmt.Sprintf(gone, `StreamBox\ port\ 3003`) {
		t.Errorf("goodbye: %q", got)
	}
}

func TestALinkThatComesLaterIsToldOfTheService(t *testing.T) {
	m, now := provider(t)
	m.setLinks(now, linksOf([]iface{ifaceWith(1, "192.168.0.1/24"), ifaceWith(2, "10.0.0.1/8")}, func(netip.Addr) bool { return true }))
	links := map[int]int{}
	for range 100 {
		m.tick(now)
		for _, o := range m.take() {
			if strings.HasPrefix(told([]outgoing{o})[0], "PTR "+ofWeb) {
				links[o.link]++
			}
		}
		now = now.Add(100 * time.Millisecond)
	}
	if links[2] != announcements || links[1] != 0 {
		t.Errorf("told on %v", links)
	}
}
