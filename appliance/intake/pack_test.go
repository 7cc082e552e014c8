package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
	"streambox.local/transcode/clips"
	"streambox.local/transcode/packager"
)

// realFilms are films that the packager can read, by the names of their clips.
func realFilms(t *testing.T, names ...string) map[string][]byte {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: -short leaves out what starts other programs")
	}
	dir := t.TempDir()
	made, err := clips.Make(t.Context(), dir, names...)
	if errors.Is(err, clips.ErrNoFFmpeg) && os.Getenv("STREAMBOX_STRICT") != "1" {
		t.Skip("not run here: " + clips.ErrNoFFmpeg.Error())
	}
	if err != nil {
		t.Fatal(err)
	}
	films := map[string][]byte{}
	for _, clip := range made {
		if films[clip.Name], err = os.ReadFile(filepath.Join(dir, clip.FileName)); err != nil {
			t.Fatal(err)
		}
	}
	return films
}

// packTools are the fake tools, which also know real films when they see one.
type packTools struct{ *fakeTools }

func (t packTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	files, err := in.Open()
	if err != nil {
		return transcode.Media{}, err
	}
	defer closeAll(files)
	var head [8]byte
	if _, err = files[0].ReadAt(head[:], 0); err != nil || !bytes.Equal(head[4:], []byte("ftyp")) {
		return t.fakeTools.Probe(ctx, in)
	}
	return transcode.Media{
		Version: transcode.ProbeVersion, Container: "mov,mp4", DurationSeconds: 24,
		Video: &transcode.Video{Codec: "h264", Profile: "High", PixelFormat: "yuv420p", BitDepth: 8, Width: 640, Height: 360, FramesPerSecond: 25, SampleAspect: [2]int{1, 1}},
		Audio: []transcode.Audio{{Index: 1, Codec: "aac", Profile: "LC", Channels: 2, SampleRateHz: 48000}},
	}, nil
}

func (t packTools) Thumbnail(context.Context, transcode.Input, transcode.Media) ([]byte, error) {
	return nil, errors.New("no picture in this test")
}

// untoldTools meet films that do not tell their length, as those that were made live.
type untoldTools struct{ packTools }

func (t untoldTools) Probe(ctx context.Context, in transcode.Input) (transcode.Media, error) {
	m, err := t.packTools.Probe(ctx, in)
	m.DurationSeconds = 0
	return m, err
}

// packing is a box with the packager.
func packing(r *rig) {
	r.change = func(c *Config) {
		c.Tools = packTools{r.tools}
		c.Segments = packager.NewCache(0, 0)
	}
}

func (r *rig) sum(name string, n int) (sum [32]byte, err error) {
	r.t.Helper()
	data, err := r.segment(name, n)
	return sha256.Sum256([]byte(data)), err
}

// plugged starts a box with the stick "a" and returns its film, which is ready.
func (r *rig) plugged() library.Title {
	r.t.Helper()
	r.start()
	r.plug("a")
	r.settle(3 * time.Second)
	return r.want("film", library.Ready)
}

// packed is what serves a film.
func (r *rig) packed(id string) *packedFilm {
	r.in.mu.Lock()
	defer r.in.mu.Unlock()
	return r.in.films[id].packed
}

// timesOpened counts how often the film was.
func (r *rig) timesOpened() int {
	r.openMu.Lock()
	defer r.openMu.Unlock()
	return r.opened["film.mp4"]
}

func TestPackaging(t *testing.T) {
	films := realFilms(t, "h264-aac", "no-audio")
	for name, test := range map[string]func(*rig, map[string][]byte){
		"a film that plays as it is is never copied":                    aFilmThatPlaysAsItIsIsNeverCopied,
		"a film that does not tell its length has that of its index":    aFilmThatDoesNotTellItsLength,
		"a pulled stick takes its segments along, and brings them back": aPulledStickTakesItsSegmentsAlong,
		"another file under the same name is not served as the film":    anotherFileIsNotServedAsTheFilm,
		"a film that cannot be cut as it is is converted":               aFilmThatCannotBeCutIsConverted,
		"a stick that hangs holds up no request for ever":               aStickThatHangsHoldsUpNoRequest,
		"a stick that hangs holds up no other stick's films":            aStickThatHangsHoldsUpNoOther,
		"another copy is served while a stick hangs":                    anotherCopyIsServedWhileAStickHangs,
		"an unreadable copy hides no good one":                          anUnreadableCopyHidesNoGoodOne,
		"one damaged copy is no verdict on the film":                    oneDamagedCopyIsNoVerdict,
		"one bad read is no verdict on the film":                        oneBadReadIsNoVerdict,
		"a file that became another one is met as another":              aFileThatBecameAnotherIsMetAsOne,
		"a picture damaged in the middle is found out once":             aDamagedPictureIsFoundOutOnce,
		"what its index promised and does not hold is copied instead":   whatDoesNotHoldIsCopied,
		"other bytes are not served under the same address":             otherBytesAreNotServed,
		"key flags that turn out to lie change the rendition's address": keyFlagsThatLieChangeTheAddress,
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) { packing(r); test(r, films) })
		})
	}
}

func aFilmThatDoesNotTellItsLength(r *rig, films map[string][]byte) {
	change := r.change
	r.change = func(c *Config) {
		change(c)
		c.Tools = untoldTools{packTools{r.tools}}
	}
	r.put("a", "film.mp4", films["h264-aac"])
	first := r.plugged()
	if first.DurationSeconds < 20 || first.DurationSeconds > 30 {
		r.t.Errorf("it is %v s long", first.DurationSeconds)
	}
	r.restart()
	r.settle(3 * time.Second)
	if again := r.want("film", library.Ready); again.DurationSeconds != first.DurationSeconds {
		r.t.Errorf("after a restart it is %v s long, before it was %v s", again.DurationSeconds, first.DurationSeconds)
	}
}

func aFilmThatPlaysAsItIsIsNeverCopied(r *rig, films map[string][]byte) {
	r.put("a", "film.mp4", films["h264-aac"])
	title := r.plugged()
	if !title.Playable || title.How != library.Direct || !strings.Contains(title.Playlist, "/"+packedPrefix) {
		r.t.Fatalf("%+v", title)
	}
	rendition := strings.Split(title.Playlist, "/")[3]
	rate := r.lib.BitsPerSecond(title.ID, rendition)
	if about := 8 * float64(len(films["h264-aac"])) / title.DurationSeconds; rate < 0.9*about || rate > 1.1*about {
		r.t.Errorf("it takes %.0f bit/s, the library says %.0f", about, rate)
	}
	if taken := r.lib.Storage().LibraryBytes; taken != 0 {
		r.t.Errorf("it is said to take %d bytes of the box's disk", taken)
	}
	if err := r.lib.MakeRoom(strings.Repeat("0", len(title.ID)), 1<<42, true, nil); !errors.Is(err, library.ErrNoRoom) {
		r.t.Errorf("it made room: %v", err)
	}
	first, err := r.sum("film", 0)
	if err != nil {
		r.t.Fatal(err)
	}
	if jobs := r.jobs(); len(jobs) > 0 {
		r.t.Errorf("a job ran: %v", jobs)
	}
	err = filepath.WalkDir(filepath.Join(r.dir, "library"), func(name string, d os.DirEntry, err error) error {
		if base := filepath.Base(name); err == nil && !d.IsDir() && base != "title.json" && base != "digests.bin" {
			r.t.Errorf("written to the box's disk: %s", filepath.Base(name))
		}
		return err
	})
	if err != nil {
		r.t.Error(err)
	}

	before := r.timesOpened()
	r.restart()
	r.settle(3 * time.Second)
	listed := r.want("film", library.Ready)
	if listed.Playlist != title.Playlist {
		r.t.Errorf("after a restart its address is %s, before it was %s", listed.Playlist, title.Playlist)
	}
	if opened := r.timesOpened(); opened != before {
		r.t.Errorf("a known film was opened %d times to be listed", opened-before)
	}
	if again := r.lib.BitsPerSecond(title.ID, rendition); again < 0.9*rate || again > 1.1*rate {
		r.t.Errorf("after a restart it takes %.0f bit/s, before it took %.0f", again, rate)
	}
	if sum := r.digest(listed.Playlist); !bytes.Equal(sum, first[:]) {
		r.t.Errorf("after a restart the digest of what was made before is %x, not %x", sum, first)
	}
	if again, err := r.sum("film", 0); err != nil || again != first {
		r.t.Errorf("other bytes after a restart (%v)", err)
	}
}

// digest is what is known of the first segment of what is played.
func (r *rig) digest(playlist string) []byte {
	r.t.Helper()
	parts := strings.Split(playlist, "/")
	source, err := r.lib.Source(parts[2], parts[3])
	if err != nil {
		r.t.Fatal(err)
	}
	sum, _, err := source.Digest(r.t.Context(), segmentFile(0))
	if err != nil {
		r.t.Error(err)
	}
	return sum
}

func aPulledStickTakesItsSegmentsAlong(r *rig, films map[string][]byte) {
	r.put("a", "The Film.mp4", films["h264-aac"])
	r.put("b", "copy/film.mp4", films["h264-aac"])
	r.start()
	r.plug("a")
	r.plug("b")
	r.settle(3 * time.Second)
	title := r.want("The Film", library.Ready)
	want, err := r.sum("The Film", 1)
	if err != nil {
		r.t.Fatal(err)
	}
	r.in.cfg.Segments.Forget(title.ID + "/" + strings.Split(title.Playlist, "/")[3])

	r.pull("a")
	r.settle(3 * time.Second)
	if other := r.want("The Film", library.Ready); other.Playlist != title.Playlist {
		r.t.Errorf("the other stick's film has another address: %s", other.Playlist)
	}
	if got, err := r.sum("The Film", 1); err != nil || got != want {
		r.t.Errorf("not the same bytes from the other stick (%v)", err)
	}

	r.pull("b")
	r.settle(3 * time.Second)
	if gone := r.want("The Film", library.Unplugged); gone.Playable {
		r.t.Error("playable without its stick")
	}
	r.plug("a")
	r.settle(3 * time.Second)
	if back := r.want("The Film", library.Ready); back.Playlist != title.Playlist {
		r.t.Errorf("it came back under another address: %s", back.Playlist)
	}
	if got, err := r.sum("The Film", 1); err != nil || got != want {
		r.t.Errorf("not the same bytes when it came back (%v)", err)
	}
}

func TestWhatThePackagerDoesNotReadIsCopied(t *testing.T) {
	inBox(t, func(r *rig) {
		packing(r)
		r.put("a", "film.mp4", content(spec{Name: "film", Padding: 4000}))
		r.start()
		r.plug("a")
		r.settle(30 * time.Second)
		r.want("film", library.Ready)
		if jobs := r.jobs(); len(jobs) != 1 || jobs[0] != "film:direct" {
			r.t.Errorf("jobs: %v", jobs)
		}
		if text, err := r.segment("film", 9); err != nil || text != "film 9" {
			r.t.Errorf("last segment: %q, %v", text, err)
		}
	})
}

func aStickThatHangsHoldsUpNoRequest(r *rig, films map[string][]byte) {
	var hangs atomic.Bool
	answer := make(chan struct{})
	r.wrap = func(t tree) tree { return hangingTree{t, func(string) bool { return hangs.Load() }, answer} }
	r.put("a", "film.mp4", films["h264-aac"])
	r.plugged()
	hangs.Store(true)
	began := time.Now()
	if _, err := r.segment("film", 0); !errors.Is(err, library.ErrNotYet) {
		r.t.Errorf("served: %v", err)
	}
	if took := time.Since(began); took != patience {
		r.t.Errorf("answered after %s of the bubble's time", took)
	}
	hangs.Store(false)
	close(answer)
	r.settle(time.Second)
	if _, err := r.segment("film", 0); err != nil {
		r.t.Errorf("not served when the stick answers again: %v", err)
	}
	if left := r.leftIn("a"); left != 0 {
		r.t.Errorf("%d left behind", left)
	}
}
