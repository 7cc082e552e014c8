package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/appliance/panel"
	"streambox.local/appliance/report"
)

func TestPanelSettings(t *testing.T) {
	file := `panel = "terminal"
panel-button = "gpiochip0:5"
panel-button-pull = "none"
panel-led = ""
panel-led-active = "low"
panel-board-led = "led0"
panel-debounce = "50ms"
`
	s, warnings, err := load(sources{file: []byte(file), fileName: "x", defaults: settings{PanelParts: panel.Defaults()}})
	want := panel.Settings{Button: "gpiochip0:5", NoPull: true, ActiveLow: true, BoardLED: "led0", Debounce: 50 * time.Millisecond}
	if err != nil || len(warnings) > 0 || s.Panel != "terminal" || s.PanelParts != want {
		t.Errorf("settings are %+v, %v, %v", s, warnings, err)
	}
	for _, line := range []string{
		`panel-button = "GPIO 3"`, `panel-button = "../x"`, `panel-button-pull = "down"`, `panel-led = "a:b:c"`,
		`panel-led-active = "1"`, `panel-board-led = "../ACT"`, `panel-debounce = "20"`, `panel-debounce = "2s"`, `panel-debounce = "0ms"`,
	} {
		s, warnings, err := load(sources{file: []byte(line), fileName: "x", defaults: settings{Panel: "auto", PanelParts: panel.Defaults()}})
		if err != nil || len(warnings) != 1 || s.Panel != "auto" || s.PanelParts != panel.Defaults() {
			t.Errorf("%s: %+v, %q, %v", line, s.PanelParts, warnings, err)
		}
	}
}

// A HAT may own the pins: a service takes them only when its settings say so,
// and nobody by a value that cannot be read.
func TestPinsAreTakenByAWordOnly(t *testing.T) {
	service := []string{"NOTIFY_SOCKET=/run/systemd/notify"}
	for _, c := range []struct {
		file, want string
		env        []string
	}{
		{"", "auto", nil},
		{"", "off", service},
		{`panel = "auto"`, "auto", service},
		{`panel = "on"`, "off", nil},
		{`panel = off`, "off", nil},
		{`panel = "off`, "off", nil},
		{`panel = false`, "off", nil},
	} {
		a, _, _ := testApp(c.env...)
		s, _, err := load(sources{file: []byte(c.file), fileName: "x", defaults: a.defaults(false)})
		if err != nil || s.Panel != c.want {
			t.Errorf("%q %v: %s, %v", c.file, c.env, s.Panel, err)
		}
	}
}

// fakeKeys is a terminal that a test types at.
type fakeKeys struct {
	bytes.Buffer
	keys  chan byte
	begun int
	ended int
}

func (f *fakeKeys) Begin() (func() error, error) {
	f.begun++
	return func() error { f.ended++; return nil }, nil
}

func (f *fakeKeys) Key() (byte, bool, error) {
	timer := time.NewTimer(250 * time.Millisecond)
	defer timer.Stop()
	select {
	case key, open := <-f.keys:
		if !open {
			return 0, false, errors.New("gone")
		}
		return key, true, nil
	case <-timer.C:
		return 0, false, nil
	}
}

func TestThePanelInATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tty := &fakeKeys{keys: make(chan byte)}
		screen := &terminal{out: tty, isTTY: true}
		a := &app{stdout: &terminal{out: &bytes.Buffer{}}, stderr: screen}
		var pressed []panel.Action
		at := a.terminalAt(tty)
		b := &buttons{terminal: at, Panel: panel.New(panel.Config{
			Terminal: at.panel, State: func() panel.State { return panel.Ready }, Press: func(p panel.Action) { pressed = append(pressed, p) },
		})}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		<-time.After(time.Second)
		tty.keys <- 'b'
		<-time.After(2 * time.Second)
		screen.linef("a line of the log")
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if !slices.Equal(pressed, []panel.Action{panel.Host, panel.Rescan}) || tty.begun != 1 || tty.ended != 1 {
			t.Errorf("pressed %q, taken %d times, given back %d times", pressed, tty.begun, tty.ended)
		}
		drawn := tty.String()
		if !strings.Contains(drawn, eraseLine+"a line of the log\n● ready") || !strings.HasSuffix(drawn, eraseLine) {
			t.Errorf("the screen is %q", drawn)
		}
		if got := b.check("button"); got.State != report.Present {
			t.Errorf("the button is %+v", got)
		}
	})
}

// However the log comes, no line of it is torn, and the panel's line is never in the middle.
func TestTheStatusLineStaysBelow(t *testing.T) {
	var screen bytes.Buffer
	line := &statusLine{out: &screen, columns: func() int { return 20 }}
	log := line.above(&screen)
	write := func(text string) {
		if n, err := log.Write([]byte(text)); n != len(text) || err != nil {
			t.Fatalf("wrote %d, %v", n, err)
		}
	}
	write("before\n")
	line.draw("● ready")
	write("one\n")
	write("half of ")
	line.draw("○ ready") // not into the half line
	write("two\n")
	line.draw(strings.Repeat("x", 30)) // does not wrap
	line.draw("")
	write("after\n")
	want := "before\n" + eraseLine + "● ready" + eraseLine + "one\n● ready" + eraseLine + "half of two\n○ ready" +
		eraseLine + strings.Repeat("x", 9) + "…" + strings.Repeat("x", 9) + eraseLine + "after\n"
	if screen.String() != want {
		t.Errorf("the screen is\n%q, want\n%q", screen.String(), want)
	}
}

func TestWhatPressesDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var did []string
		note := func(what string, err error) func() error {
			return func() error {
				did = append(did, what)
				return err
			}
		}
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, nil))
		dir := t.TempDir()
		off := &shutdown{dir: dir, log: logger, changed: func() { did = append(did, "nudge") }}
		h := &hand{rescan: note("rescan", errors.New("too soon")), openHost: func() { did = append(did, "host") }, forget: note("forget", nil), off: off, log: logger}
		for _, a := range []panel.Action{panel.Host, panel.Rescan, panel.Forget, panel.Shutdown} {
			h.press(a)
		}
		if want := []string{"host", "rescan", "forget", "nudge"}; !slices.Equal(did, want) {
			t.Errorf("did %q, want %q", did, want)
		}
		if info, err := os.Stat(filepath.Join(dir, "poweroff")); err != nil || info.Size() != 0 {
			t.Errorf("the request is %v, %v", info, err)
		}
		if !off.underway() {
			t.Error("the box does not say that it stops")
		}
		<-time.After(offWithin)
		off.underway() // says so, once
		if off.underway() || strings.Count(log.String(), "was not switched off") != 1 {
			t.Errorf("a minute later:\n%s", &log)
		}
		if _, err := os.Lstat(filepath.Join(dir, "poweroff")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the request is still armed after the box has given up: %v", err)
		}
		off.dir = filepath.Join(dir, "missing")
		h.press(panel.Shutdown)
		if off.underway() || !strings.Contains(log.String(), "service install") {
			t.Errorf("without a helper:\n%s", &log)
		}
		if !strings.Contains(log.String(), "Forgotten: the name that the host chose, who is host, and the viewers' places;") || strings.Contains(log.String(), "language") {
			t.Errorf("forgetting is not said:\n%s", &log)
		}
	})
}

// fakeName is a memory of one name.
type fakeName struct {
	name string
	err  error
}

func (f *fakeName) ChosenName() (string, error) { return f.name, f.err }
func (f *fakeName) SetChosenName(name string) error {
	if f.err == nil {
		f.name = name
	}
	return f.err
}

func TestTheHostsNameWins(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	for chosen, want := range map[string]string{"": "streambox", "cinema": "cinema", "no name": "streambox"} {
		if got := newBoxName(&fakeName{name: chosen}, "streambox", log).wanted(); got != want {
			t.Errorf("chosen %q, the name is %q", chosen, got)
		}
	}
	memory := &fakeName{}
	n := newBoxName(memory, "streambox", log)
	if err := n.rename("Kino!"); err == nil || n.wanted() != "streambox" {
		t.Errorf("renamed to %q, %v", n.wanted(), err)
	}
	if err := n.rename("cinema"); err != nil || n.wanted() != "cinema" || memory.name != "cinema" {
		t.Errorf("renamed to %q, %v", n.wanted(), err)
	}
	memory.err = errors.New("disk full")
	if err := n.rename("other"); err == nil || n.wanted() != "cinema" {
		t.Errorf("a name that cannot be kept is %q, %v", n.wanted(), err)
	}
	n.forget()
	if n.wanted() != "streambox" {
		t.Errorf("forgotten, the name is %q", n.wanted())
	}
}

func TestTheNameIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := newBoxName(&fakeName{}, "streambox", slog.New(slog.DiscardHandler))
		var events []string
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			ended <- n.follow(func(ctx context.Context, name string) error {
				events = append(events, "hello "+name)
				<-ctx.Done()
				events = append(events, "bye "+name)
				return nil
			})(ctx)
		}()
		synctest.Wait()
		for _, name := range []string{"cinema", "cinema", "lobby"} {
			if err := n.rename(name); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		want := []string{"hello streambox", "bye streambox", "hello cinema", "bye cinema", "hello lobby", "bye lobby"}
		if !slices.Equal(events, want) {
			t.Errorf("events are %q", events)
		}
	})
}
