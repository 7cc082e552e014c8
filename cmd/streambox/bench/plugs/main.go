// Command plugs puts a stick in and out of a box a thousand times and prints, as
// JSON, what has grown by it: goroutines, descriptors, bytes of the heap. Each time
// the film is waited for, playable and gone. Intake, library, packager and ffprobe are
// the box's own; that a mount is noticed is TestTheKernelsWordIsEnough's, in
// appliance/usb, which notes how soon.
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
	"runtime"
	"time"

	"streambox.local/appliance/intake"
	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

const (
	patience = time.Minute
	settled  = 2 * time.Second // what a pull leaves behind ends in this time
	warmUp   = 20              // cycles before the first count
)

// usage is what a box may leak.
type usage struct {
	Goroutines  int    `json:"goroutines"`
	Descriptors int    `json:"descriptors"`
	HeapBytes   uint64 `json:"heapBytes"`
}

type result struct {
	Cycles  int     `json:"cycles"`
	Seconds float64 `json:"seconds"`
	Before  usage   `json:"before"`
	After   usage   `json:"after"`
}

func main() {
	stick := flag.String("stick", "", "folder with one film")
	cycles := flag.Int("cycles", 1000, "how often it is plugged and pulled")
	flag.Parse()
	r, err := measure(*stick, *cycles)
	if err != nil {
		fmt.Fprintln(os.Stderr, "plugs:", err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

func measure(stick string, cycles int) (r result, err error) {
	dir, err := os.MkdirTemp("", "streambox-plugs-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	titles, err := library.Open(library.Config{Dir: filepath.Join(dir, "library")})
	if err != nil {
		return r, err
	}
	memory, _, err := library.OpenStateDB(filepath.Join(dir, "state.db"), time.Now)
	if err != nil {
		return r, err
	}
	defer memory.Close()
	log := slog.New(slog.DiscardHandler)
	tools, err := transcode.FindTools(log)
	if err != nil {
		return r, err
	}
	films := intake.New(intake.Config{
		Library: titles, Memory: memory, Tools: tools, Log: log,
		Segments: packager.NewCache(packager.DefaultCacheBytes, packager.DefaultAtOnce),
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	runs := []func(context.Context) error{titles.Run, memory.Run, films.Run}
	ended := make(chan error, len(runs))
	for _, run := range runs {
		go func() { ended <- run(ctx) }()
	}
	changes, unsubscribe := titles.Subscribe()
	defer unsubscribe()
	box := box{films: films, titles: titles, changes: changes, root: stick}
	for n := range cycles + warmUp {
		if n == warmUp {
			r.Before = usageNow()
			defer func(began time.Time) { r.Seconds = time.Since(began).Seconds() }(time.Now())
		}
		if err = box.cycle(uint64(n + 1)); err != nil {
			return r, fmt.Errorf("cycle %d: %w", n, err)
		}
	}
	r.Cycles, r.After = cycles, usageNow()
	cancel()
	for range runs {
		err = errors.Join(err, <-ended)
	}
	return r, err
}

type box struct {
	films   *intake.Intake
	titles  *library.Library
	changes <-chan struct{}
	root    string
}

// cycle plugs the stick, waits for its film, and pulls it.
func (b *box) cycle(plugged uint64) error {
	b.films.SetSticks([]usb.Stick{{ID: "sda1", Root: b.root, Label: "STICK", ReadOnly: true, Volume: "bench", Plugged: plugged}})
	if err := b.until(func() bool { return b.titles.Playable() == 1 }); err != nil {
		return fmt.Errorf("plugged: %w", err)
	}
	b.films.SetSticks(nil)
	if err := b.until(func() bool { return b.titles.Playable() == 0 && len(b.titles.Sticks()) == 0 }); err != nil {
		return fmt.Errorf("pulled: %w", err)
	}
	return nil
}

func (b *box) until(so func() bool) error {
	end := time.NewTimer(patience)
	defer end.Stop()
	for !so() {
		select {
		case <-end.C:
			return errors.New("waited in vain")
		case <-b.changes:
		}
	}
	return nil
}

func usageNow() usage {
	<-time.After(settled)
	runtime.GC()
	runtime.GC() // finalizers of the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		fds = nil
	}
	return usage{runtime.NumGoroutine(), len(fds), m.HeapAlloc}
}
