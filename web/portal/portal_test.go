package portal

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	anna = netip.MustParseAddr("10.42.0.10")
	ben  = netip.MustParseAddr("10.42.0.11")
)

// What each system asks, and what it wants to see (their makers' documents and sources).
func TestPhonesAreLedToThePageUntilTheyStay(t *testing.T) {
	p := New(nil)
	p.Stay(ben)
	for _, tt := range []struct {
		who, host, path string
		status          int
		body            string
	}{
		{"Android", "connectivitycheck.gstatic.com", "/generate_204", 204, ""},
		{"Chrome", "www.gstatic.com", "/generate_204", 204, ""},
		{"iPhone", "captive.apple.com", "/hotspot-detect.html", 200, "<TITLE>Success</TITLE>"},
		{"Mac", "www.apple.com", "/library/test/success.html", 200, "Success"},
		{"Windows", "www.msftconnecttest.com", "/connecttest.txt", 200, "Microsoft Connect Test"},
		{"Windows before", "www.msftncsi.com", "/ncsi.txt", 200, "Microsoft NCSI"},
		{"Firefox", "detectportal.firefox.com", "/canonical.html", 200, "captive-portal"},
		{"Firefox before", "detectportal.firefox.com", "/success.txt", 200, "success\n"},
		{"GNOME", "nmcheck.gnome.org", "/check_network_status.txt", 200, "NetworkManager is online\n"},
	} {
		a, ok := p.Probe("GET", tt.host, tt.path, anna)
		if !ok || a.Status != 302 || a.Location != "/welcome" {
			t.Errorf("%s, who has not tapped: %+v, %v", tt.who, a, ok)
		}
		a, ok = p.Probe("HEAD", tt.host, tt.path, ben)
		if !ok || a.Status != tt.status || !strings.Contains(a.Body, tt.body) || a.Location != "" {
			t.Errorf("%s, who stays: %+v, %v", tt.who, a, ok)
		}
	}
	// Windows' own notification always leads to the page.
	if a, _ := p.Probe("GET", "www.msftconnecttest.com", "/redirect", ben); a.Status != 302 {
		t.Errorf("Windows' notification: %+v", a)
	}
}

func TestNothingElseIsAnswered(t *testing.T) {
	p := New(nil)
	for _, tt := range [][3]string{
		{"GET", "www.apple.com", "/"},
		{"GET", "www.apple.com", "/library/test/success.html/"},
		{"GET", "www.google.com", "/generate_204"},
		{"GET", "captive.apple.com", "/watch/x"},
		{"POST", "captive.apple.com", "/hotspot-detect.html"},
		{"GET", "streambox.local", "/generate_204"},
		{"GET", "connectivitycheck.gstatic.com.", "/generate_204"},
		{"GET", "", "/generate_204"},
	} {
		if a, ok := p.Probe(tt[0], tt[1], tt[2], anna); ok {
			t.Errorf("%q: %+v", tt, a)
		}
	}
}

func TestWhoStaysIsForgottenInTime(t *testing.T) {
	now := time.Unix(1, 0)
	p := New(func() time.Time { return now })
	a := anna
	for range 2 * maxPhones {
		p.Stay(a)
		a = a.Next()
	}
	if len(p.stayed) != maxPhones || !p.Stays(anna) {
		t.Errorf("%d are remembered", len(p.stayed))
	}
	for range 3 { // a long film
		now = now.Add(stayFor - 1)
		p.Seen(anna)
	}
	if !p.Stays(anna) {
		t.Error("who was there all the time is asked again")
	}
	p.Seen(ben.Next())
	now = now.Add(stayFor)
	if p.Seen(anna); p.Stays(anna) {
		t.Error("still, an hour after it was last seen")
	}
	p.Stay(ben)
	if len(p.stayed) != 1 || !p.Stays(ben) {
		t.Errorf("%d are remembered", len(p.stayed))
	}
}

func TestTheHostsAreOnesThatMayBeAsked(t *testing.T) {
	hosts := Hosts()
	if len(hosts) < 15 || !slices.IsSorted(hosts) {
		t.Errorf("%q", hosts)
	}
	for _, h := range hosts {
		if h != strings.ToLower(h) || !strings.Contains(h, ".") || strings.HasSuffix(h, ".local") {
			t.Errorf("%q", h)
		}
	}
}
