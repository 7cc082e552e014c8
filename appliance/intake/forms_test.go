package intake

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

func TestADVDIsReadAsOneFile(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		whole := content(spec{Name: "dvd", Codec: "mpeg2video", Padding: 3000})
		r.put("s", "Heat/VIDEO_TS/VTS_02_1.VOB", whole[:10]) // the tools see one only if the parts are joined
		r.put("s", "Heat/VIDEO_TS/VTS_02_2.VOB", whole[10:])
		r.put("s", "Heat/VIDEO_TS/VTS_01_1.VOB", []byte("menu"))
		r.start()
		r.plug("s")
		r.settle(30 * time.Second)
		got := r.want("Heat", library.Ready)
		if len(r.titles()) != 1 || got.Sources[0] != (library.Place{Stick: "s", File: "Heat"}) {
			t.Errorf("%+v", r.titles())
		}
	})
}

func TestHostileNamesGoAllTheWay(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		names := []string{"-i.mp4", "a\nb.mp4", `"; rm -rf ~ #.mp4`, "<img src=x onerror=alert(1)>.mp4", "🎬.mp4", "x\xff.mp4", strings.Repeat("n", 251) + ".mp4"}
		for i, name := range names {
			r.put("s", name, content(spec{Name: fmt.Sprint("f", i), Seconds: 4}))
		}
		r.start()
		r.plug("s")
		r.settle(time.Minute)
		if n := len(r.titles()); n != len(names) {
			t.Errorf("%d titles of %d", n, len(names))
		}
		for name, title := range r.titles() {
			if title.State != library.Ready {
				t.Errorf("%q is %s: %+v", name, title.State, title.Reason)
			}
			for _, url := range []string{title.Playlist, title.Master, title.Thumbnail} {
				if strings.ContainsAny(url, "<>\"' \n") || !strings.HasPrefix(url, "/stream/"+title.ID) {
					t.Errorf("address %q", url)
				}
			}
		}
	})
}

func TestAReadyFolderThatIsStillCopied(t *testing.T) {
	inBox(t, func(r *rig) {
		r.readyFolder("s", "f", true)
		r.touch("s", "f/chunk_002.ts", time.Now())
		r.start()
		r.plug("s")
		r.settle(2 * time.Second)
		r.want("f", library.Copying)
		r.settle(20 * time.Second)
		r.want("f", library.Ready)
	})
}

func TestAGoodCopyIsFoundOnTheOtherStick(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		for _, stick := range []string{"a", "b"} {
			r.readyFolder(stick, "f", true)
		}
		r.put("a", "f/hashes.json", []byte(strings.ReplaceAll(`{"segments":[{"name":"chunk_000.ts","sha256":"00"}]}`, `"00"`, `"`+strings.Repeat("00", 32)+`"`)))
		r.start()
		r.plug("a")
		r.settle(5 * time.Second)
		r.want("f", library.Unplayable)
		r.plug("b")
		r.settle(10 * time.Second)
		if got := r.want("f", library.Ready); len(got.Sources) != 2 {
			t.Errorf("%+v", got.Sources)
		}
		if _, err := r.segment("f", 0); err != nil {
			t.Error(err)
		}
	})
}
