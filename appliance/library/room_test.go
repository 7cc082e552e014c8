package library

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
)

func TestDefaultReserve(t *testing.T) {
	for total, want := range map[int64]int64{0: 1 << 30, 8 << 30: 1 << 30, 10 << 30: 1 << 30, 100 << 30: 10 << 30} {
		if got := defaultReserve(total); got != want {
			t.Errorf("of %d bytes %d stay free, not %d", total, got, want)
		}
	}
}

// Whatever lies there: enough goes or none, none goes needlessly, and none goes
// before one that ought to go first.
func TestChooseLeaving(t *testing.T) {
	for seed := range uint64(3000) {
		random := rand.New(rand.NewPCG(seed, 2))
		var list []finished
		var can int64
		wanted := random.IntN(2) == 0
		for n := range random.IntN(8) {
			one := finished{id: fmt.Sprint(n), bytes: random.Int64N(5), unplugged: random.IntN(2) == 0, watched: random.Uint64N(3), added: uint64(n)}
			list = append(list, one)
			if one.unplugged || wanted {
				can += one.bytes
			}
		}
		before := slices.Clone(list)
		missing := 1 + random.Int64N(15)
		leave, enough := chooseLeaving(list, missing, wanted)
		if enough != (can >= missing) {
			t.Fatalf("seed %d: %d of %d bytes can come free, enough: %v", seed, can, missing, enough)
		}
		if !enough && len(leave) > 0 {
			t.Fatalf("seed %d: it is not enough and yet %v go", seed, leave)
		}
		var freed int64
		for _, one := range leave {
			freed += one.bytes
			if !one.unplugged && !wanted {
				t.Fatalf("seed %d: %+v is plugged and nobody waits", seed, one)
			}
		}
		for _, one := range leave {
			if freed-one.bytes >= missing {
				t.Fatalf("seed %d: %+v goes needlessly among %v", seed, one, leave)
			}
		}
		for _, stays := range list {
			if slices.ContainsFunc(leave, func(l finished) bool { return l.id == stays.id }) || stays.bytes == 0 {
				continue
			}
			for _, goes := range leave {
				first := stays.unplugged && !goes.unplugged || stays.unplugged == goes.unplugged && stays.watched < goes.watched
				if first && freed-goes.bytes+stays.bytes >= missing && stays.bytes >= goes.bytes {
					t.Fatalf("seed %d: %+v goes before %+v, which would have done", seed, goes, stays)
				}
			}
		}
		for i := range before {
			if before[i].id != list[i].id {
				t.Fatal("the caller's list was changed")
			}
		}
	}
}

// smallDisk is a fake one of 1,000 bytes, of which 100 stay free.
func smallDisk(t *testing.T) (l *Library, free *int64) {
	t.Helper()
	free = new(int64)
	l = open(t, Config{
		ReserveBytes: func(total int64) int64 { return total / 10 },
		DiskSpace: func(string) (int64, int64, error) {
			if *free < 0 {
				return 0, 0, errors.New("the disk does not answer")
			}
			return 1000, *free, nil
		},
	})
	return l, free
}

func TestMakeRoom(t *testing.T) {
	l, free := smallDisk(t)
	job := add(t, l, 0, "to be made")
	old, seen, pulled := add(t, l, 1, "old"), add(t, l, 2, "seen"), add(t, l, 3, "pulled")
	renditions := map[string]Rendition{}
	for _, id := range []string{old, seen, pulled} {
		renditions[id] = finish(t, l, id, "12345", "12345")
	}
	l.Watched(pulled)
	l.Watched(old)
	l.Watched(seen)
	l.settle()
	update(t, l, pulled, func(r *Record) { r.Sources = nil })
	nobody := func(string) bool { return false }
	there := func() (list []string) {
		for _, id := range []string{old, seen, pulled} {
			if exists(filepath.Join(l.cfg.Dir, id, renditions[id].Name)) {
				list = append(list, id)
			}
		}
		return list
	}
	check := func(what string, err, wantErr error, want ...string) {
		t.Helper()
		if !errors.Is(err, wantErr) || (err == nil) != (wantErr == nil) {
			t.Errorf("%s: %v, not %v", what, err, wantErr)
		}
		if got := there(); !slices.Equal(got, want) {
			t.Errorf("%s: %v are left, not %v", what, got, want)
		}
	}
	*free = 150
	check("it fits", l.MakeRoom(job, 50, false, nobody), nil, old, seen, pulled)
	check("far too much", l.MakeRoom(job, 500, true, nobody), ErrNoRoom, old, seen, pulled)
	check("more than the unplugged have, and nobody waits", l.MakeRoom(job, 65, false, nobody), ErrNoRoom, old, seen, pulled)
	check("only the unplugged is free, and it is busy", l.MakeRoom(job, 55, false, func(id string) bool { return id == pulled }), ErrNoRoom, old, seen, pulled)
	check("the title itself does not make room for itself", l.MakeRoom(pulled, 55, false, nobody), ErrNoRoom, old, seen, pulled)
	check("the unplugged goes first", l.MakeRoom(job, 55, true, nobody), nil, old, seen)
	if title, _ := l.Title(pulled); title.State != Unplugged || title.Playable {
		t.Errorf("%+v", title)
	}
	check("then the longest unwatched that nobody watches", l.MakeRoom(job, 55, true, func(id string) bool { return id == old }), nil, old)
	title, _ := l.Title(seen)
	if title.State != Blocked || title.Reason == nil || title.Reason.Code != ReasonMadeRoom || title.Playable {
		t.Errorf("%+v", title)
	}
	if _, err := l.Source(seen, renditions[seen].Name); !errors.Is(err, ErrRenditionGone) {
		t.Errorf("%v", err)
	}
	if rec, _ := l.Record(seen); len(rec.Renditions) != 0 || readTitle(t, l, seen)["renditions"] != nil {
		t.Errorf("%+v", rec)
	}
	update(t, l, old, func(r *Record) { r.State = Converting })
	check("one that is being made anew stays", l.MakeRoom(job, 55, true, nobody), ErrNoRoom, old)
	*free = -1
	if err := l.MakeRoom(job, 1, true, nobody); err == nil || errors.Is(err, ErrNoRoom) {
		t.Errorf("a disk that does not answer is not a full one: %v", err)
	}
	again := open(t, Config{Dir: l.cfg.Dir})
	if title, _ := again.Title(old); !title.Playable {
		t.Error("what stayed is not there after a restart")
	}
	if title, _ := again.Title(seen); title.Playable {
		t.Error("what went is there after a restart")
	}
}

func TestBusyMayAskTheLibrary(t *testing.T) {
	l, _ := smallDisk(t)
	id := add(t, l, 1, "film")
	finish(t, l, id, "12345")
	err := l.MakeRoom(add(t, l, 2, "job"), 1, true, func(id string) bool {
		_, ok := l.Title(id)
		update(t, l, id, func(*Record) {})
		return ok
	})
	if !errors.Is(err, ErrNoRoom) {
		t.Error(err)
	}
}

func TestStorage(t *testing.T) {
	l, free := smallDisk(t)
	*free = 400
	finish(t, l, add(t, l, 1, "a"), "12345", "123")
	if got, want := l.Storage(), (Storage{TotalBytes: 1000, FreeBytes: 400, LibraryBytes: 8, ReserveBytes: 100}); got != want {
		t.Errorf("%+v", got)
	}
	real := open(t, Config{}).Storage()
	if real.TotalBytes <= 0 || real.FreeBytes < 0 || real.FreeBytes > real.TotalBytes || real.ReserveBytes < 1<<30 {
		t.Errorf("this machine's disk: %+v", real)
	}
}
