package report

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wellBox is a machine with nothing wrong.
func wellBox(t *testing.T) Doctor {
	t.Helper()
	media := t.TempDir()
	return Doctor{
		Version: "1.2.3", DataDir: t.TempDir(), Media: []string{media}, SticksDir: "/nowhere", Listen: ":3003", HasClient: true,
		Reserve:   func(int64) int64 { return 1 << 30 },
		ToolPaths: func(name string) (string, error) { return "/usr/bin/" + name, nil },
		ToolOutput: func(_ context.Context, path string, args ...string) ([]byte, error) {
			switch args[len(args)-1] {
			case "-encoders":
				return []byte("Encoders:\n V..... libx264              H.264\n A..... aac  AAC\n"), nil
			case "-filters":
				return []byte(" .S zscale V->V Apply\n .S tonemap V->V Convert\n"), nil
			}
			return []byte(filepath.Base(path) + " version 5.1.9-0+deb12u1 Copyright (c)\nbuilt with gcc\n"), nil
		},
		Space:      func(string) (int64, int64, error) { return 64 << 30, 20 << 30, nil },
		LAN:        func() ([]netip.Addr, error) { return []netip.Addr{netip.MustParseAddr("192.168.1.5")}, nil },
		Box:        func(context.Context) (Box, bool) { return Box{}, false },
		ClockSet:   func() (bool, error) { return true, nil },
		PortHolder: func(int) (string, bool) { return "", false },
		Hardware:   t.TempDir(),
	}
}

func find(t *testing.T, checks []Check, name string) Check {
	t.Helper()
	for _, c := range checks {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("no check %q in %+v", name, checks)
	return Check{}
}

// fromSources is a machine on which only a box of make run runs.
func fromSources(listen string, taken bool) func(*testing.T, *Doctor) {
	return func(_ *testing.T, d *Doctor) {
		d.Other = &OtherBox{DataDir: ".cache/a b", Listen: listen}
		d.PortHolder = func(int) (string, bool) { return "nginx.service", taken }
	}
}

func TestDoctor(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		harm     func(t *testing.T, d *Doctor)
		check    string
		state    State
		says     string // in detail or what mends it
	}{
		{"all is well", func(*testing.T, *Doctor) {}, "ffmpeg", Present, "5.1.9-0+deb12u1"},
		{"only the box of make run runs", fromSources(":4004", false), "box", Absent, "at :4004"},
		{"how to look at the box of make run", fromSources(":4004", false), "box", Absent, "--data '.cache/a b'"},
		{"the port that the box of make run has is no fault", fromSources("127.0.0.1:3003", true), "port", Present, "the box of make run"},
		{"a port that somebody else has, beside it", fromSources(":4004", true), "port", Broken, "by nginx.service"},
		{"ffmpeg is missing", func(_ *testing.T, d *Doctor) {
			d.ToolPaths = func(string) (string, error) { return "", os.ErrNotExist }
		}, "ffmpeg", Broken, "apt-get install ffmpeg"},
		{"ffmpeg does not run", func(_ *testing.T, d *Doctor) {
			d.ToolOutput = func(context.Context, string, ...string) ([]byte, error) { return nil, errors.New("exec format error") }
		}, "ffprobe", Broken, "exec format error"},
		{"ffmpeg has no libx264", func(_ *testing.T, d *Doctor) {
			d.ToolOutput = func(context.Context, string, ...string) ([]byte, error) {
				return []byte("x version 6 y\n V..... mpeg4 x\n"), nil
			}
		}, "encoder libx264", Broken, "no libx264"},
		{"only one filter for HDR is there", func(_ *testing.T, d *Doctor) {
			d.ToolOutput = func(context.Context, string, ...string) ([]byte, error) {
				return []byte("x version 6 y\n .S tonemap V->V\n"), nil
			}
		}, "filters for HDR", Broken, "no zscale"},
		{"the page is not built in", func(_ *testing.T, d *Doctor) { d.HasClient = false }, "page", Broken, "make build"},
		{"the data folder is not there yet", func(_ *testing.T, d *Doctor) { d.DataDir += "/new" }, "data folder", Absent, "serve makes it"},
		{"the data folder is a file", func(t *testing.T, d *Doctor) {
			t.Helper()
			d.DataDir = file(t)
		}, "data folder", Broken, "not a folder"},
		{"the disk is full", func(_ *testing.T, d *Doctor) {
			d.Space = func(string) (int64, int64, error) { return 16 << 30, 1 << 29, nil }
		}, "disk space", Broken, "512 MiB free of 16.0 GiB"},
		{"a media folder is missing", func(_ *testing.T, d *Doctor) { d.Media[0] += "/none" }, "media folder 1", Absent, "not there"},
		{"a media folder is a file", func(t *testing.T, d *Doctor) {
			t.Helper()
			d.Media[0] = file(t)
		}, "media folder 1", Broken, "not a folder"},
		{"no box, and what the helper says of a stick that nobody can read", func(_ *testing.T, d *Doctor) {
			d.Media = nil
			d.Sticks = func() []Stick {
				return []Stick{{ID: "sda1", FileSystem: "apfs", State: "unreadable", Reason: "apple", SizeBytes: 64e9, Titles: -1}}
			}
		}, "stick sda1", Broken, "unreadable, apfs, 59.6 GiB, apple"},
		{"no box, and a stick that its owner wants for himself", func(_ *testing.T, d *Doctor) {
			d.Media, d.Sticks = nil, func() []Stick {
				return []Stick{{ID: "sda1", FileSystem: "vfat", State: "ignored", Reason: "turnedOff", Titles: -1}}
			}
		}, "stick sda1", Present, "ignored, vfat"},
		{"no media folder and no stick", func(_ *testing.T, d *Doctor) { d.Media = nil }, "sticks", Absent, "no stick"},
		{"the port is taken", func(_ *testing.T, d *Doctor) {
			d.PortHolder = func(port int) (string, bool) { return "nginx (process 812)", port == 3003 }
		}, "port", Broken, "nginx (process 812)"},
		{"the port is taken by nobody we may see", func(_ *testing.T, d *Doctor) {
			d.PortHolder = func(int) (string, bool) { return "", true }
		}, "port", Broken, ":3003 is taken"},
		{"there is no network", func(_ *testing.T, d *Doctor) {
			d.LAN = func() ([]netip.Addr, error) { return nil, nil }
		}, "network", Broken, "Wi-Fi"},
		{"the clock is not set", func(_ *testing.T, d *Doctor) {
			d.ClockSet = func() (bool, error) { return false, nil }
		}, "clock", Absent, "not synchronised"},
		{"no box runs", func(*testing.T, *Doctor) {}, "box", Absent, "none runs"},
		{"a box runs, and the port is its own", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003")
			d.PortHolder = func(int) (string, bool) { return "streambox", true }
		}, "port", Present, "by this box"},
		{"a box runs at another port", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:8080")
			d.PortHolder = func(int) (string, bool) { return "nginx", true }
		}, "port", Broken, "nginx"},
		{"a running box is named", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003")
		}, "box", Present, "process 4711, version 1, at [::]:3003, state ready"},
		{"a running box with a problem", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.State, b.Problems = "attention", []string{"no_room"} })
		}, "box", Present, "attention (no_room;"},
		{"a box in fault is not well", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.State = "fault" })
		}, "box", Broken, "state fault"},
		{"a box in fault, with another problem", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.State, b.Problems = "fault", []string{"no_room"} })
		}, "box", Broken, "what failed is started again"},
		{"a box in fault says by which of its parts", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) {
				b.State, b.Parts = "fault", []Check{{Name: Services, State: Broken, Detail: "mdns does not run"}}
			})
		}, "box", Broken, "state fault: mdns does not run"},
		{"the parts of a box in fault", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) {
				b.State, b.Parts = "fault", []Check{{Name: Services, State: Broken, Detail: "mdns does not run"}}
			})
		}, "parts", Broken, "mdns does not run"},
		{"a box that does not answer", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.Reached = false })
		}, "box", Broken, "service restart"},
		{"the port of the web is free", func(*testing.T, *Doctor) {}, "port 80", Present, "free"},
		{"the port of the web is another's", func(_ *testing.T, d *Doctor) {
			d.PortHolder = func(port int) (string, bool) { return "nginx.service", port == 80 }
		}, "port 80", Present, "taken by nginx.service; as a service the box serves at :3003"},
		{"the port of the web is another's, and the box knows", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.Note = "port 80 is taken by nginx.service" })
			d.PortHolder = func(port int) (string, bool) { return "nginx.service", port == 80 }
		}, "port 80", Present, "taken by nginx.service; this box serves at :3003"},
		{"why the box is not at its port", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.Note = "port 80 is taken by nginx.service" })
		}, "port", Present, "in use by this box, since port 80 is taken by nginx.service"},
		{"the port of the web is the box's", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:80")
			d.PortHolder = func(port int) (string, bool) { return "streambox (process 4711)", port == 80 }
		}, "port 80", Present, "in use by this box"},
		{"a laptop has no pins", func(*testing.T, *Doctor) {}, "button", Absent, "no GPIO pins"},
		{"nor a LED of a board", func(*testing.T, *Doctor) {}, "boardLed", Absent, "no LED"},
		{"a board has pins", func(t *testing.T, d *Doctor) {
			t.Helper()
			device(t, d, "dev/gpiochip0")
		}, "led", Present, "1 GPIO chips"},
		{"a board has its LED", func(t *testing.T, d *Doctor) {
			t.Helper()
			device(t, d, "sys/class/leds/ACT")
		}, "boardLed", Present, "ACT"},
		{"what the box says of its parts holds", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) {
				b.Parts = []Check{{Name: "button", State: Present, Detail: "at GPIO3", Mend: "nothing to mend"}}
			})
		}, "button", Present, "at GPIO3"},
		{"a part that is broken, and nobody knows why", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.Parts = []Check{{Name: "mdns", State: Broken, Detail: "no multicast"}} })
		}, "mdns", Broken, "the log of the box"},
		{"a part of a later release", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.Parts = []Check{{Name: "fan", State: Present, Detail: "turns"}} })
		}, "fan", Present, "turns"},
		{"no stick in a running box", func(_ *testing.T, d *Doctor) { runBox(d, "[::]:3003") }, "sticks", Absent, "none is plugged in"},
		{"a stick in a running box", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) {
				b.Sticks = []Stick{{ID: "sda1", FileSystem: "exfat", State: "ready", SizeBytes: 64 << 30, Titles: 12}}
			})
		}, "stick sda1", Present, "ready, exfat, 64.0 GiB, 12 titles"},
		{"a stick that cannot be read", func(_ *testing.T, d *Doctor) {
			runBox(d, "[::]:3003", func(b *Box) { b.Sticks = []Stick{{ID: "sdb1", State: "unreadable", Reason: "bitlocker"}} })
		}, "stick sdb1", Broken, "bitlocker"},
		{"no service", func(*testing.T, *Doctor) {}, "service", Absent, "service install"},
		{"a service", func(t *testing.T, d *Doctor) {
			t.Helper()
			installed(t, d, "a", "b")
		}, "service", Present, "installed, 2 files"},
		{"half a service", func(t *testing.T, d *Doctor) {
			t.Helper()
			installed(t, d, "a", "")
		}, "service", Broken, "missing: two"},
		{"a service of another release", func(t *testing.T, d *Doctor) {
			t.Helper()
			installed(t, d, "a", "other")
		}, "service", Broken, "of another release: two"},
		{"an ffmpeg without a Pi's encoder", func(*testing.T, *Doctor) {}, "encoder h264_v4l2m2m", Absent, "in software"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			d := wellBox(t)
			tt.harm(t, &d)
			checks := d.Run(t.Context())
			c := find(t, checks, tt.check)
			if c.State != tt.state || !strings.Contains(c.Detail+" "+c.Mend, tt.says) {
				t.Errorf("%+v, want %s and %q", c, tt.state, tt.says)
			}
			if (c.State == Broken) != (c.Mend != "") {
				t.Errorf("%+v: what is broken, and only that, has a sentence that mends it", c)
			}
			if AnyBroken(checks) != (tt.state == Broken) {
				t.Errorf("AnyBroken = %v beside %+v", AnyBroken(checks), checks)
			}
		})
	}
}

func file(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func runBox(d *Doctor, listen string, edits ...func(*Box)) {
	box := Box{PID: 4711, Version: "1", Listen: listen, Reached: true, State: "ready"}
	for _, edit := range edits {
		edit(&box)
	}
	d.Box = func(context.Context) (Box, bool) { return box, true }
}

// device puts a device where d looks for it.
func device(t *testing.T, d *Doctor, path string) {
	t.Helper()
	path = filepath.Join(d.Hardware, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// installed makes a service of two files and settings, with this in them; "": not there.
func installed(t *testing.T, d *Doctor, one, two string) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"one": one, "two": two} {
		d.Units = append(d.Units, Unit{Name: name, Local: filepath.Join(dir, name), Package: filepath.Join(dir, "packaged", name), Content: []byte(map[string]string{"one": "a", "two": "b"}[name])})
		if content == "" {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	d.Units = append(d.Units, Unit{Name: "settings", Local: filepath.Join(dir, "settings"), Package: filepath.Join(dir, "settings")})
}

func TestPortHolderFindsThisProcess(t *testing.T) {
	if _, err := os.Stat("/proc/net/tcp"); err != nil {
		t.Skip("not run here: there is no /proc/net/tcp (needs Linux)")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	holder, taken := PortHolder(port)
	if !taken || !strings.HasSuffix(holder, fmt.Sprintf("(process %d)", os.Getpid())) {
		t.Errorf("PortHolder = %q, %v, want this test", holder, taken)
	}
	if err = listener.Close(); err != nil {
		t.Fatal(err)
	}
	if holder, taken = PortHolder(port); taken {
		t.Errorf("a closed port is held by %q", holder)
	}
}

func TestSize(t *testing.T) {
	for bytes, want := range map[int64]string{0: "0 bytes", 1023: "1023 bytes", 1024: "1.0 KiB", 1 << 30: "1.0 GiB", 150 << 20: "150 MiB", 64 << 40: "64.0 TiB"} {
		if got := Size(bytes); got != want {
			t.Errorf("Size(%d) = %q, want %q", bytes, got, want)
		}
	}
}

func TestQuoteIfNeeded(t *testing.T) {
	for path, want := range map[string]string{"/media/a-b_1": "/media/a-b_1", "/my films": "'/my films'", "/it's": `'/it'\''s'`, "/a;rm": "'/a;rm'"} {
		if got := quoteIfNeeded(path); got != want {
			t.Errorf("quoteIfNeeded(%q) = %s, want %s", path, got, want)
		}
	}
}
