package portal

import (
	"net/http"
	"slices"
)

// Answer is what is said to a probe.
type Answer struct {
	Status   int
	Location string // path on the box, for a redirect
	Type     string // of the body
	Body     string
}

const (
	plain = "text/plain"
	html  = "text/html"
)

// What the makers want to see.
var (
	nothing      = Answer{Status: http.StatusNoContent}
	appleSuccess = Answer{Status: http.StatusOK, Type: html, Body: "<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>\n"}
	windowsTest  = Answer{Status: http.StatusOK, Type: plain, Body: "Microsoft Connect Test"}
	windowsNCSI  = Answer{Status: http.StatusOK, Type: plain, Body: "Microsoft NCSI"}
	firefoxPage  = Answer{Status: http.StatusOK, Type: html, Body: `<meta http-equiv="refresh" content="0;url=https://support.mozilla.org/kb/captive-portal"/>`}
	firefoxDone  = Answer{Status: http.StatusOK, Type: plain, Body: "success\n"}
	gnomeOnline  = Answer{Status: http.StatusOK, Type: plain, Body: "NetworkManager is online\n"}
	toWelcome    = Answer{Status: http.StatusFound, Location: "/welcome"}
)

// probes is host → path → the answer that satisfies.
func probes() map[string]map[string]Answer {
	table := map[string]map[string]Answer{
		// Windows 10 and 11, and those before; /redirect is where its notification leads.
		"www.msftconnecttest.com": {"/connecttest.txt": windowsTest, "/redirect": toWelcome},
		"www.msftncsi.com":        {"/ncsi.txt": windowsNCSI},
		// Firefox on every system; /success.txt with ?ipv4 or ?ipv6.
		"detectportal.firefox.com": {"/canonical.html": firefoxPage, "/success.txt": firefoxDone},
		// Linux desktops.
		"nmcheck.gnome.org":             {"/check_network_status.txt": gnomeOnline},
		"connectivity-check.ubuntu.com": {"/": nothing},
	}
	// Android, by Google and by makers with probes of their own; Chrome and ChromeOS.
	for _, host := range []string{
		"connectivitycheck.gstatic.com", "connectivitycheck.android.com", "clients3.google.com", "www.gstatic.com",
		"connect.rom.miui.com", "connectivitycheck.platform.hicloud.com", "wifi.vivo.com.cn", "conn1.coloros.com",
	} {
		table[host] = map[string]Answer{"/generate_204": nothing, "/gen_204": nothing}
	}
	// iPhone, iPad, Mac.
	table["captive.apple.com"] = map[string]Answer{"/": appleSuccess, "/hotspot-detect.html": appleSuccess}
	for _, host := range []string{"www.apple.com", "www.appleiphonecell.com", "www.itools.info", "www.ibook.info", "www.airport.us", "www.thinkdifferent.us"} {
		table[host] = map[string]Answer{"/library/test/success.html": appleSuccess}
	}
	return table
}

// Hosts are the names of all probes, sorted: names that must lead to the box on its own access point.
func Hosts() []string {
	var hosts []string
	for host := range probes() {
		hosts = append(hosts, host)
	}
	slices.Sort(hosts)
	return hosts
}

// WindowsName and WindowsAddress are the other half of Windows' test: this name must have this address.
const (
	WindowsName    = "dns.msftncsi.com"
	WindowsAddress = "131.107.255.255"
)
