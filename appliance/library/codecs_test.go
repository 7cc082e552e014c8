package library

import (
	"slices"
	"testing"
)

const hevcCodecs = "hvc1.2.4.L150.90,mp4a.40.2"

// modernTitle is a title that is served as it is, of which nothing is converted yet.
func modernTitle(t *testing.T, l *Library) (id string) {
	t.Helper()
	id = add(t, l, 1, "Film")
	update(t, l, id, func(r *Record) {
		r.How, r.State, r.Codecs = Direct, Ready, hevcCodecs
		r.Renditions = []Rendition{{Name: "direct-0123abcd", Complete: true, Codecs: hevcCodecs}}
	})
	l.Attach(id, "direct-0123abcd", NewFolder(t.TempDir()))
	return id
}

func TestATitleSaysWhatPlayingItTakes(t *testing.T) {
	l := open(t, Config{})
	id := modernTitle(t, l)
	title, _ := l.Title(id)
	if title.Codecs != hevcCodecs || len(title.Renditions) != 1 || title.Renditions[0].Playlist != title.Playlist || title.State != Ready {
		t.Fatalf("%+v", title)
	}

	// Somebody cannot play it: the conversion is told apart from the title.
	update(t, l, id, func(r *Record) {
		r.State, r.How, r.ForOthers, r.Progress, r.SecondsLeft = Converting, Convert, true, 0.25, 600
		r.Reason = &Reason{Code: "video_codec", Text: "HEVC"}
	})
	title, _ = l.Title(id)
	if title.State != Ready || title.Progress != 0 || title.How != Direct || title.Reason != nil || title.Playlist != "/stream/"+id+"/direct-0123abcd/index.m3u8" {
		t.Errorf("the title: %+v", title)
	}
	other := title.Renditions[1]
	if len(title.Renditions) != 2 || other.State != Converting || other.Progress != 0.25 || other.SecondsLeft != 600 || other.Playlist != "" || other.Codecs != "" || other.Reason == nil {
		t.Errorf("the conversion: %+v", other)
	}

	// It is finished: both are there, the one from the stick first.
	converted := finish(t, l, id, "one", "two")
	update(t, l, id, func(r *Record) { r.State, r.ForOthers = Ready, false })
	title, _ = l.Title(id)
	if len(title.Renditions) != 2 || title.Renditions[1].Playlist != "/stream/"+id+"/"+converted.Name+"/index.m3u8" || title.Renditions[1].State != Ready || title.Codecs != hevcCodecs {
		t.Errorf("both: %+v", title.Renditions)
	}

	// The stick is pulled: the converted one is left, which every phone plays.
	l.Attach(id, "direct-0123abcd", nil)
	update(t, l, id, func(r *Record) {
		r.Sources = nil
		r.Renditions = slices.DeleteFunc(r.Renditions, func(one Rendition) bool { return one.Codecs != "" })
	})
	title, _ = l.Title(id)
	if title.Codecs != "" || title.Renditions != nil || !title.Playable || title.Playlist != "/stream/"+id+"/"+converted.Name+"/index.m3u8" {
		t.Errorf("without its stick: %+v", title)
	}
}

// Sound that a picture is joined with and what is converted for others do not
// push each other out; a second conversion takes the place of the first.
func TestWhatBelongsBesideAModernRenditionStays(t *testing.T) {
	l := open(t, Config{})
	id := modernTitle(t, l)
	name, dir, err := l.NewRendition(id, "sound")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir+"/"+soundFile, "sound")
	put(t, dir+"/"+soundIndex, "{}")
	if err := l.Finished(id, Rendition{Name: name, Sound: true, TotalBytes: 7}); err != nil {
		t.Fatal(err)
	}
	first := finish(t, l, id, "one")
	second := finish(t, l, id, "two")
	rec, _ := l.Record(id)
	var names []string
	for _, one := range rec.Renditions {
		names = append(names, one.Name)
	}
	if want := []string{"direct-0123abcd", name, second.Name}; !slices.Equal(names, want) {
		t.Errorf("%v, want %v (and not %s)", names, want, first.Name)
	}
}

// A box that was switched off in the middle: as long as nobody asks again, what there
// is of the conversion stops somewhere in the film.
func TestAConversionThatNobodyGoesOnWithIsNotReady(t *testing.T) {
	l := open(t, Config{})
	id := modernTitle(t, l)
	name, dir, err := l.NewRendition(id, "video")
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir+"/"+playlistFile, "#EXTM3U\n")
	update(t, l, id, func(r *Record) {
		r.Renditions = append(r.Renditions, Rendition{Name: name, By: "x", SegmentBytes: []int64{4}, TotalBytes: 4})
	})
	if title, _ := l.Title(id); len(title.Renditions) != 1 {
		t.Errorf("nobody asks: %+v", title.Renditions)
	}
	update(t, l, id, func(r *Record) { r.State, r.ForOthers = Queued, true })
	if title, _ := l.Title(id); len(title.Renditions) != 2 || title.Renditions[1].State != Queued || title.Renditions[1].Playlist == "" {
		t.Errorf("somebody does: %+v", title.Renditions)
	}
}
