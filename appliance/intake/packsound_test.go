package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/packager"
)

// Sound plays ffmpeg: frames of silence for 4 s of film per second.
func (t *fakeTools) Sound(ctx context.Context, job transcode.SoundJob) (gaveUp bool, err error) {
	t.mu.Lock()
	t.jobs = append(t.jobs, "sound")
	t.running["sound"]++
	t.most["sound"] = max(t.most["sound"], t.running["sound"])
	tries := t.fails["sound"] + 1
	t.fails["sound"] = tries
	onSound := t.onSound
	t.mu.Unlock()
	defer func() { t.mu.Lock(); t.running["sound"]--; t.mu.Unlock() }()
	if onSound != nil {
		if err := onSound(job.FromSeconds); err != nil {
			return false, fmt.Errorf("%w: %w", transcode.ErrNotSegmentable, err)
		}
	}
	payload := []byte{0x21, 0x00, 0x49, 0x90, 0x02, 0x19, 0x00, 0x23, 0x80}
	size := len(payload) + 7
	frame := slices.Concat([]byte{0xff, 0xf1, 0x4c, 0x80, byte(size >> 3), byte(size&7)<<5 | 0x1f, 0xfc}, payload)
	frames := int(job.DurationSeconds*48000/1024) + 2
	if t.soundBreaksOff {
		frames /= 2
	}
	const perSecond = 4 * 47
	for n := 0; n < frames; n += perSecond {
		if err := wait(ctx, time.Second); err != nil {
			return false, err
		}
		files, err := job.Input.Open()
		if err != nil {
			return false, err
		}
		closeAll(files)
		if _, err := job.Out.Write(bytes.Repeat(frame, min(perSecond, frames-n))); err != nil {
			return false, fmt.Errorf("write sound: %w", err)
		}
		if job.OnProgress != nil {
			job.OnProgress(transcode.Progress{Fraction: float64(n) / float64(frames)})
		}
	}
	return t.soundBreaksOff, nil
}

// dolbyTools take every real film's sound for Dolby Digital.
type dolbyTools struct{ packTools }

func (t dolbyTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.packTools.Probe(ctx, in)
	if err == nil && m.Audio[0].Codec == "aac" {
		m.Audio[0].Codec, m.Audio[0].Profile, m.Audio[0].Channels = "ac3", "", 6
	}
	return m, err
}

func TestSoundIsConvertedAlone(t *testing.T) {
	films := realFilms(t, "h264-aac")
	for name, test := range map[string]func(*rig, []byte){
		"nothing but sound is written, and it plays from the start":       nothingButSoundIsWritten,
		"what was made before the end has the same bytes afterwards":      sameBytesBeforeAndAfter,
		"a pulled stick leaves finished sound, which is joined again":     finishedSoundStays,
		"a stick pulled while the sound is made leaves nothing":           unfinishedSoundGoes,
		"a restart while the sound is made leaves nothing behind":         aRestartLeavesNothing,
		"damaged sound is found out and made again at another address":    damagedSoundIsMadeAgain,
		"sound that cannot be read just now is not made again":            soundOutOfReachIsKept,
		"sound that broke off is served with a word of it":                soundThatBrokeOffIsSaid,
		"sound makes room like finished conversions":                      soundMakesRoom,
		"who waits for a film does not wait for another one's sound":      nobodyWaitsForAnothersSound,
		"a film that cannot be packaged goes the way of copies":           whatCannotBePackagedIsCopied,
		"sound that cannot be had alone sends the film to be converted":   soundThatFailsIsConverted,
		"key flags that lie are remembered, and the sound is made anew":   lyingFlagsAreRemembered,
		"a title goes with its sound when its film is deleted from stick": deletedFilmsTakeTheirSoundAlong,
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.change = func(c *Config) {
					c.Tools = dolbyTools{packTools{r.tools}}
					c.Segments = packager.NewCache(0, 0)
				}
				test(r, films["h264-aac"])
			})
		})
	}
}

// onDisk lists what is kept of titles, but for title.json and digests, by names without generations.
func (r *rig) onDisk() []string {
	r.t.Helper()
	var found []string
	err := filepath.WalkDir(filepath.Join(r.dir, "library"), func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "title.json" && d.Name() != "digests.bin" {
			found = append(found, d.Name())
		}
		return err
	})
	if err != nil {
		r.t.Error(err)
	}
	slices.Sort(found)
	return found
}

func nothingButSoundIsWritten(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(2500 * time.Millisecond)
	title := r.want("film", library.Converting)
	if !title.Playable || title.How != library.Audio || title.Progress <= 0 {
		r.t.Fatalf("not playable from its start: %+v", title)
	}
	if _, err := r.segment("film", 0); err != nil {
		r.t.Error(err)
	}
	if _, err := r.segment("film", 5); err != nil {
		r.t.Errorf("a segment whose sound is to come is not waited for: %v", err)
	}
	r.settle(10 * time.Second)
	if done := r.want("film", library.Ready); done.Playlist != title.Playlist || !done.Playable {
		r.t.Errorf("at its end it is %+v", done)
	}
	if _, err := r.segment("film", 5); err != nil {
		r.t.Error(err)
	}
	if got := r.onDisk(); !slices.Equal(got, []string{"sound.aac", "sound.json"}) {
		r.t.Errorf("written to the box's disk: %v", got)
	}
	if taken := r.lib.Storage().LibraryBytes; taken == 0 || taken > int64(len(film)) {
		r.t.Errorf("it is said to take %d bytes", taken)
	}
	if jobs := r.jobs(); !slices.Equal(jobs, []string{"sound"}) {
		r.t.Errorf("jobs: %v", jobs)
	}
}

func sameBytesBeforeAndAfter(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(2500 * time.Millisecond)
	early, err := r.sum("film", 0)
	if err != nil {
		r.t.Fatal(err)
	}
	r.settle(10 * time.Second)
	title := r.want("film", library.Ready)
	r.in.cfg.Segments.Forget(r.packed(title.ID).key())
	late, err := r.sum("film", 0)
	if err != nil || late != early {
		r.t.Errorf("other bytes when all of the sound is there (%v)", err)
	}
	before := r.timesOpened()
	r.restart()
	r.settle(3 * time.Second)
	if again := r.want("film", library.Ready); again.Playlist != title.Playlist || !again.Playable {
		r.t.Errorf("after a restart: %+v", again)
	}
	if opened := r.timesOpened(); opened != before {
		r.t.Errorf("a known film was opened %d times to be listed", opened-before)
	}
	again, err := r.sum("film", 0)
	if err != nil || again != early {
		r.t.Errorf("other bytes after a restart (%v)", err)
	}
}

func finishedSoundStays(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(15 * time.Second)
	title := r.want("film", library.Ready)
	r.pull("a")
	r.settle(3 * time.Second)
	if gone := r.want("film", library.Unplugged); gone.Playable {
		r.t.Error("playable without its picture")
	}
	if len(r.onDisk()) != 2 {
		r.t.Errorf("of the sound there is %v", r.onDisk())
	}
	r.plug("a")
	r.settle(3 * time.Second)
	if back := r.want("film", library.Ready); back.Playlist != title.Playlist || !back.Playable {
		r.t.Errorf("back it is %+v", back)
	}
	if len(r.jobs()) != 1 {
		r.t.Errorf("converted again: %v", r.jobs())
	}
}

func unfinishedSoundGoes(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(2500 * time.Millisecond)
	first := r.want("film", library.Converting)
	r.pull("a")
	r.settle(3 * time.Second)
	if gone := r.title("film"); gone.Playable || len(r.onDisk()) > 0 {
		r.t.Errorf("left: %v, %+v", r.onDisk(), gone)
	}
	r.plug("a")
	r.settle(15 * time.Second)
	if again := r.want("film", library.Ready); again.Playlist == first.Playlist {
		r.t.Error("other sound under the same address")
	}
}

func aRestartLeavesNothing(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(2500 * time.Millisecond)
	// A power cut: what is on the disk stays as it is.
	folder := r.copyOfLibrary()
	r.stop()
	if len(r.onDisk()) > 0 {
		r.t.Errorf("left by an orderly end: %v", r.onDisk())
	}
	lib, err := library.Open(library.Config{Dir: folder})
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = lib }()
	if left, _ := filepath.Glob(filepath.Join(folder, "*", "sound-*")); len(left) > 0 {
		r.t.Errorf("left after a power cut: %v", left)
	}
	r.start()
	r.in.SetSticks(r.sticks)
	r.settle(15 * time.Second)
	r.want("film", library.Ready)
}

func (r *rig) copyOfLibrary() string {
	r.t.Helper()
	folder := r.t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(r.dir, "library"))); err != nil {
		r.t.Fatal(err)
	}
	return folder
}

func soundMakesRoom(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(15 * time.Second)
	title := r.want("film", library.Ready)
	r.pull("a")
	r.settle(3 * time.Second)
	storage := r.lib.Storage()
	if err := r.lib.MakeRoom(strings.Repeat("a", len(title.ID)), storage.FreeBytes-storage.ReserveBytes+1, false, nil); err != nil {
		r.t.Fatal(err)
	}
	if left := r.onDisk(); len(left) > 0 {
		r.t.Errorf("left: %v", left)
	}
	r.plug("a")
	r.settle(3 * time.Second)
	if back := r.want("film", library.Blocked); back.Reason == nil || back.Reason.Code != CodeNotKept || back.Playable {
		r.t.Errorf("%+v", back)
	}
	r.open("film", 1)
	r.settle(15 * time.Second)
	r.want("film", library.Ready)
}

func nobodyWaitsForAnothersSound(r *rig, film []byte) {
	for n := range 5 {
		r.put("a", fmt.Sprintf("film %d.mp4", n), append(bytes.Clone(film), make([]byte, n+1)...))
	}
	r.start()
	r.plug("a")
	r.settle(1500 * time.Millisecond)
	r.open("film 4", 1)
	r.settle(2500 * time.Millisecond)
	if asked := r.want("film 4", library.Converting); !asked.Playable {
		r.t.Errorf("it waits: %+v", asked)
	}
	r.settle(time.Minute)
	if most := r.tools.most["sound"]; most != 2 {
		r.t.Errorf("%d conversions at a time, want one and one for who waits", most)
	}
}

func whatCannotBePackagedIsCopied(r *rig, film []byte) {
	data := bytes.Clone(film)
	at := bytes.Index(data, []byte("stsc"))
	copy(data[at+8:], []byte{0, 0, 0, 9}) // begins with chunk 9
	r.put("a", "film.mp4", data)
	r.start()
	r.plug("a")
	r.settle(3 * time.Second)
	if rec, _ := r.lib.Record(r.title("film").ID); !slices.Contains(rec.Failed, notPackaged) {
		r.t.Errorf("%+v", rec.Failed)
	}
	if !strings.Contains(r.log.String(), "rung=audio") || len(only(r.jobs(), "sound")) > 0 {
		r.t.Errorf("jobs %v; log:\n%s", r.jobs(), r.log)
	}
}

// deafTools get no sound out of a film.
type deafTools struct{ dolbyTools }

func (deafTools) Sound(context.Context, transcode.SoundJob) (gaveUp bool, err error) {
	return false, fmt.Errorf("%w: not a single frame", transcode.ErrNotSegmentable)
}

func deletedFilmsTakeTheirSoundAlong(r *rig, film []byte) {
	r.put("a", "film.mp4", film)
	r.start()
	r.plug("a")
	r.settle(15 * time.Second)
	id := r.want("film", library.Ready).ID
	if err := r.lib.Remove(id); err != nil {
		r.t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Join(r.dir, "library", id)); !errors.Is(err, os.ErrNotExist) {
		r.t.Errorf("left: %v", left)
	}
}
