package wifi

import (
	"strings"
	"testing"
)

// The vectors of IEEE 802.11-2020, annex J.4.2.
func TestTheKeyIsTheStandards(t *testing.T) {
	for _, tt := range []struct{ name, password, key string }{
		{"IEEE", "password", "f42c6fc52df0ebef9ebb4b90b38a5f902e83fe1b135a70e23aed762e9710a12e"},
		{"ThisIsASSID", "ThisIsAPassword", "0dc0d6eb90555ed6419756b9a15ec3e3209b63df707dd508d14581f8982721af"},
		{strings.Repeat("Z", 32), strings.Repeat("a", 32), "becb93866bb8c3832cb777c2f559807c8c59afcb6eae734885001300a981cc62"},
		{"any", strings.Repeat("AB", 32), strings.Repeat("ab", 32)},
		{"open", "", ""},
	} {
		if got, err := (Network{Name: tt.name, Password: tt.password}).Key(); err != nil || got != tt.key {
			t.Errorf("%s: %s, %v, want %s", tt.name, got, err, tt.key)
		}
	}
}

func TestTheCodeForPhones(t *testing.T) {
	for want, n := range map[string]Network{
		`WIFI:T:WPA;S:StreamBox-1A2B;P:streambox;;`: {Name: "StreamBox-1A2B", Password: "streambox"},
		`WIFI:T:nopass;S:Hotel;;`:                   {Name: "Hotel"},
		`WIFI:T:WPA;S:a\;b\\c\:d\,e;P:\"12345678;;`: {Name: `a;b\c:d,e`, Password: `"12345678`},
	} {
		if got := n.Code(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestWhatNoNetworkCanHaveIsRefused(t *testing.T) {
	for _, n := range []Network{
		{},
		{Name: strings.Repeat("x", 33)},
		{Name: "a\nb"},
		{Name: "a\xff"},
		{Name: "a", Password: "short"},
		{Name: "a", Password: strings.Repeat("x", 64)},
		{Name: "a", Password: "1234567\n8"},
		{Name: "a", Country: "XX"},
		{Name: "a", Country: "de"},
		{Name: "a", Country: "D "},
	} {
		if n.Check() == nil {
			t.Errorf("%+v is taken", n)
		}
	}
	if err := (Network{Name: "a", Password: "12345678", Country: "DE"}).Check(); err != nil {
		t.Error(err)
	}
	if ValidPassword("") || ValidPassword(strings.Repeat("ab", 32)) || !ValidPassword("popcorn8") {
		t.Error("the hotspot's password")
	}
}
