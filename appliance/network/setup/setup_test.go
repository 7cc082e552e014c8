package setup

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"streambox.local/appliance/network/wifi"
)

var (
	school  = wifi.Network{Name: "School\"\nnetwork={", Password: "x\" key_mgmt=NONE"}
	library = wifi.Network{Name: "Bücherei", Password: "12345678", Country: "DE"}
	own     = wifi.Network{Name: "StreamBox-1A2B", Password: "streambox", Country: "DE"}
	client  = Request{Role: Client, Networks: []wifi.Network{library, {Name: "Hotel"}}}
	host    = Request{Role: AccessPoint, Own: &own, Frequency: 5180}
)

func TestARequestSurvivesTheDoor(t *testing.T) {
	for _, r := range []Request{{Role: Off}, client, host} {
		b, err := r.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(b)
		if err != nil {
			t.Fatal(err)
		}
		again, err := got.Bytes()
		if err != nil || string(again) != string(b) {
			t.Errorf("%s came out as %s, %v", b, again, err)
		}
	}
}

func TestWhatIsNoRequestIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                  ``,
		"another role":             `{"role":"bridge"}`,
		"a word too many":          `{"role":"off","exec":"sh"}`,
		"two requests":             `{"role":"off"}{"role":"off"}`,
		"off with a network":       `{"role":"off","networks":[{"name":"a"}]}`,
		"a client of nothing":      `{"role":"client"}`,
		"a client of five":         `{"role":"client","networks":[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"},{"name":"e"}]}`,
		"a name too long":          `{"role":"client","networks":[{"name":"` + strings.Repeat("x", 33) + `"}]}`,
		"a line in a name":         `{"role":"client","networks":[{"name":"a\nb"}]}`,
		"a country that is a line": `{"role":"client","networks":[{"name":"a","country":"D\n"}]}`,
		"no frequency":             `{"role":"accessPoint","own":{"name":"a","password":"12345678"}}`,
		"a radar's frequency":      `{"role":"accessPoint","own":{"name":"a","password":"12345678"},"frequency":5500}`,
		"an open access point":     `{"role":"accessPoint","own":{"name":"a"},"frequency":2437}`,
		"a book":                   `{"role":"off"` + strings.Repeat(" ", 5000) + `}`,
	} {
		if r, err := Read([]byte(text)); err == nil {
			t.Errorf("%s: taken as %+v", name, r)
		}
	}
}

// Whatever is in names and passwords: the settings have only these lines.
func TestSettingsAreMadeOfDigits(t *testing.T) {
	line := regexp.MustCompile(`^(#.*|update_config=0|p2p_disabled=1|ap_scan=2|country=[A-Z]{2}|network=\{|\}|` +
		`\tssid=[0-9a-f]{2,64}|\tpsk=[0-9a-f]{64}|\tkey_mgmt=(NONE|WPA-PSK|WPA-PSK WPA-PSK-SHA256)|\tscan_ssid=1|\tieee80211w=1|` +
		`\tpriority=\d|\tmode=2|\tfrequency=\d{4}|\tproto=RSN|\tpairwise=CCMP|\tgroup=CCMP)$`)
	for _, r := range []Request{{Role: Client, Networks: []wifi.Network{school, library}}, client, host} {
		text, err := r.Supplicant()
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(text) {
			if !line.MatchString(strings.TrimSuffix(l, "\n")) {
				t.Errorf("%s: the line %q", r.Role, l)
			}
		}
		if blocks := max(len(r.Networks), 1); strings.Count(text, "ssid=") < blocks || strings.Count(text, "network={") != blocks || strings.Count(text, "\n}\n") != blocks {
			t.Errorf("%s: %d networks\n%s", r.Role, blocks, text)
		}
	}
}

func TestTheAccessPointGivesOutAddresses(t *testing.T) {
	text := host.Networkd("wlan0")
	for _, want := range []string{"Name=wlan0\n", "Address=10.42.0.1/24\n", "DHCPServer=yes\n", "DNS=10.42.0.1\n", "EmitRouter=yes\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
	if text := client.Networkd("wlan0"); !strings.Contains(text, "DHCP=yes") || strings.Contains(text, "DHCPServer") {
		t.Error(text)
	}
	if (Request{Role: Off}).Networkd("wlan0") != "" {
		t.Error("a radio that is off has settings")
	}
}

// machine is a folder that looks like a box, and what was run on it.
type machine struct {
	Helper
	t   *testing.T
	ran []string
}

func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t}
	m.Helper = Helper{
		Root: t.TempDir(), Owners: []uint32{uint32(os.Getuid())}, Allowed: true, Log: slog.New(slog.DiscardHandler),
		Run: func(_ context.Context, program string, args ...string) error {
			m.ran = append(m.ran, strings.Join(append([]string{program}, args...), " "))
			return nil
		},
	}
	for _, dir := range []string{
		requestDir, settingsDir, networkdDir, netClass + "/eth0/device", netClass + "/wlan0/device", netClass + "/wlan0/phy80211",
		netClass + "/wlan1/device", netClass + "/wlan1/phy80211", netClass + "/ap0/phy80211",
	} {
		m.must(os.MkdirAll(filepath.Join(m.Root, dir), 0o755))
	}
	for name, content := range map[string]string{"rfkill0/type": "wlan\n", "rfkill0/soft": "1", "rfkill1/type": "bluetooth\n", "rfkill1/soft": "1"} {
		m.write(rfkillClass+"/"+name, content)
	}
	return m
}

func (m *machine) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *machine) write(name, content string) {
	m.t.Helper()
	p := filepath.Join(m.Root, name)
	m.must(os.MkdirAll(filepath.Dir(p), 0o755))
	m.must(os.WriteFile(p, []byte(content), 0o600))
}

func (m *machine) read(name string) string {
	b, err := os.ReadFile(filepath.Join(m.Root, name))
	if err != nil {
		return ""
	}
	return string(b)
}

func (m *machine) ask(r Request) {
	m.t.Helper()
	b, err := r.Bytes()
	m.must(err)
	m.write(requestDir+"/"+RequestName, string(b))
}

func TestTheRadioBecomesWhatWasAskedFor(t *testing.T) {
	m := newMachine(t)
	m.ask(host)
	m.must(m.Answer(t.Context()))
	want := []string{"systemctl restart systemd-networkd.service", "systemctl restart streambox-wifi@wlan0.service"}
	if !slices.Equal(m.ran, want) {
		t.Errorf("ran %q", m.ran)
	}
	if got := m.read(settingsDir + "/wlan0.conf"); !strings.Contains(got, "mode=2") {
		t.Errorf("settings %q", got)
	}
	if got := m.read(networkdDir + "/" + networkFile); got != host.Networkd("wlan0") {
		t.Errorf("networkd %q", got)
	}
	if info, err := os.Stat(filepath.Join(m.Root, settingsDir, "wlan0.conf")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("who may read the key: %v, %v", info, err)
	}
	if got := m.read(rfkillClass + "/rfkill0/soft"); got != "0" {
		t.Errorf("the radio is blocked: %q", got)
	}
	if m.read(rfkillClass+"/rfkill1/soft") != "1" {
		t.Error("another switch was touched")
	}
	for age, verb := range map[time.Duration]string{time.Second: "start", time.Hour: "restart"} {
		at := time.Now().Add(-age)
		m.must(os.Chtimes(filepath.Join(m.Root, settingsDir, "wlan0.conf"), at, at))
		m.ran = nil
		m.ask(host)
		m.must(m.Answer(t.Context()))
		if again := []string{"systemctl " + verb + " streambox-wifi@wlan0.service"}; !slices.Equal(m.ran, again) {
			t.Errorf("asked for the same after %v: %q, want %q", age, m.ran, again)
		}
	}
	m.ran = nil
	m.ask(client)
	m.must(m.Answer(t.Context()))
	if !slices.Equal(m.ran, want) {
		t.Errorf("as a client: %q", m.ran)
	}
	m.ran = nil
	m.ask(Request{Role: Off})
	m.must(m.Answer(t.Context()))
	if !slices.Contains(m.ran, "systemctl stop streambox-wifi@wlan0.service") || m.read(settingsDir+"/wlan0.conf") != "" {
		t.Errorf("off: ran %q", m.ran)
	}
	if err := m.Answer(t.Context()); !errors.Is(err, ErrNone) {
		t.Errorf("the request is still there: %v", err)
	}
}

func TestWhatIsNotHonestDoesNothing(t *testing.T) {
	good, err := host.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	at := requestDir + "/" + RequestName
	for name, prepare := range map[string]func(m *machine){
		"another's file":             func(m *machine) { m.write(at, string(good)); m.Owners = []uint32{4711} },
		"a network that is not ours": func(m *machine) { m.write(at, string(good)); m.Allowed = false },
		"no JSON":                    func(m *machine) { m.write(at, "role=off") },
		"a large file":               func(m *machine) { m.write(at, string(good)+strings.Repeat(" ", maxRequestBytes)) },
		"a link": func(m *machine) {
			m.write(requestDir+"/real", string(good))
			m.must(os.Symlink("real", filepath.Join(m.Root, at)))
		},
		"a link that leads out": func(m *machine) { m.must(os.Symlink("/etc/passwd", filepath.Join(m.Root, at))) },
		"a pipe":                func(m *machine) { m.must(syscall.Mkfifo(filepath.Join(m.Root, at), 0o600)) },
		"a folder":              func(m *machine) { m.must(os.MkdirAll(filepath.Join(m.Root, at, "deep"), 0o755)) },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMachine(t)
			prepare(m)
			if err := m.Answer(t.Context()); err == nil {
				t.Error("no error")
			}
			if len(m.ran) > 0 || m.read(settingsDir+"/wlan0.conf") != "" {
				t.Errorf("done: %q", m.ran)
			}
			if _, err := os.Lstat(filepath.Join(m.Root, at)); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the request is still there: %v", err)
			}
		})
	}
}

func TestAMachineWithoutARadioIsLeftAlone(t *testing.T) {
	m := newMachine(t)
	for _, one := range []string{"wlan0", "wlan1"} {
		m.must(os.RemoveAll(filepath.Join(m.Root, netClass, one)))
	}
	m.ask(client)
	m.must(m.Answer(t.Context()))
	if len(m.ran) > 0 {
		t.Errorf("ran %q", m.ran)
	}
}

// FuzzRead: what is taken can be taken again, and makes settings.
func FuzzRead(f *testing.F) {
	for _, r := range []Request{{Role: Off}, client, host} {
		b, err := json.Marshal(r)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(data)
		if err != nil {
			return
		}
		if _, err := r.Supplicant(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
		if _, err := r.Bytes(); err != nil {
			t.Errorf("%+v: %v", r, err)
		}
	})
}

// A radio that is off gives out no addresses any more.
func TestARadioThatIsOffIsNetworkdsNoMore(t *testing.T) {
	m := newMachine(t)
	m.ask(host)
	m.must(m.Answer(t.Context()))
	m.ran = nil
	for range 2 { // the second time there is nothing to tell networkd
		m.ask(Request{Role: Off})
		m.must(m.Answer(t.Context()))
	}
	if _, err := os.Lstat(filepath.Join(m.Root, networkdDir, networkFile)); !os.IsNotExist(err) {
		t.Errorf("networkd's file: %v", err)
	}
	const stop = "systemctl stop streambox-wifi@wlan0.service"
	if want := []string{stop, "systemctl try-restart systemd-networkd.service", stop}; !slices.Equal(m.ran, want) {
		t.Errorf("ran %q, want %q", m.ran, want)
	}
}
