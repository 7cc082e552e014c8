package intake

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

func damagedSoundIsMadeAgain(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(15 * time.Second)
	title := r.want("film", library.Ready)
	found, _ := filepath.Glob(filepath.Join(r.dir, "library", "*", "sound-*", "sound.aac"))
	data, err := os.ReadFile(found[0])
	if err != nil {
		r.t.Fatal(err)
	}
	copy(data[len(data)/2:], make([]byte, 100))
	if err := os.WriteFile(found[0], data, 0o600); err != nil {
		r.t.Fatal(err)
	}
	failed := false
	for n := range int(title.DurationSeconds / 4) {
		_, err := r.segment("film", n)
		failed = failed || errors.Is(err, library.ErrNotYet)
		if failed {
			break
		}
	}
	if !failed {
		r.t.Fatal("damaged sound was served")
	}
	r.settle(15 * time.Second)
	if again := r.want("film", library.Ready); again.Playlist == title.Playlist {
		r.t.Error("other sound under the same address")
	}
	if now, _ := filepath.Glob(filepath.Join(r.dir, "library", "*", "sound-*", "sound.aac")); len(now) != 1 || now[0] == found[0] {
		r.t.Errorf("sound on the disk: %v, damaged was %v", now, found)
	}
}

func soundOutOfReachIsKept(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(15 * time.Second)
	title := r.want("film", library.Ready)
	r.restart() // nobody has read its index since
	r.settle(3 * time.Second)
	found, _ := filepath.Glob(filepath.Join(r.dir, "library", "*", "sound-*", "sound.json"))
	index, aside := found[0], filepath.Join(r.t.TempDir(), "aside")
	if err := errors.Join(os.Rename(index, aside), os.Mkdir(index, 0o700)); err != nil { // a folder: reading it fails, but not for want of it
		r.t.Fatal(err)
	}
	if _, err := r.segment("film", 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("the player is told: %v", err)
	}
	if err := errors.Join(os.Remove(index), os.Rename(aside, index)); err != nil {
		r.t.Fatal(err)
	}
	r.settle(15 * time.Second)
	if _, err := r.segment("film", 0); err != nil || r.want("film", library.Ready).Playlist != title.Playlist || len(r.jobs()) != 1 {
		r.t.Errorf("%v, %d jobs", err, len(r.jobs()))
	}
}

func soundThatBrokeOffIsSaid(r *rig, film []byte) {
	r.tools.soundBreaksOff = true
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(15 * time.Second)
	said := func(when string) {
		title := r.want("film", library.Ready)
		if !title.Playable || title.Reason == nil || title.Reason.Code != transcode.CodeSoundEndsEarly || title.Reason.Parameters["seconds"] != 12.0 && title.Reason.Parameters["seconds"] != 12 {
			r.t.Errorf("%s: %v", when, title.Reason)
		}
	}
	said("at once")
	r.restart()
	r.settle(3 * time.Second)
	said("after a restart")
}

func soundThatFailsIsConverted(r *rig, film []byte) {
	before := r.change
	r.change = func(c *Config) { before(c); c.Tools = deafTools{dolbyTools{packTools{r.tools}}} }
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(3 * time.Second)
	if !strings.Contains(r.log.String(), "rung=convert") || len(r.onDisk()) > 0 {
		r.t.Errorf("on the disk: %v; log:\n%s", r.onDisk(), r.log)
	}
}

func lyingFlagsAreRemembered(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(15 * time.Second)
	title := r.want("film", library.Ready)
	_ = r.packed(title.ID).failed(packager.ErrKeyFlags)
	r.settle(15 * time.Second)
	again := r.want("film", library.Ready)
	if again.Playlist == title.Playlist || !r.packed(title.ID).choice.Strict {
		r.t.Errorf("%+v", r.packed(title.ID).choice)
	}
	if len(r.jobs()) != 1 {
		r.t.Errorf("its sound is as good as before, but was converted again: %v", r.jobs())
	}
	if _, err := r.segment("film", 0); err != nil {
		r.t.Error(err)
	}
}
