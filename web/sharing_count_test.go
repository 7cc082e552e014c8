package web

import (
	"sync"
	"testing"

	"streambox.local/appliance/library"
	"streambox.local/web/swarm"
)

func TestAPageIsHeldAgainstThePlaylistAsItIsNow(t *testing.T) {
	t.Parallel()
	var src countingSource
	src.segments.Store(3)
	d := digestsOf(func(string, string) (library.Source, error) { return src.source(), nil })
	g := swarm.Group{Title: filmID, Rendition: "video-0123456789abcdef"}
	for range 20 {
		equal(t, "as many as there are", d.lists(g, 3), true)
	}
	equal(t, "playlists read", src.playlists.Load(), 1)
	equal(t, "one more", d.lists(g, 4), false)
	src.segments.Store(4)
	equal(t, "when it has grown, however short ago it was read", d.lists(g, 4), true)
	src.segments.Store(8)
	var pages sync.WaitGroup
	for range 30 {
		pages.Go(func() {
			if !d.lists(g, 8) {
				t.Error("a page that asked while another one was being answered was refused what is there")
			}
		})
	}
	pages.Wait()
}

func TestAPageIsBelievedWhileTheStickIsSilent(t *testing.T) {
	t.Parallel()
	var src countingSource
	release := make(chan struct{})
	silent := src.source()
	silent.playlist = func() ([]byte, error) {
		<-release
		return nil, library.ErrNotYet
	}
	d := digestsOf(func(string, string) (library.Source, error) { return silent, nil })
	g := swarm.Group{Title: filmID, Rendition: "video-0123456789abcdef"}
	equal(t, "while it says nothing", d.lists(g, 5), true)
	close(release)
	equal(t, "when it cannot be read", d.lists(g, 5), true)
}
