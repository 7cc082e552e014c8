package main

import (
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
)

func defaultsForTest() settings {
	return settings{Name: "streambox", Listen: ":3003", Data: "/var/lib/streambox", LogFormat: "text", P2P: "auto"}
}

func TestSettingsComeFromFlagThenEnvironmentThenFileThenDefault(t *testing.T) {
	src := sources{
		flags:    map[string][]string{"listen": {":1"}},
		env:      []string{"STREAMBOX_LISTEN=:2", "STREAMBOX_NAME=two", "PATH=/bin"},
		file:     []byte("listen = \":3\"\nname = \"three\"\nreserve = \"2GiB\"\n"),
		fileName: "f.toml", defaults: defaultsForTest(),
	}
	s, warnings, err := load(src)
	if err != nil || len(warnings) != 0 {
		t.Fatalf("load: %v, %v", warnings, err)
	}
	if s.Listen != ":1" || s.Name != "two" || s.Reserve.bytes != 2<<30 || s.LogFormat != "text" {
		t.Errorf("settings = %+v", s)
	}
	want := map[string]string{}
	for _, row := range table() {
		want[row.key] = "default"
	}
	want["listen"], want["name"], want["reserve"] = "flag", "environment", "file"
	if !maps.Equal(s.from, want) {
		t.Errorf("from = %v, want %v", s.from, want)
	}
}

func TestSettingsFile(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		file     string
		check    func(s settings) bool
		warnings []string // a piece of each
	}{
		{"an empty file", "", func(s settings) bool { return s.Listen == ":3003" }, nil},
		{
			"line ends and byte order mark of Windows", "\xef\xbb\xbf# my box\r\nname = \"cinema\"\r\nlisten = \":80\"\r\n",
			func(s settings) bool { return s.Name == "cinema" && s.Listen == ":80" }, nil,
		},
		{
			"lists", "media = [\"/a\", \"/b c\"]\nhosts = [\"Cinema.School.Example\"]\n",
			func(s settings) bool {
				return slices.Equal(s.Media, []string{"/a", "/b c"}) && slices.Equal(s.Hosts, []string{"cinema.school.example"})
			}, nil,
		},
		{
			"proxies, with the hyphen that other files write as a low line", "trusted_proxies = [\"127.0.0.1\", \"10.1.2.3/8\", \"fd00::/8\"]\n",
			func(s settings) bool {
				return slices.Equal(prefixTexts(s.Proxies), []string{"127.0.0.1", "10.0.0.0/8", "fd00::/8"})
			}, nil,
		},
		{"how phones share", "p2p = \"off\"\n", func(s settings) bool { return s.P2P == "off" }, nil},
		{"a list over several lines", "media = [\n  \"/a\",\n  \"/b\",\n]\n", func(s settings) bool { return len(s.Media) == 2 }, nil},
		{"one value where a list may stand", "media = \"/a\"\n", func(s settings) bool { return slices.Equal(s.Media, []string{"/a"}) }, nil},
		{"a bare port", "listen = 8080\n", func(s settings) bool { return s.Listen == ":8080" }, nil},
		{"a name with .local and capitals", "name = \"Cinema.local\"\n", func(s settings) bool { return s.Name == "cinema" }, nil},
		{
			"a line that is no TOML", "name = \"cinema\"\nthis is nonsense\nlisten = \":80\"\n",
			func(s settings) bool { return s.Name == "cinema" && s.Listen == ":80" },
			[]string{"line 2 of f.toml is not used: "},
		},
		{
			"a value without quotes", "listen = \":80\"\nname = cinema\nreserve = \"5%\"\n",
			func(s settings) bool { return s.Listen == ":80" && s.Name == "streambox" && s.Reserve.percent == 5 },
			[]string{"line 2 of f.toml"},
		},
		{
			"a quote that is not closed", "name = \"cinema\nlisten = \":80\"\n",
			func(s settings) bool { return s.Name == "streambox" && s.Listen == ":80" },
			[]string{"line 1 of f.toml"},
		},
		{
			"a setting twice: the first counts", "name = \"one\"\nname = \"two\"\n",
			func(s settings) bool { return s.Name == "one" },
			[]string{"line 2 of f.toml"},
		},
		{
			"three bad lines", "?\nname = \"cinema\"\n= 3\nlisten = \":80\"\n[[[\n",
			func(s settings) bool { return s.Name == "cinema" && s.Listen == ":80" },
			[]string{"line 1 of", "line 3 of", "line 5 of"},
		},
		{
			"an unknown setting", "lisen = \":80\"\nname = \"cinema\"\n",
			func(s settings) bool { return s.Name == "cinema" },
			[]string{`line 1 of f.toml is not used: there is no setting "lisen"; did you mean listen?`},
		},
		{
			"what is wrong is told in the order of the lines", "reserve = 5\nname = 7\nthis is nonsense\ncolour = \"red\"\nlog-level = \"loud\"\n",
			func(s settings) bool { return s.Name == "streambox" },
			[]string{"line 1 of f.toml", "line 2 of f.toml is not used: name: takes a text, not the number 7; write it in quotes", "line 3 of f.toml", "line 4 of f.toml", "line 5 of f.toml"},
		},
		{
			"a number is no stick's label", "sticks = 3\n", func(s settings) bool { return s.Sticks.String() == "off" },
			[]string{"line 1 of f.toml is not used: sticks: takes a text, not the number 3; write it in quotes; sticks counts as off"},
		},
		{
			"a pin that no Pi has", "panel-led = \"GPIO99\"\npanel-button = \"GPIO27\"\n",
			func(s settings) bool { return s.PanelParts.LED == "" && s.PanelParts.Button == "GPIO27" },
			[]string{`line 1 of f.toml is not used: panel-led: "GPIO99" is not the name of a GPIO line; write one of GPIO0 to GPIO27, or chip and number like gpiochip0:5`},
		},
		{"a setting of a later release", "colour = \"red\"\n", func(settings) bool { return true }, []string{`there is no setting "colour"`}},
		{
			"a wrong value beside a right one", "log-level = \"loud\"\nname = \"cinema\"\n",
			func(s settings) bool { return s.Name == "cinema" && s.LogLevel == slog.LevelInfo },
			[]string{`line 1 of f.toml is not used: log-level: "loud" is not a level; write debug, info, warn or error`},
		},
		{
			"said twice: the first counts, and nothing else is said", "sticks = \"auto\"\nsticks = \"off\"\n",
			func(s settings) bool { return s.Sticks.String() == "auto" },
			[]string{"line 2 of f.toml is not used: "},
		},
		{"a size without its unit", "\nreserve = 5\n", func(s settings) bool { return s.Reserve == reserve{} }, []string{"line 2 of f.toml is not used: reserve: \"5\" is not an amount"}},
		{"a list where one value belongs", "name = [\"a\"]\n", func(s settings) bool { return s.Name == "streambox" }, []string{"takes one value"}},
		{"a section where a value belongs", "[name]\nx = 1\n", func(s settings) bool { return s.Name == "streambox" }, []string{"line 1 of f.toml is not used: name: is a setting, not a section"}},
		{"a number in a list", "media = [1]\n", func(s settings) bool { return s.Media == nil }, []string{"list of texts"}},
		{"true is no host name", "name = true\n", func(s settings) bool { return s.Name == "streambox" }, []string{"write it in quotes"}},
		{"not text at all", strings.Repeat("\x00\xff\n", 50), func(s settings) bool { return s.Listen == ":3003" }, []string{"settings file f.toml is not used: it is not UTF-8 text"}},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			s, warnings, err := load(sources{file: []byte(tt.file), fileName: "f.toml", defaults: defaultsForTest()})
			if err != nil {
				t.Fatal(err)
			}
			if !tt.check(s) {
				t.Errorf("settings = %+v", s)
			}
			if len(warnings) != len(tt.warnings) {
				t.Fatalf("warnings:\n%s\nwant %d", strings.Join(warnings, "\n"), len(tt.warnings))
			}
			for i, want := range tt.warnings {
				if !strings.Contains(warnings[i], want) {
					t.Errorf("warning %q, want it to say %q", warnings[i], want)
				}
			}
		})
	}
}

func TestNoWarningRepeatsAPassword(t *testing.T) {
	for _, file := range []string{
		"hotspot-password = 12345678", "hotspot_password = 87s#ecret", "hotspot-password = \"12345678", "hotspot-password = '12345678\n\nname = \"a\"",
		"hotspot-password = [\"12345678\", 1]", "hotspot-password = \"123\\q45678\"", "hotspot-password = 1234-56-78", "hotspot-password = \"1234567\"",
		"hotspot-pasword = 12345678", "\"hotspot-password\" = 12345678x", "hotspot-password 12345678", "hotspot-password = \"\"\"12345678\nname",
	} {
		_, warnings, err := load(sources{file: []byte(file), fileName: "f.toml"})
		if err != nil {
			t.Fatal(err)
		}
		if len(warnings) == 0 {
			t.Errorf("%q: nothing is said", file)
		}
		for _, w := range warnings {
			for _, piece := range []string{"123", "456", "678", "87s", "ecret"} {
				if strings.Contains(w, piece) {
					t.Errorf("%q: %s", file, w)
				}
			}
		}
	}
}

func TestSettingsFromTheEnvironment(t *testing.T) {
	s, warnings, err := load(sources{defaults: defaultsForTest(), env: []string{
		"STREAMBOX_MEDIA=/a:/b", "STREAMBOX_HOSTS=a.example,b.example", "STREAMBOX_LOG_LEVEL=debug", "STREAMBOX_NAME=",
		"STREAMBOX_LISTN=:80", "STREAMBOX_RESERVE=much", "STREAMBOX_STRICT=1", "STREAMBOX_CONFIG=/x",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Media, []string{"/a", "/b"}) || len(s.Hosts) != 2 || s.LogLevel != slog.LevelDebug || s.Name != "streambox" || s.Listen != ":3003" {
		t.Errorf("settings = %+v", s)
	}
	want := []string{"STREAMBOX_LISTN in the environment is no setting; did you mean STREAMBOX_LISTEN?", "STREAMBOX_RESERVE in the environment is not used: \"much\""}
	if len(warnings) != 2 || !strings.HasPrefix(warnings[0], want[0]) || !strings.HasPrefix(warnings[1], want[1]) {
		t.Errorf("warnings = %q, want %q", warnings, want)
	}
}

func TestWrongFlagsAreUsageErrorsThatSayWhatIsRight(t *testing.T) {
	for _, tt := range []struct{ key, value, says string }{
		{"listen", "3003x", ":3003"},
		{"listen", ":70000", ":3003"},
		{"listen", "cinema:80", "IP address"},
		{"listen", ":", ":3003"},
		{"name", "my box", "hyphens"},
		{"name", "-box", "hyphens"},
		{"name", "", "hyphens"},
		{"name", "box.example", "hyphens"},
		{"hosts", "http://a.example", "without http://"},
		{"hosts", "a..example", "host name"},
		{"media", "", "folder"},
		{"data", "", "folder"},
		{"reserve", "0%", "1%"},
		{"reserve", "95%", "90%"},
		{"reserve", "0GiB", "1GiB"},
		{"log-format", "xml", "text or json"},
		{"trusted-proxies", "cinema", "127.0.0.1"},
		{"trusted-proxies", "10.0.0.0/33", "10.0.0.0/8"},
		{"p2p", "maybe", "auto, on or off"},
		{"p2p", "", "auto, on or off"},
	} {
		t.Run(tt.key+"="+tt.value, func(t *testing.T) {
			s, _, err := load(sources{flags: map[string][]string{tt.key: {tt.value}}, defaults: defaultsForTest()})
			if _, ok := errors.AsType[*usageError](err); !ok || !strings.Contains(err.Error(), "--"+tt.key) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want a usage error with --%s and %q", err, tt.key, tt.says)
			}
			if s.Listen != ":3003" || s.Name != "streambox" {
				t.Errorf("a wrong value was taken: %+v", s)
			}
		})
	}
}

func TestRightAddresses(t *testing.T) {
	for text, want := range map[string]string{"80": ":80", ":0": ":0", "127.0.0.1:80": "127.0.0.1:80", "[fd00::1]:80": "[fd00::1]:80", "localhost:80": "localhost:80"} {
		if got, err := parseListen(text, ""); err != nil || got != want {
			t.Errorf("parseListen(%q) = %q, %v", text, got, err)
		}
	}
}

func FuzzSettingsFile(f *testing.F) {
	f.Add([]byte("name = \"a\"\n?\n"))
	f.Add([]byte("a = [\n\"\"\"\n[x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 2000 {
			return
		}
		s, _, err := load(sources{file: data, fileName: "f", defaults: defaultsForTest()})
		if err != nil || s.Name == "" || s.Listen == "" {
			t.Errorf("load = %+v, %v", s, err)
		}
	})
}
