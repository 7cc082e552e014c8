package intake

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode/packager"
)

// shortPiece is that of sound in these tests: 4 s, of which a film of 24 s has seven.
const shortPiece = 3 * 64

func TestSoundByPieces(t *testing.T) {
	films := realFilms(t, "h264-aac")
	for name, test := range map[string]func(*rig, []byte){
		"who seeks far ahead gets that sound next":               whoSeeksGetsThatSoundNext,
		"sound that a pulled stick interrupts is gone on with":   pulledSoundGoesOn,
		"sound that a restart interrupts is gone on with":        restartedSoundGoesOn,
		"what a power cut left without a word is removed":        unsavedSoundGoes,
		"unfinished sound of another track is made anew":         unfinishedSoundOfAnotherTrack,
		"unfinished sound makes room like what is finished":      unfinishedSoundMakesRoom,
		"sound that cannot be read in one place is silent there": soundIsSilentWhereItCannotBeRead,
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.piece = shortPiece
				r.change = func(c *Config) {
					c.Tools = dolbyTools{packTools{r.tools}}
					c.Segments = packager.NewCache(0, 0)
				}
				r.put("a", "film.mp4", films["h264-aac"])
				r.start()
				r.plug("a")
				test(r, films["h264-aac"])
			})
		})
	}
}

// canMake lists the segments whose sound is there.
func (r *rig) canMake(title library.Title) (list []int) {
	r.t.Helper()
	source := r.packed(title.ID).source
	for n := range int(title.DurationSeconds / 4) {
		if source.CanMake(packager.SegmentName(n)) {
			list = append(list, n)
		}
	}
	return list
}

func whoSeeksGetsThatSoundNext(r *rig, _ []byte) {
	r.settle(2500 * time.Millisecond)
	title := r.want("film", library.Converting)
	_, err := r.segment("film", 4)
	if errors.Is(err, library.ErrNotYet) {
		_, err = r.segment("film", 4) // it lies in two pieces, each of which takes 2 s here; players ask again
	}
	if err != nil {
		r.t.Fatal(err)
	}
	if now := r.canMake(title); slices.Contains(now, 2) || !slices.Contains(now, 4) {
		r.t.Errorf("segments that can be made: %v", now)
	}
	sum, err := r.sum("film", 4)
	if err != nil {
		r.t.Fatal(err)
	}
	r.settle(20 * time.Second)
	done := r.want("film", library.Ready)
	if p := r.packed(title.ID); p.await != nil || !p.release() || p.source != nil {
		r.t.Error("its index cannot be let go")
	}
	r.in.cfg.Segments.Forget(r.packed(title.ID).key())
	if late, err := r.sum("film", 4); err != nil || late != sum || done.Playlist != title.Playlist {
		r.t.Errorf("other bytes, or another address, when all of the sound is there (%v)", err)
	}
	if jobs := len(r.jobs()); jobs != 7 && jobs != 6 {
		r.t.Errorf("%d runs for the pieces of 24 s", jobs)
	}
}

func pulledSoundGoesOn(r *rig, _ []byte) {
	r.settle(7500 * time.Millisecond)
	first := r.want("film", library.Converting)
	sum, err := r.sum("film", 0)
	if err != nil {
		r.t.Fatal(err)
	}
	r.pull("a")
	r.settle(3 * time.Second)
	if gone := r.title("film"); gone.Playable || len(r.onDisk()) != 2 {
		r.t.Errorf("left: %v, %+v", r.onDisk(), gone)
	}
	before := len(r.jobs())
	r.plug("a")
	r.settle(1500 * time.Millisecond)
	if back := r.title("film"); !back.Playable || back.Playlist != first.Playlist {
		r.t.Errorf("with part of its sound it comes back as %+v", back)
	}
	r.settle(15 * time.Second)
	r.want("film", library.Ready)
	if all := len(r.jobs()); all-before > 5 || before < 3 {
		r.t.Errorf("%d runs before, %d in all: it began anew", before, all)
	}
	if late, err := r.sum("film", 0); err != nil || late != sum {
		r.t.Errorf("other bytes (%v)", err)
	}
}

func restartedSoundGoesOn(r *rig, _ []byte) {
	r.settle(7500 * time.Millisecond)
	first := r.want("film", library.Converting)
	before := len(r.jobs())
	r.restart()
	r.settle(20 * time.Second)
	if done := r.want("film", library.Ready); done.Playlist != first.Playlist {
		r.t.Errorf("%+v", done)
	}
	if all := len(r.jobs()); all-before > 5 || before < 3 {
		r.t.Errorf("%d runs before, %d in all: it began anew", before, all)
	}
	if got := r.onDisk(); !slices.Equal(got, []string{"sound.aac", "sound.json"}) {
		r.t.Errorf("on the disk: %v", got)
	}
}

func unsavedSoundGoes(r *rig, _ []byte) {
	r.settle(7500 * time.Millisecond)
	folder := r.copyOfLibrary()
	if _, err := library.Open(library.Config{Dir: folder}); err != nil {
		r.t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*", "sound-*")); len(left) > 0 {
		r.t.Errorf("left after a power cut: %v", left)
	}
}

func unfinishedSoundOfAnotherTrack(r *rig, _ []byte) {
	r.settle(7500 * time.Millisecond)
	id := r.title("film").ID
	r.pull("a")
	r.settle(3 * time.Second)
	if err := r.lib.Update(id, false, func(rec *library.Record) {
		for i := range rec.Renditions {
			rec.Renditions[i].SoundOf = "7@0"
		}
	}); err != nil {
		r.t.Fatal(err)
	}
	before := len(r.jobs())
	r.plug("a")
	r.settle(25 * time.Second)
	r.want("film", library.Ready)
	if all := len(r.jobs()); all-before < 6 || len(r.onDisk()) != 2 {
		r.t.Errorf("%d runs more; on the disk: %v", all-before, r.onDisk())
	}
}

func unfinishedSoundMakesRoom(r *rig, _ []byte) {
	r.settle(7500 * time.Millisecond)
	id := r.title("film").ID
	r.pull("a")
	r.settle(3 * time.Second)
	storage := r.lib.Storage()
	err := r.lib.MakeRoom("aaaaaaaaaaaaaaaa", storage.FreeBytes-storage.ReserveBytes+1, false, nil)
	if rec, _ := r.lib.Record(id); err != nil || len(r.onDisk()) > 0 || len(rec.Renditions) > 0 {
		r.t.Errorf("%v; left: %v, %+v", err, r.onDisk(), rec.Renditions)
	}
	r.plug("a")
	r.settle(25 * time.Second)
	r.want("film", library.Ready)
}

func soundIsSilentWhereItCannotBeRead(r *rig, _ []byte) {
	r.tools.mu.Lock()
	r.tools.onSound = func(from float64) error {
		if from > 6 && from < 10 {
			return errDamagedSound
		}
		return nil
	}
	r.tools.mu.Unlock()
	r.settle(25 * time.Second)
	r.want("film", library.Ready)
	for n := range 6 {
		if _, err := r.segment("film", n); err != nil {
			r.t.Errorf("segment %d: %v", n, err)
		}
	}
}

func TestWhoseSoundIsMadeNext(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	all := func(int) bool { return true }
	var w wants
	if got := w.next(now, all); got != -1 {
		t.Errorf("nobody waits, but %d", got)
	}
	w.want(7, now)
	w.want(3, now.Add(time.Second))
	w.want(5, now.Add(time.Second))
	if got := w.next(now.Add(2*time.Second), all); got != 3 {
		t.Errorf("of two who asked last the first piece is %d", got)
	}
	w.want(7, now.Add(2*time.Second))
	if got := w.next(now.Add(2*time.Second), all); got != 7 {
		t.Errorf("who asks again is not next: %d", got)
	}
	if got := w.next(now.Add(3*time.Second), func(n int) bool { return n != 7 }); got != 3 {
		t.Errorf("what is made is made again: %d", got)
	}
	if got := w.next(now.Add(time.Hour), all); got != -1 || len(w.asked) != 0 {
		t.Errorf("who has gone still waits: %d, %v", got, w.asked)
	}
}

var errDamagedSound = errors.New("sound that cannot be decoded")
