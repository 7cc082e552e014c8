package main

import (
	"net/netip"
	"net/url"
	"slices"
)

// banner tells a person how phones get here: the addresses and a QR code of
// the best one. A script that reads standard output gets the addresses alone.
func (a *app) banner(urls []string, code string) {
	out := a.stdout
	if !out.isTTY {
		for _, u := range urls {
			out.linef("%s", u)
		}
	} else {
		out.linef("\nStreamBox is running. Open on a phone in this network:\n")
		for _, u := range urls {
			out.linef("  %s", u)
		}
		out.linef("")
	}
	if code == "never" || code == "auto" && !out.isTTY || len(urls) == 0 {
		return
	}
	lines, err := qrLines(codeURL(urls), out.colour)
	if err != nil || code == "auto" && len([]rune(lines[0])) > out.columns() {
		return // a broken code helps nobody; the address stands above
	}
	for _, line := range lines {
		out.linef("  %s", line)
	}
	if out.isTTY {
		out.linef("\nCtrl-C stops it.")
	}
}

// codeURL is the address that a QR code leads to: the best one that needs no
// name, since old Androids do not know .local.
func codeURL(urls []string) string {
	if i := slices.IndexFunc(urls, func(u string) bool {
		parsed, err := url.Parse(u)
		if err != nil {
			return false
		}
		_, err = netip.ParseAddr(parsed.Hostname())
		return err == nil
	}); i >= 0 {
		return urls[i]
	}
	return urls[0]
}
