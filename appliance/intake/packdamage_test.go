package intake

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// otherBytesAreNotServed: a change where no identity looks, of the same size and
// time, found out by the digest from before.
func otherBytesAreNotServed(r *rig, films map[string][]byte) {
	film := films["h264-aac"]
	r.put("a", "film.mp4", film)
	title := r.plugged()
	before, err := r.sum("film", 2)
	if err != nil {
		r.t.Fatal(err)
	}
	name := filepath.Join(r.dir, "sticks", "a", "film.mp4")
	info, err := os.Stat(name)
	if err != nil {
		r.t.Fatal(err)
	}
	changed := bytes.Clone(film)
	changed[unsampled(film)] ^= 1 // within a picture
	if err = os.WriteFile(name, changed, 0o600); err != nil {
		r.t.Fatal(err)
	}
	if err = os.Chtimes(name, info.ModTime(), info.ModTime()); err != nil {
		r.t.Fatal(err)
	}
	r.in.cfg.Segments.Forget(r.packed(title.ID).key())
	if _, err = r.segment("film", 2); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("served under the address of the other: %v", err)
	}
	r.settle(3 * time.Second)
	again := r.want("film", library.Ready)
	if again.Playlist == title.Playlist || again.ID != title.ID {
		r.t.Errorf("other bytes at %s, before at %s", again.Playlist, title.Playlist)
	}
	after, err := r.sum("film", 2)
	if err != nil || after == before {
		r.t.Errorf("at its new address: %v", err)
	}
	if len(r.jobs()) > 0 {
		r.t.Errorf("jobs: %v", r.jobs())
	}
}

func anotherFileIsNotServedAsTheFilm(r *rig, films map[string][]byte) {
	r.put("a", "film.mp4", films["h264-aac"])
	r.plugged()
	r.put("a", "film.mp4", films["no-audio"])
	if _, err := r.segment("film", 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("served: %v", err)
	}
}

func aFilmThatCannotBeCutIsConverted(r *rig, films map[string][]byte) {
	// The sync samples of its picture are said to be one, the first: 24 s without a cut.
	film := bytes.Clone(films["h264-aac"])
	at := bytes.Index(film, []byte("stss"))
	if at < 0 {
		r.t.Fatal("no sync sample table")
	}
	copy(film[at+8:], []byte{0, 0, 0, 1})
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(3 * time.Second)
	if rec, _ := r.lib.Record(r.title("film").ID); !slices.Contains(rec.Failed, string(transcode.Direct)) || rec.Packaged != "" {
		r.t.Errorf("not found out: %+v", rec)
	}
	if !strings.Contains(r.log.String(), "rung=convert") {
		r.t.Errorf("no conversion was begun; log:\n%s", r.log)
	}
}

func whatDoesNotHoldIsCopied(r *rig, films map[string][]byte) {
	r.put("a", "film.mp4", films["h264-aac"])
	title := r.plugged()
	served := r.packed(title.ID)
	_ = served.failed(packager.ErrDamaged)
	r.settle(3 * time.Second)
	if rec, _ := r.lib.Record(title.ID); !slices.Contains(rec.Failed, notPackaged) || rec.Packaged != "" {
		r.t.Errorf("it would fail again and again: %+v", rec)
	}
	if !strings.Contains(r.log.String(), "Job started") {
		r.t.Errorf("not copied; log:\n%s", r.log)
	}
}

func keyFlagsThatLieChangeTheAddress(r *rig, films map[string][]byte) {
	r.put("a", "film.mp4", films["h264-aac"])
	title := r.plugged()
	served := r.packed(title.ID)
	if err := served.failed(packager.ErrKeyFlags); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("the player is told: %v", err)
	}
	r.settle(3 * time.Second)
	again := r.want("film", library.Ready)
	if again.Playlist == title.Playlist {
		r.t.Error("other bytes under the same address")
	}
	if _, err := r.segment("film", 0); err != nil {
		r.t.Error(err)
	}
}

// aDamagedPictureIsFoundOutOnce: when its segment is made, not by its index.
func aDamagedPictureIsFoundOutOnce(r *rig, films map[string][]byte) {
	film := bytes.Clone(films["h264-aac"])
	middle := len(film) / 2
	copy(film[middle:], bytes.Repeat([]byte{0xff}, 3000))
	r.put("a", "film.mp4", film)
	title := r.plugged()
	failed := false
	for n := range 20 {
		if _, err := r.segment("film", n); err != nil && !errors.Is(err, fs.ErrNotExist) {
			failed = true
			break
		}
	}
	if !failed {
		r.t.Fatal("every segment was made: the damage is not where this test thinks")
	}
	look := func(when string) {
		r.settle(10 * time.Minute)
		if n := strings.Count(r.log.String(), "Film begins anew"); n != 1 {
			r.t.Errorf("%s: it began anew %d times", when, n)
		}
		if rec, _ := r.lib.Record(title.ID); rec.Packaged != "" || !slices.Contains(rec.Failed, notPackaged) {
			r.t.Errorf("%s: it is packaged again: %+v", when, rec.Failed)
		}
		if n := strings.Count(r.log.String(), "Job started"); n == 0 || n > 2 { // to copy it; then, as these tools do not know how, to convert it
			r.t.Errorf("%s: %d jobs", when, n)
		}
	}
	look("at once")
	r.settle(10 * time.Minute)
	look("later")
}
