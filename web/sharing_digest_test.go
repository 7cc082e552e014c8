package web

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/web/swarm"
)

// countingSource is a rendition whose playlist grows; it counts what it is asked.
type countingSource struct {
	segments  atomic.Int64
	playlists atomic.Int64
	digests   atomic.Int64
}

func (c *countingSource) source() fakeSource {
	return fakeSource{
		playlist: func() ([]byte, error) {
			c.playlists.Add(1)
			var b strings.Builder
			b.WriteString("#EXTM3U\n")
			for n := range c.segments.Load() {
				fmt.Fprintf(&b, "#EXTINF:4,\nseg%05d.ts\n", n)
			}
			return []byte(b.String()), nil
		},
		segment: func(string) (io.ReadSeekCloser, error) { return nil, errors.New("not asked for") },
		digest: func(name string) ([]byte, int64, error) {
			c.digests.Add(1)
			sum := sha256.Sum256([]byte(name))
			return sum[:], int64(len(name)), nil
		},
	}
}

func digestsOf(find func(id, rendition string) (library.Source, error)) *digests {
	return &digests{source: find, log: slog.New(slog.DiscardHandler), now: time.Now, groups: map[swarm.Group]*groupDigests{}}
}

func digestOf(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])
}

func TestADigestIsAskedForOnce(t *testing.T) {
	t.Parallel()
	var src countingSource
	src.segments.Store(10)
	d := digestsOf(func(string, string) (library.Source, error) { return src.source(), nil })
	g := swarm.Group{Title: filmID, Rendition: "video-0123456789abcdef"}
	var pages sync.WaitGroup
	for range 30 {
		pages.Go(func() {
			for n := range 10 {
				got := d.find(g, n, time.Second)
				if got.SHA256 != digestOf(fmt.Sprintf("seg%05d.ts", n)) || got.Bytes != 11 {
					t.Errorf("segment %d: %+v", n, got)
				}
			}
		})
	}
	pages.Wait()
	equal(t, "digests read", src.digests.Load(), 10)
	equal(t, "playlists read", src.playlists.Load(), 1)
	equal(t, "another rendition is another matter", d.find(swarm.Group{Title: filmID, Rendition: "other-0123456789abcdef"}, 0, time.Second).Bytes, 11)
	equal(t, "digests read", src.digests.Load(), 11)
}

func TestAPlaylistThatGrowsIsReadAgainButNotAtEveryQuestion(t *testing.T) {
	t.Parallel()
	var src countingSource
	src.segments.Store(3)
	d := digestsOf(func(string, string) (library.Source, error) { return src.source(), nil })
	clock := time.Now()
	d.now = func() time.Time { return clock } // find returns before the test turns it
	g := swarm.Group{Title: filmID, Rendition: "video-0123456789abcdef"}
	equal(t, "beyond the end", d.find(g, 5, 0), swarm.Segment{})
	for range 20 {
		d.find(g, 5, 0)
	}
	equal(t, "playlists read at one moment", src.playlists.Load(), 1)
	src.segments.Store(6)
	clock = clock.Add(playlistFresh)
	equal(t, "the playlist has grown", d.find(g, 5, 0).SHA256, digestOf("seg00005.ts"))
	equal(t, "playlists read", src.playlists.Load(), 2)
	equal(t, "a number that cannot be", d.find(g, maxSegments, 0), swarm.Segment{})
	equal(t, "a number below", d.find(g, -1, 0), swarm.Segment{})
}

func TestAStickThatHangsHoldsUpNoOtherTitle(t *testing.T) {
	t.Parallel()
	var src countingSource
	src.segments.Store(10)
	release, asked := make(chan struct{}), make(chan struct{}, maxDigestWorkers)
	hanging := src.source()
	hanging.digest = func(string) ([]byte, int64, error) {
		asked <- struct{}{}
		<-release
		return nil, 0, errors.New("the stick was pulled")
	}
	d := digestsOf(func(id, _ string) (library.Source, error) {
		if id == missingID {
			return nil, library.ErrUnknownTitle
		}
		if id == secondID {
			return hanging, nil
		}
		return src.source(), nil
	})
	var passed atomic.Int64 // of a clock that the test turns
	d.now = func() time.Time { return time.Now().Add(time.Duration(passed.Load())) }
	bad, good := swarm.Group{Title: secondID, Rendition: "a-0"}, swarm.Group{Title: filmID, Rendition: "a-0"}
	first := make(chan swarm.Segment)
	go func() { first <- d.find(bad, 0, 0) }()
	<-asked
	equal(t, "the other title", d.find(good, 1, 0).SHA256, digestOf("seg00001.ts"))
	equal(t, "who waited for the stick", <-first, swarm.Segment{})
	for n := range 10 * maxDigestsWaiting {
		if got := d.find(bad, n, -time.Hour); got != (swarm.Segment{}) { // bounded, else the test does not end
			t.Fatalf("segment %d: %+v", n, got)
		}
		if n == 2 {
			passed.Store(int64(maxDigestWait))
		}
	}
	d.mu.Lock()
	if got := len(d.groups[bad].waiting); got != maxDigestsWaiting {
		t.Errorf("%d questions wait for a stick that hangs, want %d", got, maxDigestsWaiting)
	}
	d.mu.Unlock()
	go func() {
		for range asked {
			continue
		}
	}()
	close(release)
	eventually(t, "the goroutine has ended", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return d.groups[bad].workers == 0 && len(d.groups[bad].waiting) == 0
	})
	close(asked)
	equal(t, "a title that is not here", d.find(swarm.Group{Title: missingID}, 0, 0), swarm.Segment{})
}

func TestASourceThatBreaksDownEndsNothingElse(t *testing.T) {
	t.Parallel()
	var src countingSource
	src.segments.Store(10)
	breaks := src.source()
	digest := breaks.digest
	breaks.digest = func(name string) ([]byte, int64, error) {
		if name == "seg00003.ts" {
			panic("index out of range")
		}
		return digest(name)
	}
	d := digestsOf(func(string, string) (library.Source, error) { return breaks, nil })
	g := swarm.Group{Title: filmID, Rendition: "video-0123456789abcdef"}
	equal(t, "what it cannot", d.find(g, 3, time.Second), swarm.Segment{})
	equal(t, "what it can", d.find(g, 4, time.Second).SHA256, digestOf("seg00004.ts"))
	equal(t, "asked again", d.find(g, 3, time.Second), swarm.Segment{})
}

// Some sources make a segment when it is first opened.
func TestWhatNobodyHasHadYetIsMadeForItsDigest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		knows bool // the source knows the digest of what it has made
	}{{"by who makes it", true}, {"by its bytes", false}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var counts countingSource
			counts.segments.Store(10)
			src := counts.source()
			var made atomic.Int64
			digest := src.digest
			src.digest = func(name string) ([]byte, int64, error) {
				if made.Load() == 0 || !c.knows {
					return nil, 0, nil
				}
				return digest(name)
			}
			src.segment = func(name string) (io.ReadSeekCloser, error) {
				made.Add(1)
				return readCloser{strings.NewReader(name)}, nil
			}
			d := digestsOf(func(string, string) (library.Source, error) { return src, nil })
			for range 3 {
				got := d.find(swarm.Group{Title: filmID}, 7, time.Second)
				equal(t, "digest", got, swarm.Segment{SHA256: digestOf("seg00007.ts"), Bytes: 11})
			}
			equal(t, "made", made.Load(), 1)
		})
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestTheMemoryForDigestsIsBounded(t *testing.T) {
	t.Parallel()
	var src countingSource
	src.segments.Store(1)
	d := digestsOf(func(string, string) (library.Source, error) { return src.source(), nil })
	first := swarm.Group{Title: filmID, Rendition: "r-0"}
	for n := range 3 * maxDigestGroups {
		d.find(swarm.Group{Title: filmID, Rendition: fmt.Sprintf("r-%d", n)}, 0, time.Second)
		d.find(first, 0, time.Second) // in use all the time
	}
	equal(t, "groups", len(d.groups), maxDigestGroups)
	equal(t, "known", d.known, maxDigestGroups)
	equal(t, "the one in use was read once", src.digests.Load(), 3*maxDigestGroups)

	d.mu.Lock()
	big := d.group(swarm.Group{Title: secondID, Rendition: "r-0"})
	for n := range maxDigests + 10 {
		d.remember(big, n, swarm.Segment{SHA256: "x"})
	}
	d.mu.Unlock()
	if d.known > maxDigests || d.known != len(big.known) {
		t.Errorf("%d known, %d of them in the last group", d.known, len(big.known))
	}
}
