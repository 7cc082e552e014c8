package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"streambox.local/appliance/panel"
	"streambox.local/appliance/usb/mount"
)

// settings are what a person can choose. Made by load.
type settings struct {
	Name       string // host name, without .local
	Listen     string // host:port
	ListenElse string // where that port is not to be had; "": nowhere
	Media      []string
	Data       string
	Hosts      []string       // further host names under which the box may be asked
	Proxies    []netip.Prefix // reverse proxies whose word on who asks counts
	LogLevel   slog.Level
	LogFormat  string
	Reserve    reserve
	P2P        string // auto, on, off
	Sticks     mount.Setting
	MDNS       string // auto, off
	Panel      string // auto, terminal, off
	PanelParts panel.Settings
	Network    networkSettings

	from map[string]string // key → flag, environment, file, default
}

// setting is a row of the table from which flags, variables and file are read.
// Values come as texts; a list has any number of them, the others exactly one.
type setting struct {
	key    string
	help   string // the value's name in backquotes, as pflag wants it
	list   string // for lists: what separates values in a variable
	number bool   // may be written without quotes: a port; sizes and times, which then say themselves that their unit is missing
	set    func(s *settings, values []string) error
	off    func(s *settings) // for what reaches for the machine: what a refused value means; nil: as if there were none
	show   func(s settings) string
}

// variable is the setting's name in the environment.
func (d setting) variable() string {
	return "STREAMBOX_" + strings.ToUpper(strings.ReplaceAll(d.key, "-", "_"))
}

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// table lists all settings. It is a function because there are no globals to change.
func table() []setting {
	return append([]setting{
		{
			key: "media", help: "`DIR` with films; may be given several times (default: the sticks below " + sticksDir + ")", list: ":",
			set: func(s *settings, v []string) error {
				if slices.Contains(v, "") {
					return fmt.Errorf("a folder's name is empty; write the path of a folder with films")
				}
				s.Media = v
				return nil
			},
			show: func(s settings) string { return strings.Join(s.Media, ":") },
		},
		{
			key: "data", help: "`DIR` for converted films and the box's memory (default: /var/lib/streambox for root, else ~/.local/share/streambox)",
			set: func(s *settings, v []string) error {
				if v[0] == "" {
					return fmt.Errorf("the name is empty; write the path of a folder")
				}
				s.Data = v[0]
				return nil
			},
			show: func(s settings) string { return s.Data },
		},
		{
			key: "listen", number: true, help: "`ADDRESS` and port of the web server (default :3003; as a service :80, or :3003 where that is taken)",
			set: func(s *settings, v []string) error {
				listen, err := parseListen(v[0], s.Listen)
				if err == nil {
					s.Listen, s.ListenElse = listen, ""
				}
				return err
			},
			show: func(s settings) string { return s.Listen },
		},
		{
			key: "name", help: "`NAME` of the box (default streambox)",
			set: func(s *settings, v []string) error {
				name := strings.TrimSuffix(strings.ToLower(v[0]), ".local")
				if !hostName.MatchString(name) {
					return fmt.Errorf("%q is not a host name; use 1 to 63 letters a-z, digits and hyphens", v[0])
				}
				s.Name = name
				return nil
			},
			show: func(s settings) string { return s.Name },
		},
		{
			key: "hosts", help: "further host `NAME` under which browsers may ask; may be given several times", list: ",",
			set: func(s *settings, v []string) error {
				var hosts []string
				for _, h := range v {
					h = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(h), "."))
					if slices.ContainsFunc(strings.Split(h, "."), func(label string) bool { return !hostName.MatchString(label) }) {
						return fmt.Errorf("%q is not a host name; write it without http:// and port, for instance cinema.school.example", h)
					}
					hosts = append(hosts, h)
				}
				s.Hosts = hosts
				return nil
			},
			show: func(s settings) string { return strings.Join(s.Hosts, ",") },
		},
		{
			key: "trusted-proxies", help: "`ADDRESS` of a reverse proxy, or a range like 10.0.0.0/8: phones are then known by what it says of them; may be given several times", list: ",",
			set: func(s *settings, v []string) (err error) {
				proxies, err := parsePrefixes(v)
				if err == nil {
					s.Proxies = proxies
				}
				return err
			},
			show: func(s settings) string { return strings.Join(prefixTexts(s.Proxies), ",") },
		},
		{
			key: "reserve", number: true, help: "how much of the disk stays free: `SIZE` like 1GiB, share like 10%, or auto, the larger of 1GiB and 10% (default auto)",
			set: func(s *settings, v []string) error {
				r, err := parseReserve(v[0])
				if err == nil {
					s.Reserve = r
				}
				return err
			},
			show: func(s settings) string { return s.Reserve.String() },
		},
		{
			key: "p2p", help: "`WHEN` phones hand each other the film: auto, on or off (default auto: when two or more watch the same one, not on the box's own Wi-Fi)",
			set: func(s *settings, v []string) error {
				if v[0] != "auto" && v[0] != "on" && v[0] != "off" {
					return fmt.Errorf("%q is not known; write auto, on or off", v[0])
				}
				s.P2P = v[0]
				return nil
			},
			show: func(s settings) string { return s.P2P },
		},
		{
			key: "sticks", help: "`WHICH` USB sticks the service mounts: auto (all), off, or a label or UUID; may be given several times (default off)", list: ",",
			set: func(s *settings, v []string) error {
				sticks, err := mount.ParseSetting(v)
				if err == nil {
					s.Sticks = sticks
				}
				return err
			},
			off:  func(s *settings) { s.Sticks = mount.Setting{} },
			show: func(s settings) string { return s.Sticks.String() },
		},
		{
			key: "log-level", help: "`LEVEL` debug, info, warn or error (default info)",
			set: func(s *settings, v []string) error {
				levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
				level, known := levels[strings.ToLower(v[0])]
				if !known {
					return fmt.Errorf("%q is not a level; write debug, info, warn or error", v[0])
				}
				s.LogLevel = level
				return nil
			},
			show: func(s settings) string { return strings.ToLower(s.LogLevel.String()) },
		},
		{
			key: "log-format", help: "`FORMAT` text or json (default text)",
			set: func(s *settings, v []string) error {
				if v[0] != "text" && v[0] != "json" {
					return fmt.Errorf("%q is not a format; write text or json", v[0])
				}
				s.LogFormat = v[0]
				return nil
			},
			show: func(s settings) string { return s.LogFormat },
		},
		mdnsRow(),
	}, append(panelRows(), networkRows()...)...)
}

// parseListen takes ":3003", "192.168.1.5:80", "[fd00::1]:80" and a bare port;
// it returns old with an error.
func parseListen(text, old string) (string, error) {
	wrong := fmt.Errorf("%q is not an address to listen at; write a port like :3003, or an IP address with one like 192.168.1.5:80", text)
	address := text
	if _, err := strconv.Atoi(text); err == nil {
		address = ":" + text
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return old, wrong
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return old, wrong
	}
	if host != "" && host != "localhost" && net.ParseIP(host) == nil {
		return old, wrong
	}
	return address, nil
}

// parsePrefixes takes addresses and ranges of them.
func parsePrefixes(texts []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range texts {
		text = strings.TrimSpace(text)
		prefix, err := netip.ParsePrefix(text)
		if addr, addrErr := netip.ParseAddr(text); addrErr == nil && addr.Zone() == "" {
			addr = addr.Unmap()
			prefix, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil || prefix.Addr().Is4In6() {
			return nil, fmt.Errorf("%q is neither an address like 127.0.0.1 nor a range of addresses like 10.0.0.0/8", text)
		}
		out = append(out, prefix.Masked())
	}
	return out, nil
}

func prefixTexts(prefixes []netip.Prefix) []string {
	texts := make([]string, len(prefixes))
	for i, p := range prefixes {
		texts[i] = p.String()
		if p.IsSingleIP() {
			texts[i] = p.Addr().String()
		}
	}
	return texts
}
