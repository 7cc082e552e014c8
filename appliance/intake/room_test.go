package intake

import (
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

func TestWithoutRoomATitleIsBlockedWithASentence(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.mp4", content(spec{Name: "film", Padding: 5 << 20}))
		r.put("s", "small.mp4", content(spec{Name: "small"}))
		r.setFree(1 << 20)
		r.start()
		r.plug("s")
		r.settle(15 * time.Second)
		got := r.want("film", library.Blocked)
		if got.Reason.Code != CodeNoRoom || !strings.Contains(got.Reason.Text, "4.7 MB are missing") {
			t.Errorf("%+v", got.Reason)
		}
		r.want("small", library.Ready)
		if p := r.lib.Problems(); len(p) != 1 || p[0].Code != CodeNoRoom {
			t.Errorf("problems %+v", p)
		}
		if r.in.Working() {
			t.Error("working while everything waits for room")
		}
		r.setFree(1 << 30)
		r.settle(30 * time.Second)
		r.want("film", library.Ready)
		if p := r.lib.Problems(); len(p) != 0 {
			t.Errorf("problems %+v", p)
		}
	})
}

func TestAJobThatComesToTheReserveStopsCleanly(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.mp4", content(spec{Name: "film", Seconds: 80}))
		r.start()
		r.plug("s")
		r.settle(5 * time.Second)
		r.want("film", library.Converting)
		r.setFree(500) // somebody else fills the disk
		r.settle(4 * time.Second)
		got := r.want("film", library.Blocked)
		if got.Reason.Code != CodeNoRoom || got.Playable {
			t.Errorf("%+v %+v", got, got.Reason)
		}
		if left := r.halfWritten(); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		r.setFree(1 << 30)
		r.settle(time.Minute)
		r.want("film", library.Ready)
	})
}

func TestWhatMadeRoomWaitsToBeOpened(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "old.mp4", content(spec{Name: strings.Repeat("old", 500), Seconds: 40}))
		r.put("s", "big.mp4", content(spec{Name: "big", Padding: 20000, Seconds: 8}))
		r.setFree(19000)
		r.start()
		r.plug("s")
		r.settle(15 * time.Second)
		r.want("old", library.Ready)
		r.want("big", library.Blocked) // nobody wants it: nothing makes room for it
		r.open("big", 1)
		r.settle(15 * time.Second)
		if r.titles()["big"].State != library.Ready {
			r.setFree(24000)
			r.open("big", 1)
			r.settle(30 * time.Second)
		}
		r.want("big", library.Ready)
		got := r.want("old", library.Blocked)
		if got.Reason == nil || got.Reason.Code != CodeNotKept || got.Playable {
			t.Errorf("%+v", got.Reason)
		}
		r.setFree(1 << 30)
		r.settle(5 * time.Minute)
		r.want("old", library.Blocked) // room or not: it is not made again by itself
		r.restart()
		r.settle(time.Minute)
		r.want("old", library.Blocked)
		r.open("old", 1)
		r.settle(time.Minute)
		r.want("old", library.Ready)
	})
}

func TestConversionsOfAPulledStickMakeRoom(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "old.mp4", content(spec{Name: strings.Repeat("old", 500), Seconds: 40}))
		r.put("b", "new.mp4", content(spec{Name: "new", Padding: 8000, Seconds: 8}))
		r.setFree(19000)
		r.start()
		r.plug("a")
		r.settle(15 * time.Second)
		r.want("old", library.Ready)
		r.plug("b")
		r.settle(10 * time.Second)
		r.want("new", library.Blocked)
		r.pull("a")
		r.settle(30 * time.Second)
		r.want("new", library.Ready)
	})
}

func TestEstimates(t *testing.T) {
	hour := transcode.Media{DurationSeconds: 3600, Video: &transcode.Video{Width: 1920, Height: 1080}}
	cases := []struct {
		name string
		m    transcode.Media
		rung transcode.Rung
		size int64
		want int64
	}{
		{"a remux writes the file and a tenth", hour, transcode.Direct, 1000, 1100},
		{"a conversion writes at most its rate", hour, transcode.Convert, 1000, 3600 * (5000 + soundKilobits) * 125},
		{"without a length the file's size has to do", transcode.Media{}, transcode.Convert, 1 << 30, 1 << 30},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := estimateBytes(c.m, transcode.Plan{Rung: c.rung}, c.size); got != c.want {
				t.Errorf("%d, want %d", got, c.want)
			}
		})
	}
}
