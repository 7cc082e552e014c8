package web

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"streambox.local/web/portal"
)

var spot = Hotspot{Name: "StreamBox-1A2B", Password: "streambox", Code: "WIFI:T:WPA;S:StreamBox-1A2B;P:streambox;;", Address: netip.MustParseAddr("10.42.0.1")}

// withHotspot is a box with an access point at 10.42.0.1 and a cable.
func withHotspot(t *testing.T) *fixture {
	t.Helper()
	return start(t, func(cfg *Config) {
		cfg.Portal = portal.New(nil)
		cfg.Hotspot = func() (Hotspot, bool) { return spot, true }
		cfg.Link = func(local netip.Addr) (name, role string) {
			if local == spot.Address {
				return "wlan0", "accessPoint"
			}
			return "eth0", "wired"
		}
	})
}

type seen struct {
	status int
	header http.Header
	body   string
}

// askAt is a request that reached the box at an address of its own.
func askAt(f *fixture, local, remote, method, rawURL string, change func(r *http.Request)) seen {
	u, _ := url.Parse(rawURL)
	r := httptest.NewRequest(method, u.RequestURI(), http.NoBody)
	r.Host, r.RemoteAddr = u.Host, net.JoinHostPort(remote, "5555")
	at := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(local + ":80"))
	r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(at)))
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	f.srv.Handler().ServeHTTP(w, r)
	return seen{w.Code, w.Header(), w.Body.String()}
}

func TestAPhoneOnTheBoxsWiFiIsHandedOver(t *testing.T) {
	f := withHotspot(t)
	const box, anna, ben = "10.42.0.1", "10.42.0.10", "10.42.0.11"
	probe := "http://connectivitycheck.gstatic.com/generate_204"
	r := askAt(f, box, anna, "GET", probe, nil)
	if r.status != 302 || r.header.Get("Location") != "http://10.42.0.1/welcome" || r.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("before the tap: %d %q", r.status, r.header)
	}
	page := askAt(f, box, anna, "GET", "http://10.42.0.1/welcome", nil).body
	if !strings.Contains(page, "Stay connected") || strings.Contains(page, "Open your browser") {
		t.Errorf("the page: %s", page)
	}
	r = askAt(f, box, anna, "POST", "http://10.42.0.1/welcome", func(r *http.Request) { r.Header.Set("Origin", "http://10.42.0.1") })
	if r.status != 303 || r.header.Get("Location") != "/welcome" {
		t.Errorf("the tap: %d %q", r.status, r.header)
	}
	if r = askAt(f, box, anna, "GET", probe, nil); r.status != 204 {
		t.Errorf("after the tap: %d", r.status)
	}
	if r = askAt(f, box, ben, "GET", probe, nil); r.status != 302 {
		t.Errorf("another phone: %d", r.status)
	}
	page = askAt(f, box, anna, "GET", "http://10.42.0.1/welcome", nil).body
	if !strings.Contains(page, "10.42.0.1</p>") || !strings.Contains(page, "streambox.local") || strings.Contains(page, "<form") {
		t.Errorf("the page after the tap: %s", page)
	}
	apple := askAt(f, box, anna, "GET", "http://captive.apple.com/hotspot-detect.html", nil)
	if got := apple.body; apple.status != 200 || !strings.Contains(got, "<BODY>Success</BODY>") || !strings.HasPrefix(apple.header.Get("Content-Type"), "text/html") {
		t.Errorf("an iPhone: %d %s", apple.status, got)
	}
}

func TestForeignNamesAreRefusedButForProbes(t *testing.T) {
	f := withHotspot(t)
	for _, tt := range []struct {
		name, local, method, url string
		want                     int
	}{
		{"a probe on the cable", "192.168.1.5", "GET", "http://captive.apple.com/hotspot-detect.html", 421},
		{"an iPhone's other way to ask", "10.42.0.1", "GET", "http://captive.apple.com/", 302},
		{"the films under that name", "10.42.0.1", "GET", "http://captive.apple.com/api/v1/titles", 421},
		{"the page under that name", "10.42.0.1", "GET", "http://www.apple.com/", 421},
		{"the tap under that name", "10.42.0.1", "POST", "http://captive.apple.com/welcome", 421},
		{"a probe that is sent", "10.42.0.1", "POST", "http://captive.apple.com/hotspot-detect.html", 421},
		{"a name of nobody's", "10.42.0.1", "GET", "http://rebound.example/", 421},
		{"with another port", "10.42.0.1", "GET", "http://captive.apple.com:8080/hotspot-detect.html", 421},
		{"the tap by another site's form", "10.42.0.1", "POST", "http://10.42.0.1/welcome", 403},
		{"the welcome page on the cable", "192.168.1.5", "GET", "http://192.168.1.5/welcome", 302},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := askAt(f, tt.local, "10.42.0.10", tt.method, tt.url, func(r *http.Request) {
				if tt.want == 403 {
					r.Header.Set("Origin", "http://elsewhere.example")
				}
			})
			if r.status != tt.want {
				t.Errorf("%d, want %d: %s", r.status, tt.want, r.body)
			}
		})
	}
	if got := askAt(f, "10.42.0.1", "10.42.0.10", "GET", "http://connectivitycheck.gstatic.com/generate_204", nil); got.status != 302 {
		t.Errorf("somebody has tapped for others: %d", got.status)
	}
}

func TestTheProjectorShowsBothCodes(t *testing.T) {
	f := withHotspot(t)
	r := askAt(f, "10.42.0.1", "10.42.0.10", "GET", "http://10.42.0.1/join", func(r *http.Request) { r.Header.Set("Accept-Language", "de-AT,de;q=0.9,en;q=0.5") })
	page := r.body
	for _, want := range []string{`lang="de"`, "Mit dem WLAN verbinden", "StreamBox-1A2B", "streambox", "/qr.svg?for=wifi", "on=wifi", "10.42.0.1"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing: %s", want, page)
		}
	}
	wifi := askAt(f, "10.42.0.1", "10.42.0.10", "GET", "http://10.42.0.1/qr.svg?for=wifi", nil).body
	link := askAt(f, "192.168.1.5", "192.168.1.9", "GET", "http://192.168.1.5/qr.svg?for=url&on=wifi", nil).body
	if want, _ := qrSVG(spot.Code); wifi != string(want) {
		t.Errorf("the code for the Wi-Fi: %.100s", wifi)
	}
	if want, _ := qrSVG(f.srv.urlAt(spot)); link != string(want) {
		t.Errorf("the code for the page: %.100s", link)
	}
	card := askAt(f, "10.42.0.1", "10.42.0.10", "GET", "http://10.42.0.1/join-card.pdf", nil)
	if card.status != 200 || card.header.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(card.body, "%PDF-1.4") {
		t.Errorf("on paper: %d %q", card.status, card.header)
	}
	without := start(t, nil)
	if r := askAt(without, "192.168.1.5", "192.168.1.9", "GET", "http://192.168.1.5/qr.svg?for=wifi", nil); r.status != 404 {
		t.Errorf("without a Wi-Fi of its own: %d", r.status)
	}
}

func TestPagesSpeakTheReadersLanguage(t *testing.T) {
	book, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	for accept, want := range map[string]string{
		"": "en ltr", "de": "de ltr", "de-CH, en;q=0.5": "de ltr", "ar-EG": "ar rtl", "fr, de;q=0.5": "de ltr", "fr": "en ltr",
		"xx;;;": "en ltr", strings.Repeat("de,", 100): "en ltr", "en-GB,ar;q=0.2": "en ltr",
	} {
		if got := book.in(accept); got.tag+" "+got.direction() != want {
			t.Errorf("%q: %s %s, want %s", accept, got.tag, got.direction(), want)
		}
	}
	for i, all := range book.words {
		for key := range book.words[0] {
			if all[key] == "" {
				t.Errorf("%s has no %s", book.tags[i], key)
			}
		}
	}
}

func TestWhoWatchesForHoursIsNotAskedAgain(t *testing.T) {
	now := time.Unix(1, 0)
	f := start(t, func(cfg *Config) {
		cfg.Portal = portal.New(func() time.Time { return now })
		cfg.Link = func(netip.Addr) (name, role string) { return "wlan0", "accessPoint" }
	})
	const box, anna = "10.42.0.1", "10.42.0.10"
	probe := "http://connectivitycheck.gstatic.com/generate_204"
	askAt(f, box, anna, "POST", "http://10.42.0.1/welcome", nil)
	for range 3 {
		now = now.Add(50 * time.Minute)
		askAt(f, box, anna, "GET", "http://10.42.0.1/", nil)
	}
	if r := askAt(f, box, anna, "GET", probe, nil); r.status != 204 {
		t.Errorf("while it watches: %d", r.status)
	}
	now = now.Add(2 * time.Hour)
	if r := askAt(f, box, anna, "GET", probe, nil); r.status != 302 {
		t.Errorf("hours after it was there: %d", r.status)
	}
}
