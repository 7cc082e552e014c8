package intake

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// readyFolder puts a folder as `convert` writes it on a stick.
func (r *rig) readyFolder(stick, name string, hashes bool) {
	r.t.Helper()
	var playlist, list strings.Builder
	playlist.WriteString("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n")
	for n := range 3 {
		data := content(spec{Name: fmt.Sprint(name, n)})
		file := fmt.Sprintf("chunk_%03d.ts", n)
		r.put(stick, filepath.Join(name, file), data)
		fmt.Fprintf(&playlist, "#EXTINF:4.0,\n%s\n", file)
		sum := sha256.Sum256(data)
		if n > 0 {
			list.WriteString(",")
		}
		fmt.Fprintf(&list, `{"name":%q,"sha256":%q,"bytes":%d}`, file, hex.EncodeToString(sum[:]), len(data))
	}
	playlist.WriteString("#EXT-X-ENDLIST\n")
	r.put(stick, filepath.Join(name, playlistName), []byte(playlist.String()))
	if hashes {
		r.put(stick, filepath.Join(name, hashesName), []byte(`{"schema":1,"segments":[`+list.String()+`]}`))
	}
}

func TestAReadyFolderIsServedAsItStands(t *testing.T) {
	for _, hashes := range []bool{true, false} {
		t.Run(fmt.Sprint("hashes.json there: ", hashes), func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				r.readyFolder("s", "My Film", hashes)
				r.start()
				r.plug("s")
				r.settle(5 * time.Second)
				got := r.want("My Film", library.Ready)
				if len(r.titles()) != 1 || !got.Playable || got.DurationSeconds != 12 || got.How != library.Direct || got.Width != 1280 {
					t.Errorf("%+v of %d", got, len(r.titles()))
				}
				if text, err := r.segment("My Film", 2); err != nil || !strings.Contains(text, "My Film2") {
					t.Errorf("segment: %q %v", text, err)
				}
				if jobs := r.jobs(); len(jobs) != 0 {
					t.Errorf("converted: %v", jobs)
				}
				url := got.Playlist
				r.pull("s")
				r.settle(time.Second)
				if gone := r.want("My Film", library.Unplugged); gone.Playable {
					t.Error("playable without its stick")
				}
				opened := r.countHashing()
				r.plug("s")
				r.settle(5 * time.Second)
				if back := r.want("My Film", library.Ready); back.Playlist != url {
					t.Errorf("another address for the same bytes: %s, %s", url, back.Playlist)
				}
				// Three small segments for the identity, one for the probe; hashing would be three more.
				if n := opened(); n > 4 {
					t.Errorf("%d segments were read again", n)
				}
			})
		})
	}
}

// countHashing counts the segments that are opened from now on.
func (r *rig) countHashing() func() int {
	r.openMu.Lock()
	defer r.openMu.Unlock()
	r.opened = map[string]int{}
	return func() int {
		r.openMu.Lock()
		defer r.openMu.Unlock()
		n := 0
		for name, times := range r.opened {
			if strings.HasSuffix(name, ".ts") {
				n += times
			}
		}
		return n
	}
}

func TestADamagedReadyFolderIsUnplayable(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(r *rig)
		code  string
	}{
		{"a bit is flipped", func(r *rig) { r.put("s", "f/chunk_001.ts", content(spec{Name: "f9"})) }, CodeFolderDamaged},
		{"a segment is missing", func(r *rig) { r.remove("f/chunk_001.ts") }, CodeFolderIncomplete},
		{"the playlist has no end", func(r *rig) {
			r.put("s", "f/index.m3u8", []byte("#EXTM3U\n#EXTINF:4,\nchunk_000.ts\n"))
		}, CodeFolderUnfinished},
		{"the playlist leads out of its folder", func(r *rig) {
			r.put("s", "f/index.m3u8", []byte("#EXTM3U\n#EXTINF:4,\n../secret.ts\n#EXT-X-ENDLIST\n"))
		}, CodeFolderPlaylist},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				r.readyFolder("s", "f", true)
				r.put("s", "other.mp4", content(spec{Name: "other"}))
				c.spoil(r)
				r.start()
				r.plug("s")
				r.settle(20 * time.Second)
				got := r.want("f", library.Unplayable)
				if got.Reason == nil || got.Reason.Code != c.code || got.Playable {
					t.Errorf("%+v %+v", got, got.Reason)
				}
				r.want("other", library.Ready)
			})
		})
	}
}

func (r *rig) remove(name string) {
	r.t.Helper()
	if err := os.Remove(filepath.Join(r.dir, "sticks", "s", name)); err != nil {
		r.t.Fatal(err)
	}
}

func TestAReplacedSegmentIsNotServed(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.readyFolder("s", "f", true)
		r.start()
		r.plug("s")
		r.settle(5 * time.Second)
		r.put("s", "f/chunk_002.ts", []byte("something else"))
		if _, err := r.segment("f", 2); !errors.Is(err, library.ErrNotYet) {
			t.Errorf("replaced segment: %v", err)
		}
		if _, err := r.segment("f", 1); err != nil {
			t.Errorf("its neighbour: %v", err)
		}
	})
}

func TestThePictureOfAReadyFolder(t *testing.T) {
	var good bytes.Buffer
	if err := jpeg.Encode(&good, image.NewGray(image.Rect(0, 0, 64, 36)), nil); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		picture []byte
		made    int // thumbnails the tools had to make
	}{
		{"a JPEG is taken", good.Bytes(), 0},
		{"a web page with that name is not", []byte("<html><script>alert(1)</script>"), 1},
		{"a JPEG's start alone is not", good.Bytes()[:20], 1},
		{"one that is too large is not", append(good.Bytes(), make([]byte, 2<<20)...), 1},
		{"none: the first segment has one", nil, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				t := r.t
				r.readyFolder("s", "f", true)
				if c.picture != nil {
					r.put("s", "f/thumbnail.jpg", c.picture)
				}
				r.start()
				r.plug("s")
				r.settle(5 * time.Second)
				if r.want("f", library.Ready).Thumbnail == "" {
					t.Error("no picture")
				}
				if len(r.tools.pictures) != c.made {
					t.Errorf("%d pictures made, want %d", len(r.tools.pictures), c.made)
				}
			})
		})
	}
}

func TestARecordingBesideAReadyFolderIsATitle(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.readyFolder("s", "made", true)
		r.put("s", "made/Evening News.ts", content(spec{Name: "news", Seconds: 8}))
		r.put("s", "other/index.m3u8", []byte("#EXTM3U\nhttp://example.org/radio\n"))
		r.put("s", "other/Match.ts", content(spec{Name: "match", Seconds: 8}))
		r.start()
		r.plug("s")
		r.settle(20 * time.Second)
		for _, name := range []string{"made", "Evening News", "Match"} {
			r.want(name, library.Ready)
		}
		if got := r.titles(); len(got) != 3 {
			t.Errorf("listed: %v", got)
		}
	})
}

func TestAFilmThatIsDeletedIsNoPulledStick(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.avi", content(spec{Name: "film", Codec: "mpeg4"}))
		r.start()
		r.plug("s")
		r.settle(20 * time.Second)
		r.want("film", library.Ready)
		r.remove("film.avi")
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.settle(5 * time.Second)
		got := r.want("film", library.Unplugged)
		if got.Reason == nil || got.Reason.Code != CodeFileRemoved || !got.Playable {
			t.Errorf("%+v %+v", got, got.Reason)
		}
		r.put("s", "film.avi", content(spec{Name: "film", Codec: "mpeg4"}))
		r.settle(time.Minute)
		if err := r.in.Rescan(); err != nil {
			t.Fatal(err)
		}
		r.settle(20 * time.Second)
		if got = r.want("film", library.Ready); got.Reason != nil && got.Reason.Code == CodeFileRemoved {
			t.Errorf("it is back: %+v", got.Reason)
		}
	})
}

func TestATitleKeepsItsNameWithTheCopyThatIsLeft(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "Evening.avi", content(spec{Name: "film", Codec: "mpeg4"}))
		r.put("b", "Morning.avi", content(spec{Name: "film", Codec: "mpeg4"}))
		r.start()
		r.plug("a")
		r.settle(20 * time.Second)
		r.want("Evening", library.Ready)
		r.plug("b")
		r.settle(5 * time.Second)
		r.yank("a")
		r.tellGone("a")
		r.settle(5 * time.Second)
		r.want("Evening", library.Ready)
	})
}
