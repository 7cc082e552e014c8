package mdns

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/grandcat/zeroconf"
)

// service is what other programs find.
type service struct {
	label   string // of the host: streambox
	port    int
	version string
	links   []link
}

// advertiser tells of the service; a new telling replaces the last.
type advertiser interface {
	Advertise(service) error
	Withdraw()
}

// serviceTypes are _http._tcp for lists of web pages, and our own for programs
// that look for a StreamBox.
func serviceTypes() []string { return []string{"_http._tcp", "_streambox._tcp"} }

func (s service) equal(o service) bool {
	return s.label == o.label && s.port == o.port && s.version == o.version &&
		slices.EqualFunc(s.links, o.links, func(a, b link) bool { return a.index == b.index && slices.Equal(a.told, b.told) })
}

func (s service) text() []string { return []string{"path=/", "version=" + s.version} }

// zeroconfServices is the advertiser of grandcat/zeroconf. Its servers are made
// per link, with the addresses of that link: left to itself it adds every one
// that the interface has. They neither follow links nor addresses, so all are
// made anew when something changes. A server that is shut down leaves one
// goroutine behind that sleeps for three seconds at most.
type zeroconfServices struct {
	servers []*zeroconf.Server
}

// Advertise withdraws what was told before. An error names the links that know
// nothing of the service; the others do.
func (z *zeroconfServices) Advertise(s service) error {
	z.Withdraw()
	var failed []error
	for _, l := range s.links {
		for _, kind := range serviceTypes() {
			server, err := zeroconf.RegisterProxy(instance(s.label, s.port), kind, "local.", s.port, s.label,
				texts(l.told), s.text(), []net.Interface{{Index: l.index, Name: l.name}})
			if err != nil {
				failed = append(failed, fmt.Errorf("advertising %s on %s: %w", kind, l.name, err))
				continue
			}
			z.servers = append(z.servers, server)
		}
	}
	return errors.Join(failed...)
}

// Withdraw says goodbye.
func (z *zeroconfServices) Withdraw() {
	for _, server := range z.servers {
		server.Shutdown()
	}
	z.servers = nil
}

func texts(addresses []netip.Addr) []string {
	var out []string
	for _, a := range addresses {
		out = append(out, a.String())
	}
	return out
}
