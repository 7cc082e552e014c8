package mdns

import (
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// serving is the owner of streambox.local with a service at a port.
func serving(port int) service {
	return service{label: "streambox", port: port, version: "1.2.3"}
}

// A program that knows nothing of multicast DNS asks from a port of its own:
// `dig -p 5353 @224.0.0.251 _http._tcp.local PTR`, and hears one answer only.
func TestAOneShotQueryFindsTheService(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24")
	m.service = serving(3003)
	const name = `StreamBox\ port\ 3003._http._tcp.local.`
	for _, tt := range []struct {
		sentence string
		asked    *dns.Msg
		answers  string // kinds and what they say
		extra    string
	}{
		{"what services are there", asks(dns.TypePTR, dns.ClassINET, "_services._dns-sd._udp.local."), "_http._tcp.local. _streambox._tcp.local.", ""},
		{"which web pages are there", asks(dns.TypePTR, dns.ClassINET|topBit, "_HTTP._tcp.local."), name, "SRV TXT A"},
		{"where is it", asks(dns.TypeSRV, dns.ClassINET, name), "streambox.local.:3003", "A"},
		{"what else is told of it", asks(dns.TypeTXT, dns.ClassINET, name), "path=/ version=1.2.3", "A"},
		{"all of it", asks(dns.TypeANY, dns.ClassINET, name), "streambox.local.:3003 path=/ version=1.2.3", "A"},
		{"another kind", asks(dns.TypePTR, dns.ClassINET, "_ipp._tcp.local."), "", ""},
		{"another's", asks(dns.TypeSRV, dns.ClassINET, `Printer._http._tcp.local.`), "", ""},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			tt.asked.Id = 4711
			m.receive(now, from(oneShot, tt.asked))
			out := m.take()
			if tt.answers == "" {
				if len(out) != 0 {
					t.Errorf("%v", out)
				}
				return
			}
			if len(out) != 1 || out[0].to.String() != oneShot || out[0].msg.Id != 4711 {
				t.Fatalf("%v", out)
			}
			var said, beside []string
			for _, rr := range out[0].msg.Answer {
				switch r := rr.(type) {
				case *dns.PTR:
					said = append(said, r.Ptr)
				case *dns.SRV:
					said = append(said, r.Target+":3003")
				case *dns.TXT:
					said = append(said, r.Txt...)
				}
				if rr.Header().Ttl != legacyTTL || rr.Header().Class != dns.ClassINET {
					t.Errorf("%v", rr)
				}
			}
			for _, rr := range out[0].msg.Extra {
				beside = append(beside, dns.TypeToString[rr.Header().Rrtype])
			}
			if got := strings.Join(said, " "); got != tt.answers {
				t.Errorf("answers %q, want %q", got, tt.answers)
			}
			if got := strings.Join(beside, " "); got != tt.extra {
				t.Errorf("beside them %q, want %q", got, tt.extra)
			}
			// What is written can be read, and means the same.
			packed, err := out[0].msg.Pack()
			again := new(dns.Msg)
			if err != nil || again.Unpack(packed) != nil || again.Answer[0].String() != out[0].msg.Answer[0].String() {
				t.Errorf("%v %v", err, again)
			}
		})
	}
}

func TestOtherQuestionsOfServicesAreLeftToWhoAdvertisesThem(t *testing.T) {
	m, now := owner(t, "192.168.0.1/24")
	ptr := asks(dns.TypePTR, dns.ClassINET, "_http._tcp.local.")
	m.receive(now, from(oneShot, ptr))
	if out := m.take(); len(out) != 0 {
		t.Errorf("nothing is advertised, and told: %v", out)
	}
	m.service = serving(80)
	m.receive(now, from(phone, ptr)) // from the port of multicast DNS
	m.receive(now, from("203.0.113.5:40000", ptr))
	if out := m.take(); len(out) != 0 {
		t.Errorf("zeroconf's business, or nobody's beyond the router: %v", out)
	}
	sent := 0
	for range 1000 {
		m.receive(now, from(oneShot, ptr))
		sent += len(m.take())
	}
	if sent == 0 || sent > unicastRate {
		t.Errorf("%d answers at once", sent)
	}
}
