package library

import (
	"cmp"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
)

// maxUnfinished is how many titles without finished work are remembered across
// a start, the newest: each costs a folder and a picture, about 60 kB, and a
// box meets other people's sticks for years. A forgotten one is probed again.
const maxUnfinished = 10_000

// tooMany picks the titles to forget: of those without finished work the
// oldest beyond limit.
func tooMany(found []*entry, limit int) (forget []*entry) {
	for _, e := range found {
		if e != nil && !e.newer && len(e.rec.Renditions) == 0 {
			forget = append(forget, e)
		}
	}
	if len(forget) <= limit {
		return nil
	}
	slices.SortFunc(forget, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(a.rec.AddedNumber, b.rec.AddedNumber), cmp.Compare(a.id, b.id))
	})
	return forget[:len(forget)-limit]
}

// prune forgets titles at a start; those left are returned.
func prune(library string, found []*entry, limit int, log *slog.Logger) []*entry {
	forget := tooMany(found, limit)
	if len(forget) == 0 {
		return found
	}
	gone := make(map[*entry]bool, len(forget))
	for _, e := range forget {
		if err := removeTitle(filepath.Join(library, e.id)); err != nil {
			log.Warn("Could not remove a title's folder", "title", e.id, "error", err)
		}
		gone[e] = true
	}
	log.Info("Forgot the oldest titles without finished work", "titles", len(forget))
	return slices.DeleteFunc(found, func(e *entry) bool { return gone[e] })
}

func remove(dir, name string) error {
	if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
