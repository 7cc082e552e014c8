package main

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/mdns"
)

func TestWhereTheWebServerAnswers(t *testing.T) {
	for _, tt := range []struct {
		sentence, listening, at string
		want                    bool
	}{
		{"everywhere", "::", "192.168.1.5", true},
		{"everywhere, by IPv6", "::", "fd00::1", true},
		{"IPv4 only", "0.0.0.0", "192.168.1.5", true},
		{"IPv4 only has no IPv6", "0.0.0.0", "fd00::1", false},
		{"one address", "192.168.1.5", "192.168.1.5", true},
		{"another than the one", "192.168.1.5", "10.0.0.1", false},
		{"one, as IPv6 writes it", "::ffff:192.168.1.5", "192.168.1.5", true},
	} {
		if got := servesAt(netip.MustParseAddr(tt.listening), netip.MustParseAddr(tt.at)); got != tt.want {
			t.Errorf("%s: %v", tt.sentence, got)
		}
	}
}

func TestNoNameWhereItWouldLeadNobody(t *testing.T) {
	for _, tt := range []struct {
		sentence, setting, at string
		says                  bool
	}{
		{"turned off", "off", "[::]:80", false},
		{"a web server for this machine only", "auto", "127.0.0.1:80", true},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			var out bytes.Buffer
			state := &box{name: func() string { return "streambox" }}
			n := newNetworkName(settings{MDNS: tt.setting}, "1", netip.MustParseAddrPort(tt.at), nil, state, slog.New(slog.NewTextHandler(&out, nil)))
			if n != nil || state.hostName != nil || len(state.parts) != 0 || strings.Contains(out.String(), "No name on the network") != tt.says {
				t.Errorf("%v, log %q", n, out.String())
			}
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			if err := n.run(ctx, "streambox"); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTheNameComesFirstAndTheCodeKeepsTheIP(t *testing.T) {
	urls := named([]string{"http://192.168.1.5:3003", "http://[fd00::1]:3003"}, "streambox-2", 3003)
	if want := []string{"http://streambox-2.local:3003", "http://192.168.1.5:3003", "http://[fd00::1]:3003"}; !slices.Equal(urls, want) {
		t.Errorf("%q", urls)
	}
	if got := codeURL(urls); got != "http://192.168.1.5:3003" {
		t.Errorf("the code leads to %s", got)
	}
	if got := codeURL([]string{"http://streambox.local"}); got != "http://streambox.local" {
		t.Errorf("with nothing but a name the code leads to %s", got)
	}
	if got := named(nil, "streambox", 80); len(got) != 0 {
		t.Errorf("without any address %q", got)
	}
	if got := named([]string{"http://10.0.0.1"}, "", 80); len(got) != 1 {
		t.Errorf("without a name %q", got)
	}
}

// A script wants addresses and no waiting; a person waits a moment for the name.
func TestTheBannerWaitsForTheName(t *testing.T) {
	for _, tty := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			a, stdout, _ := testApp()
			a.stdout.isTTY = tty
			n := &networkName{wanted: func() string { return "streambox" }, now: mdns.New(mdns.Config{Name: "streambox"})}
			state := &box{log: slog.New(slog.DiscardHandler), urls: []string{"http://10.0.0.1"}, listening: netip.MustParseAddrPort("[::]:80"), lan: func() ([]netip.Addr, error) {
				return []netip.Addr{netip.MustParseAddr("10.0.0.1")}, nil
			}}
			began := time.Now()
			run := a.greet(state, n, settings{}, "never")
			if printed := stdout.Len() > 0; printed == tty {
				t.Errorf("on a terminal %v: printed at once %v", tty, printed)
			}
			if err := run(t.Context()); err != nil {
				t.Error(err)
			}
			if waited := time.Since(began) > 0; waited != tty {
				t.Errorf("on a terminal %v: waited %v", tty, time.Since(began))
			}
			if strings.Count(stdout.String(), "http://10.0.0.1") != 1 {
				t.Errorf("printed %q", stdout)
			}
		})
	}
}
