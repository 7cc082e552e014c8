// Command press measures how fast the box answers a hand on its button, from the
// edge on the pin: until the LED shows it, and from letting go until the stick has
// been read once more (a stick of one small file: reading takes no time). The pins are
// the tests' fakes; panel, intake and library are the box's own. Output: JSON,
// milliseconds by round.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"periph.io/x/conn/v3/gpio"

	"streambox.local/appliance/intake"
	"streambox.local/appliance/library"
	"streambox.local/appliance/panel"
	"streambox.local/appliance/panel/paneltest"
	"streambox.local/appliance/usb"
)

const (
	look       = 500 * time.Microsecond
	held       = 300 * time.Millisecond // a short press
	scannedLog = "Stick scanned"
	patience   = 20 * time.Second
	between    = 11 * time.Second // rescans: at most one per 10 s
)

// result is what is printed.
type result struct {
	PressToLED    []float64 `json:"pressToLED"`
	ReleaseToScan []float64 `json:"releaseToScan"`
}

func main() {
	rounds := flag.Int("rounds", 5, "how many presses")
	flag.Parse()
	r, err := measure(*rounds)
	if err != nil {
		fmt.Fprintln(os.Stderr, "press:", err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

// scans is a log that notes when a stick has been read.
type scans struct {
	slog.Handler
	at chan time.Time
}

func (s scans) Handle(_ context.Context, r slog.Record) error {
	if r.Message == scannedLog {
		s.at <- time.Now()
	}
	return nil
}

func (s scans) Enabled(context.Context, slog.Level) bool { return true }
func (s scans) WithAttrs([]slog.Attr) slog.Handler       { return s }
func (s scans) WithGroup(string) slog.Handler            { return s }

func measure(rounds int) (r result, err error) {
	dir, err := os.MkdirTemp("", "streambox-press-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	stick := filepath.Join(dir, "stick")
	if err = errors.Join(os.Mkdir(stick, 0o700), os.WriteFile(filepath.Join(stick, "read.me"), []byte("hello"), 0o600)); err != nil {
		return r, err
	}
	titles, err := library.Open(library.Config{Dir: filepath.Join(dir, "library")})
	if err != nil {
		return r, err
	}
	memory, _, err := library.OpenStateDB(filepath.Join(dir, "state.db"), time.Now)
	if err != nil {
		return r, err
	}
	defer memory.Close()
	seen := scans{slog.DiscardHandler, make(chan time.Time, 16)}
	films := intake.New(intake.Config{Library: titles, Memory: memory, Log: slog.New(seen)})
	sticks := &usb.Folders{Dirs: []string{stick}, OnChange: films.SetSticks}
	settings := panel.Defaults()
	board := paneltest.NewBoard(settings.Button, settings.LED)
	buttons := panel.New(panel.Config{
		Settings: settings, Board: board, State: func() panel.State { return panel.Ready },
		Press: func(a panel.Action) {
			if a == panel.Rescan {
				if rescanErr := films.Rescan(); rescanErr != nil {
					fmt.Fprintln(os.Stderr, "press:", rescanErr)
				}
			}
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 3)
	for _, run := range []func(context.Context) error{films.Run, sticks.Run, buttons.Run} {
		go func() { ended <- run(ctx) }()
	}
	button, led := board.Outside(settings.Button), board.Outside(settings.LED)
	button.Drive(gpio.High)
	if _, err = scanned(seen.at); err != nil {
		return r, err
	}
	for range rounds {
		if err = until(func() bool { return bool(led.Level()) }); err != nil {
			return r, fmt.Errorf("the LED of a ready box: %w", err)
		}
		<-time.After(between)
		pressed := time.Now()
		button.Drive(gpio.Low)
		if err = until(func() bool { return !bool(led.Level()) }); err != nil {
			return r, fmt.Errorf("the LED after a press: %w", err)
		}
		r.PressToLED = append(r.PressToLED, milliseconds(time.Since(pressed)))
		<-time.After(held - time.Since(pressed))
		released := time.Now()
		button.Drive(gpio.High)
		at, err := scanned(seen.at)
		if err != nil {
			return r, err
		}
		r.ReleaseToScan = append(r.ReleaseToScan, milliseconds(at.Sub(released)))
	}
	cancel()
	return r, errors.Join(<-ended, <-ended, <-ended)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func until(so func() bool) error {
	end := time.After(patience)
	for !so() {
		select {
		case <-end:
			return errors.New("waited in vain")
		case <-time.After(look):
		}
	}
	return nil
}

func scanned(at <-chan time.Time) (time.Time, error) {
	select {
	case t := <-at:
		return t, nil
	case <-time.After(patience):
		return time.Time{}, errors.New("the stick was not read")
	}
}
