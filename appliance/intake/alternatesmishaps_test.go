package intake

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

func unfinishedTracksGo(r *rig) {
	title := r.plugged()
	if _, err := r.heard(1, 0); err != nil {
		r.t.Fatal(err)
	}
	r.pull("a")
	r.settle(15 * time.Second)
	if left := r.onDisk(); len(left) > 0 {
		r.t.Errorf("left: %v", left)
	}
	r.plug("a")
	r.settle(3 * time.Second)
	if back := r.want("film", library.Ready); back.Audio[1].Playlist == title.Audio[1].Playlist {
		r.t.Error("other sound under the same address")
	}
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
}

func tracksThatFail(r *rig) {
	r.tools.onSound = func(float64) error { return errors.New("nothing but noise") }
	title := r.plugged()
	if _, err := r.heard(1, 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("%v", err)
	}
	r.settle(time.Second)
	now := r.want("film", library.Ready)
	if now.Audio[1].Playlist != "" || now.Audio[1].Reason == nil || now.Audio[1].Reason.Code != transcode.CodeSoundDamaged || now.Playlist != title.Playlist {
		r.t.Errorf("%+v; log:\n%s", now, r.log)
	}
	if _, err := r.segment("film", 0); err != nil {
		r.t.Error(err)
	}
	if left := r.onDisk(); len(left) > 0 {
		r.t.Errorf("left: %v", left)
	}
}

func tracksThatLie(r *rig) {
	polyglot(r, transcode.Audio{Index: 2, Codec: "aac", Profile: "LC", Channels: 2, Language: "de"})
	title := r.plugged()
	if title.Audio[1].Reason != nil {
		r.t.Errorf("passed on as it is: %+v", title.Audio[1])
	}
	if _, err := r.heard(1, 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("%v", err)
	}
	r.settle(time.Second)
	if now := r.want("film", library.Ready); now.Audio[1].Reason == nil || now.Audio[1].Reason.Code != CodeSoundWhenChosen || now.Audio[1].Playlist == title.Audio[1].Playlist {
		r.t.Errorf("%+v", now.Audio)
	}
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
}

func damagedTracksAreMadeAgain(r *rig) {
	r.plugged()
	r.allHeard()
	before := r.want("film", library.Ready)
	files, _ := filepath.Glob(filepath.Join(r.dir, "library", "*", "sound-*", "sound.aac"))
	if len(files) != 1 {
		r.t.Fatalf("%v", files)
	}
	if err := os.WriteFile(files[0], make([]byte, 1000), 0o600); err != nil {
		r.t.Fatal(err)
	}
	r.in.cfg.Segments.Forget(before.ID + "/" + strings.Split(before.Audio[1].Playlist, "/")[3])
	if _, err := r.heard(1, 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("damaged sound: %v", err)
	}
	r.settle(time.Second)
	after := r.want("film", library.Ready)
	if after.Audio[1].Playlist == before.Audio[1].Playlist || after.Playlist != before.Playlist {
		r.t.Errorf("%+v", after)
	}
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
}

func tracksAreTriedAgain(r *rig) {
	title := r.plugged()
	r.setFree(0)
	if _, err := r.heard(1, 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("%v", err)
	}
	r.setFree(1 << 40)
	r.settle(4 * time.Second)
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
	if now := r.want("film", library.Ready); now.Audio[1].Playlist != title.Audio[1].Playlist {
		r.t.Errorf("%+v", now.Audio)
	}
}

func tracksMakeRoom(r *rig) {
	title := r.plugged()
	r.allHeard()
	storage := r.lib.Storage()
	if err := r.lib.MakeRoom(strings.Repeat("a", len(title.ID)), storage.FreeBytes-storage.ReserveBytes+1, true, nil); err != nil {
		r.t.Fatal(err)
	}
	if now := r.want("film", library.Ready); !now.Playable || now.Playlist != title.Playlist {
		r.t.Errorf("%+v", now)
	}
	r.in.cfg.Segments.Forget(title.ID + "/" + strings.Split(r.title("film").Audio[1].Playlist, "/")[3])
	_, _ = r.heard(1, 0) // finds out
	r.settle(time.Second)
	if _, err := r.heard(1, 0); err != nil {
		r.t.Error(err)
	}
}

// slowRandom answers when it is let: NewRendition takes as long as the disk.
type slowRandom struct{ shut atomic.Pointer[chan struct{}] }

func (s *slowRandom) Read(p []byte) (int, error) {
	if shut := s.shut.Load(); shut != nil {
		<-*shut
	}
	return rand.Read(p)
}

func slowDisksHoldNothingUp(r *rig) {
	var random slowRandom
	r.random = &random
	r.plugged()
	shut := make(chan struct{})
	random.shut.Store(&shut)
	answer := make(chan error)
	go func() {
		_, err := r.heard(1, 0)
		answer <- err
	}()
	r.settle(time.Second)
	r.pull("a")
	r.settle(time.Second)
	if r.title("film").Playable {
		r.t.Error("the stick is gone, and the film is offered")
	}
	close(shut)
	if err := <-answer; !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("%v", err)
	}
	r.settle(time.Second)
	if left := r.onDisk(); len(left) > 0 {
		r.t.Errorf("left: %v", left)
	}
}
