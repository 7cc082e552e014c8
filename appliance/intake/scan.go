package intake

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
)

// scan reads one stick and makes the titles match it. quiet: only a second look
// at growing files, which does not make the stick "scanning" for those who watch.
func (in *Intake) scan(ctx context.Context, st *stick, quiet bool) {
	began := in.now()
	raw, err := in.openTree(st.Stick)
	if err != nil {
		in.scanFailed(ctx, st, err)
		return
	}
	t := &watchedTree{tree: raw, beat: func() { st.heard(in) }}
	defer t.Close()
	in.mu.Lock()
	changes, unreadable := st.changes, st.counts[kindUnreadable]
	if !quiet {
		in.show()
	}
	in.mu.Unlock()
	seen, err := walk(ctx, t, st.Label, in.kinds)
	if ctx.Err() != nil {
		return
	}
	if err != nil && len(seen.entries) == 0 {
		in.scanFailed(ctx, st, err)
		return
	}
	if err != nil {
		seen.partial = err
	}
	if seen.partial != nil {
		in.log.Warn("Stick could only be read in part", "stick", st.ID, "error", seen.partial)
	}
	broken := in.reconcile(ctx, st, t, &seen)
	if ctx.Err() != nil {
		return
	}
	seen.counts[kindUnreadable] += broken
	changed := in.scanDone(st, &seen, broken > 0 || seen.partial != nil) != changes || seen.counts[kindUnreadable] != unreadable
	level := slog.LevelInfo
	if quiet && !changed {
		level = slog.LevelDebug // every few seconds while a file is copied
	}
	in.log.Log(ctx, level, "Stick scanned", "stick", st.ID, "films", len(seen.entries), "unreadable", seen.counts[kindUnreadable],
		"durationMilliseconds", in.now().Sub(began).Milliseconds())
}

// scanFailed is a stick of which nothing could be read. Titles it had stay: it
// is still plugged, as far as anybody has told.
func (in *Intake) scanFailed(ctx context.Context, st *stick, err error) {
	if ctx.Err() != nil {
		return
	}
	in.log.Warn("Stick cannot be read", "stick", st.ID, "error", err)
	in.mu.Lock()
	defer in.mu.Unlock()
	st.broken, st.scanned = true, true
	st.relookAt = in.now().Add(silentAfter) // it may have been in use, or only just mounted
}

// scanDone takes the walk's figures and drops the places that are no more. It
// returns the stick's changes from then on.
func (in *Intake) scanDone(st *stick, seen *found, partial bool) (changes int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if st.gone {
		return st.changes
	}
	st.scanned, st.broken, st.partial = true, false, partial
	st.counts, st.overLimit, st.ignored = seen.counts, seen.overLimit, seen.ignored
	if seen.partial != nil {
		return st.changes // what was not seen may be where the stick could not be read
	}
	keys := make(map[string]bool, len(seen.entries))
	for i := range seen.entries {
		keys[seen.entries[i].key()] = true
	}
	for _, key := range sortedKeys(st.places) {
		if !keys[key] {
			in.removePlace(st.places[key])
		}
	}
	for key := range st.glimpses {
		if !keys[key] {
			delete(st.glimpses, key)
		}
	}
	return st.changes
}

// reconcile makes a place of every entry: first those whose identity is known,
// so that a known stick is listed at once, then those that must be read. It
// returns how many could not be.
func (in *Intake) reconcile(ctx context.Context, st *stick, t tree, seen *found) (broken int) {
	number := in.numbers()
	var unknown []int
	for i := range seen.entries {
		if i%256 == 0 && ctx.Err() != nil {
			return 0
		}
		if !in.takeKnown(st, &seen.entries[i], func() uint64 { return number(i) }) {
			unknown = append(unknown, i)
		}
	}
	in.wakeWorkers()
	for one := range in.identifyAll(ctx, st, t, seen.entries, unknown) {
		e := &seen.entries[one.at]
		if one.err != nil {
			in.log.Warn("File not identified", "stick", st.ID, "error", one.err)
			broken++
			in.dropBroken(st, e)
			continue
		}
		if err := in.cfg.Memory.RememberFile(st.Volume, e.memoryPath(), e.size, e.modified, one.id); err != nil {
			in.log.Warn("Identity not remembered", "error", err)
		}
		in.addPlace(st, *e, one.id, number(one.at), true)
	}
	return broken
}

// numbers returns the queue numbers of one scan; what makes them later than
// those of other scans is drawn when the first is needed.
func (in *Intake) numbers() func(index int) uint64 {
	var batch uint64
	return func(index int) uint64 {
		if batch == 0 {
			var err error
			if batch, err = in.cfg.Memory.NextNumber("queue"); err != nil {
				in.log.Warn("Queue number not drawn", "error", err)
				batch = 1
			}
		}
		return arrival(batch, index)
	}
}

// takeKnown handles an entry whose content need not be read: unchanged, still
// growing, or remembered. False: it must be identified.
func (in *Intake) takeKnown(st *stick, e *entry, number func() uint64) bool {
	key := e.key()
	in.mu.Lock()
	if st.gone {
		in.mu.Unlock()
		return true
	}
	p := st.places[key]
	if !st.info.ReadOnly {
		before, seen := st.glimpses[key]
		after, growing := look(before, seen, e.size, e.modified, in.now())
		st.glimpses[key] = after
		if growing {
			st.relookAt = in.now().Add(restTime)
			in.addCopying(st, *e)
			in.mu.Unlock()
			return true
		}
	}
	if p != nil && p.same(e) && p.film.stage != stageCopying {
		if !sameBeside(p.beside, e.beside) {
			p.beside = e.beside
			in.wantWords(p.film)
		}
		in.mu.Unlock()
		return true
	}
	in.mu.Unlock()
	id, ok := in.cfg.Memory.KnownFile(st.Volume, e.memoryPath(), e.size, e.modified)
	if !ok || id == verdictUnknown {
		return false
	}
	in.addPlace(st, *e, id, number(), false)
	return true
}

// dropBroken takes a place whose file cannot be read any more off the list.
func (in *Intake) dropBroken(st *stick, e *entry) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if p := st.places[e.key()]; p != nil && !st.gone {
		in.removePlace(p)
	}
}

// watchedTree notes each answer of a stick, so that one that does not answer shows.
type watchedTree struct {
	tree
	beat func()
}

func (w *watchedTree) OpenDir(name string) (dir, error) {
	defer w.beat()
	return w.tree.OpenDir(name)
}

func (w *watchedTree) Open(name string) (*os.File, error) {
	defer w.beat()
	return w.tree.Open(name)
}

func (w *watchedTree) Lstat(name string) (fs.FileInfo, error) {
	defer w.beat()
	return w.tree.Lstat(name)
}
