package main

import (
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/network"
	"streambox.local/appliance/network/hotspot"
	"streambox.local/appliance/network/setup"
	"streambox.local/appliance/network/wifi"
	"streambox.local/appliance/usb"
)

// rig is a radio in a folder: what it asks for, what it tells.
type radioRig struct {
	*radio
	t        *testing.T
	seen     network.Radio
	kept     string
	mu       sync.Mutex
	problems map[string]*library.Problem
}

func newRadioRig(t *testing.T, s networkSettings) *radioRig {
	t.Helper()
	rig := &radioRig{t: t, seen: network.Radio{Interface: "wlan0", Mode: network.Station, Hardware: "dc:a6:32:01:1a:2b"}, problems: map[string]*library.Problem{}}
	r := &radio{
		settings: s, memory: rig, cable: func() bool { return false }, changed: func() {}, requests: t.TempDir(), log: slog.New(slog.DiscardHandler),
		look: func() (network.Radio, error) {
			rig.mu.Lock()
			defer rig.mu.Unlock()
			return rig.seen, nil
		},
		problem: func(code string, p *library.Problem) {
			rig.mu.Lock()
			defer rig.mu.Unlock()
			rig.problems[code] = p
		},
	}
	r.keeper = hotspot.New(hotspot.Config{Look: r.facts, Ask: r.ask, Changed: r.tell, Log: r.log})
	rig.radio = r
	return rig
}

// becomes is what the radio looks like from now on.
func (rig *radioRig) becomes(change func(*network.Radio)) {
	rig.mu.Lock()
	defer rig.mu.Unlock()
	change(&rig.seen)
}

func (rig *radioRig) ChosenNetwork() (string, error) { return rig.kept, nil }

func (rig *radioRig) SetChosenNetwork(file string) error {
	rig.kept = file
	return nil
}

func (rig *radioRig) shown(code string) *library.Problem {
	rig.mu.Lock()
	defer rig.mu.Unlock()
	return rig.problems[code]
}

func (rig *radioRig) hasProblem(code string) bool { return rig.shown(code) != nil }

// asked is what root would find; it takes it away.
func (rig *radioRig) asked() setup.Request {
	rig.t.Helper()
	path := filepath.Join(rig.requests, setup.RequestName)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return setup.Request{}
	}
	request, readErr := setup.Read(data)
	if err = errors.Join(err, readErr, os.Remove(path)); err != nil {
		rig.t.Fatal(err)
	}
	return request
}

// stick is a folder that looks like one, with a file for the network.
func wifiStick(t *testing.T, id string, life uint64, file string) usb.Stick {
	t.Helper()
	dir := t.TempDir()
	if file != "" {
		if err := os.WriteFile(filepath.Join(dir, "StreamBox-WiFi.txt.txt"), []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return usb.Stick{ID: id, Root: dir, Plugged: life}
}

func TestTheCardsNetworkIsJoinedElseTheBoxIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := defaultNetwork()
		s.Mode = "auto"
		rig := newRadioRig(t, s)
		card := t.TempDir()
		if err := os.WriteFile(filepath.Join(card, "streambox-wifi.txt"), []byte("network=School\r\npassword=correct horse\r\ncountry=DE\r\nchanel=6\r\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		rig.readCard(card)
		if !rig.hasProblem(wifi.CodeLine) {
			t.Error("the wrong line is not named")
		}
		ctx := t.Context()
		go func() { _ = rig.run(ctx) }()
		synctest.Wait()
		school := wifi.Network{Name: "School", Password: "correct horse", Country: "DE"}
		if got := rig.asked(); got.Role != setup.Client || !slices.Equal(got.Networks, []wifi.Network{school}) {
			t.Errorf("asked for %+v", got)
		}
		rig.becomes(func(r *network.Radio) { r.InAir, r.FiveGHz = []string{"School"}, true })
		wait(t, 65*time.Second)
		got := rig.asked()
		if got.Role != setup.AccessPoint || got.Frequency != 5180 || got.Own == nil || *got.Own != (wifi.Network{Name: "StreamBox-1A2B", Password: "streambox", Country: "DE"}) {
			t.Errorf("asked for %+v", got)
		}
		if !rig.hasProblem(string(hotspot.Refused)) || rig.hasProblem(string(hotspot.Away)) {
			t.Errorf("problems %v", rig.problems)
		}
		if _, up := rig.hotspot(); up {
			t.Error("up before it is")
		}
		rig.becomes(func(r *network.Radio) {
			r.Mode, r.Addresses, r.Guests = network.AP, []netip.Addr{netip.MustParseAddr("10.42.0.1")}, 1
		})
		wait(t, 5*time.Second)
		if spot, up := rig.hotspot(); !up || spot.Code != "WIFI:T:WPA;S:StreamBox-1A2B;P:streambox;;" {
			t.Errorf("%+v, %v", spot, up)
		}
	})
}

// wait lets time pass in a bubble.
func wait(t *testing.T, d time.Duration) {
	t.Helper()
	time.Sleep(d) //nolint:forbidigo // in a bubble
	synctest.Wait()
}

func TestAStickOffersAndAHandDecides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := defaultNetwork()
		s.Mode = "auto"
		rig := newRadioRig(t, s)
		offered := func(want string) {
			t.Helper()
			synctest.Wait()
			rig.showOffer() // as each look does
			got := ""
			if p := rig.shown(codeWiFiOffered); p != nil {
				got, _ = p.Parameters["network"].(string)
			}
			if got != want {
				t.Errorf("%q is offered, want %q", got, want)
			}
		}
		file := "network=Home\npassword=12345678"
		pupil := wifiStick(t, "sda1", 1, file)
		rig.sticks([]usb.Stick{pupil, wifiStick(t, "sdb1", 2, "")})
		offered("Home")
		wait(t, offerFor)
		offered("")
		if rig.confirm(); rig.kept != "" || len(rig.networks()) > 0 {
			t.Error("a press after a minute")
		}
		rig.sticks(nil)
		pupil.Plugged = 3
		rig.sticks([]usb.Stick{pupil})
		offered("Home")
		rig.sticks(nil)
		offered("")
		rig.confirm()
		if rig.kept != "" {
			t.Error("a press when the stick is gone")
		}
		pupil.Plugged = 4
		rig.sticks([]usb.Stick{pupil})
		offered("Home")
		rig.confirm()
		offered("")
		home := []wifi.Network{{Name: "Home", Password: "12345678"}}
		if !slices.Equal(rig.networks(), home) || !strings.Contains(rig.kept, "Home") {
			t.Errorf("networks %v, kept %q", rig.networks(), rig.kept)
		}
		first, second := wifiStick(t, "sda1", 6, "network=First\npassword=12345678"), wifiStick(t, "sdb1", 7, "network=Second\npassword=12345678")
		rig.sticks([]usb.Stick{first})
		offered("First")
		rig.sticks([]usb.Stick{first, second})
		offered("First") // the press was meant for it
		rig.sticks(nil)
		offered("")
		again := newRadioRig(t, s)
		again.kept = rig.kept
		again.readChosen()
		if !slices.Equal(again.networks(), home) {
			t.Errorf("after a restart: %v", again.networks())
		}
		pupil.Plugged = 5
		rig.sticks([]usb.Stick{pupil})
		offered("") // known
		if rig.forget(); len(rig.networks()) > 0 {
			t.Error("it is not forgotten")
		}
	})
}

func TestAStickWithAWrongFileIsNamedAsLongAsItIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rig := newRadioRig(t, defaultNetwork())
		rig.sticks([]usb.Stick{wifiStick(t, "sda1", 1, "network=Home\npassword=123")})
		synctest.Wait()
		if !rig.hasProblem(wifi.CodePassword) || len(rig.notes()) > 0 {
			t.Errorf("problems %v, notes %v", rig.problems, rig.notes())
		}
		rig.sticks(nil)
		if rig.hasProblem(wifi.CodePassword) {
			t.Error("the stick is gone, the problem is not")
		}
	})
}

func TestWhereTheNetworkIsNotOursNothingIsDone(t *testing.T) {
	s := settings{Network: defaultNetwork()}
	r := newRadio(s, nil, nil, nil, slog.New(slog.DiscardHandler))
	if r != nil {
		t.Fatal("there is a radio")
	}
	r.sticks([]usb.Stick{{ID: "sda1"}})
	r.confirm()
	r.forget()
	if _, up := r.hotspot(); up || r.notes() != nil {
		t.Error("it says something")
	}
}

func TestTheMarkOfTheBoard(t *testing.T) {
	file := filepath.Join(t.TempDir(), "serial-number")
	for serial, want := range map[string]string{"10000000a1b2c3d4\x00": "C3D4", "": "1A2B", "zz": "1A2B", "not hex!": "1A2B"} {
		if err := os.WriteFile(file, []byte(serial), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := boardMark(file, "dc:a6:32:01:1a:2b"); got != want {
			t.Errorf("%q: %s, want %s", serial, got, want)
		}
	}
	if got := boardMark(filepath.Join(t.TempDir(), "none"), ""); got != "0000" {
		t.Errorf("a board that tells nothing: %s", got)
	}
}

func TestWrongSettingsAreAProblemOnThePage(t *testing.T) {
	var shown *library.Problem
	problem := func(_ string, p *library.Problem) { shown = p }
	if settingsProblem(nil, settingsFile, problem); shown != nil {
		t.Error("nothing is wrong, and yet a problem")
	}
	_, warnings, err := load(sources{file: []byte("\ufeffname = \"x y\"\r\nsticks = \"auto\"\r\nnetwork = maybe\r\n"), fileName: settingsFile, defaults: serviceDefaults()})
	if err != nil || len(warnings) != 2 {
		t.Fatalf("%q, %v", warnings, err)
	}
	settingsProblem(warnings, settingsFile, problem)
	if shown == nil || strings.Contains(shown.Text, "/etc") || !strings.Contains(shown.Text, "line 1 of streambox.toml") || !strings.Contains(shown.Text, "line 3") {
		t.Errorf("%+v", shown)
	}
}
