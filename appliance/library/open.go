package library

import (
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"time"

	"golang.org/x/sync/errgroup"
)

// openAtOnce is how many folders are read side by side: an SD card answers
// several requests together faster than one after the other.
const openAtOnce = 8

// Open reads every title.json, compares sizes, and removes what was half-written.
// All titles are Unplugged until Update gives them Sources. A damaged title
// never keeps the others away; an error means that the folder itself cannot be used.
func Open(cfg Config) (*Library, error) {
	cfg = cfg.withDefaults()
	base, err := revisionBase(cfg.Random)
	if err != nil {
		return nil, err
	}
	if err = os.MkdirAll(cfg.Dir, dirMode); err != nil {
		return nil, fmt.Errorf("make the library folder: %w", err)
	}
	list, err := os.ReadDir(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("read the library folder: %w", err)
	}
	l := &Library{
		cfg: cfg, wake: make(chan struct{}, 1),
		entries: make(map[string]*entry, len(list)), orders: newOrders(), base: base, revision: base + 1,
		problems: map[string]Problem{}, listeners: map[chan struct{}]struct{}{},
	}
	found := make([]*entry, len(list))
	var work errgroup.Group
	work.SetLimit(openAtOnce)
	for i, one := range list {
		if !one.IsDir() || !ValidID(one.Name()) {
			continue // not ours, so not ours to touch
		}
		work.Go(func() error {
			found[i] = loadTitle(cfg.Dir, one.Name(), cfg.Log)
			return nil
		})
	}
	_ = work.Wait() // no work returns an error: one bad title never hides the rest
	found = prune(cfg.Dir, found, maxUnfinished, cfg.Log)
	now := cfg.Now()
	for _, e := range found {
		if e != nil {
			l.adopt(e, now)
		}
	}
	for _, e := range found {
		if e != nil && !e.newer && e.rec.AddedNumber == 0 {
			l.added++
			e.rec.AddedNumber = l.added
			e.key = keyOf(&e.view, e.last, l.added)
		}
	}
	cfg.Log.Info("Opened the library", "titles", len(l.entries))
	return l, nil
}

// adopt enters a title read from the disk. It is not on the page until intake
// finds it on a stick: a box that has seen a hundred sticks would else greet
// with the films of all of them. What is finished can be played all the same.
func (l *Library) adopt(e *entry, now time.Time) {
	l.entries[e.id] = e
	if e.newer {
		return
	}
	e.rec.State, e.rec.Progress = Unplugged, e.rec.begun()
	e.unpluggedAt = now
	e.view = viewOf(&e.rec, e.served)
	l.keepFolders(e)
	e.key = keyOf(&e.view, e.last, e.rec.AddedNumber)
	e.revision = l.revision
	l.added = max(l.added, e.rec.AddedNumber)
	l.watched = max(l.watched, e.rec.WatchedNumber)
}

// revisionBase draws the number this process's revisions start from: 32 random
// bits above 20 that count. A client's number of an earlier process is
// therefore recognised, and all stay below 2^53, where JavaScript's numbers end.
func revisionBase(random io.Reader) (uint64, error) {
	var b [4]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return 0, fmt.Errorf("draw a random number: %w", err)
	}
	return (uint64(binary.BigEndian.Uint32(b[:])) | 1) << maxRevisionAge, nil
}
