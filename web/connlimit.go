package web

import (
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// How many TCP connections may be open: a page uses up to six, so that this is
// for rooms far larger than a box can feed, and still bounds memory.
const (
	maxConns        = 2048
	maxConnsPerAddr = 512 // exempt are loopback (a test) and proxies: they speak for many
	keptForUs       = 16  // beyond maxConns, for loopback: a crowd must not look like a box that has died
)

// connLimit closes connections beyond the limits as soon as they are accepted.
// It counts by ConnState, because a listener that wraps connections would hide
// their ReadFrom from net/http, and with it sendfile.
type connLimit struct {
	proxies proxies

	mu      sync.Mutex
	all     map[net.Conn]netip.Addr
	perAddr map[netip.Addr]int
}

func newConnLimit(p proxies) *connLimit {
	return &connLimit{proxies: p, all: make(map[net.Conn]netip.Addr), perAddr: make(map[netip.Addr]int)}
}

func (l *connLimit) onState(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if !l.add(c) {
			_ = c.Close() // net/http then fails to read from it and forgets it
		}
	case http.StateHijacked, http.StateClosed: // a WebSocket counts in the hub from now on
		l.remove(c)
	default:
	}
}

func (l *connLimit) add(c net.Conn) bool {
	addr := addrOfNet(c.RemoteAddr())
	most := maxConns
	if addr.IsLoopback() {
		most += keptForUs
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.all) >= most || (l.perAddr[addr] >= maxConnsPerAddr && !addr.IsLoopback() && !l.proxies.trust(addr)) {
		return false
	}
	l.all[c] = addr
	l.perAddr[addr]++
	return true
}

func (l *connLimit) remove(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	addr, ok := l.all[c]
	if !ok {
		return
	}
	delete(l.all, c)
	if l.perAddr[addr]--; l.perAddr[addr] <= 0 {
		delete(l.perAddr, addr)
	}
}

// addrOfNet is addrOf of a connection's end, without the way over text for TCP.
func addrOfNet(a net.Addr) netip.Addr {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.AddrPort().Addr().Unmap().WithZone("")
	}
	return addrOf(a.String())
}

// addrOf is the address in "host:port", without zone and IPv4-mapping; the
// zero Addr where there is none.
func addrOf(hostport string) netip.Addr {
	ap, err := netip.ParseAddrPort(hostport)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}
