package intake

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/appliance/usb/note"
)

// Every reason that the mount helper can give has words of its own.
func TestASentenceForEveryStickThatIsNotRead(t *testing.T) {
	seen := map[string]note.Reason{}
	for _, r := range []note.Reason{
		note.Apple, note.BitLocker, note.Encrypted, note.Damaged, note.NoFileSystem, note.UnknownFileSystem, note.InUse, note.TurnedOff, note.TooMany, note.Silent,
	} {
		why := whyUnread(usb.Stick{Label: "FILMS\x1b[31m", Reason: r})
		if why == nil || why.Code == CodeStickUnreadable || !strings.Contains(why.Text, `"FILMS`) || strings.Contains(why.Text, "\x1b") ||
			strings.ContainsAny(why.Parameters["label"].(string), "\x1b") {
			t.Errorf("%s: %+v", r, why)
			continue
		}
		if other, twice := seen[why.Code]; twice {
			t.Errorf("%s and %s are both %s", r, other, why.Code)
		}
		seen[why.Code] = r
	}
	if why := whyUnread(usb.Stick{Reason: "something new"}); why == nil || why.Code != CodeStickUnreadable {
		t.Errorf("a reason of a newer helper: %+v", why)
	}
	if why := whyUnread(usb.Stick{Label: "FILMS"}); why != nil {
		t.Errorf("one that is read: %+v", why)
	}
}

func TestSticksThatCannotBeReadAreShownAndLeftAlone(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("good", "film.mp4", content(spec{Name: "film", Seconds: 4}))
		r.start()
		r.plug("good")
		good := r.sticks[0]
		blank := usb.Stick{ID: "sdb1", Label: "sdb1", Plugged: 7, Reason: note.NoFileSystem}
		owners := usb.Stick{ID: "sdc1", Label: "BACKUP", Plugged: 8, Reason: note.InUse, Ignored: true}
		r.in.SetSticks([]usb.Stick{good, blank, owners})
		r.settle(10 * time.Second)
		r.want("film", library.Ready)
		if s := r.stick("sdb1"); s.State != library.StickUnreadable || s.Reason.Code != CodeStickNoFileSystem {
			t.Errorf("%+v", s)
		}
		if s := r.stick("sdc1"); s.State != library.StickIgnored || s.Reason.Code != CodeStickInUse {
			t.Errorf("%+v", s)
		}
		codes := map[string]bool{}
		for _, p := range r.lib.Problems() {
			codes[p.Code] = true
		}
		if !codes[CodeStickNoFileSystem] || codes[CodeStickInUse] {
			t.Errorf("problems %v: a person should look at a blank stick, and not at the owner's disk", codes)
		}
		if err := r.in.Rescan(); err != nil {
			t.Error(err)
		}
		r.settle(15 * time.Second)
		if r.in.Working() {
			t.Error("a stick that cannot be read keeps the box busy")
		}
		// It is formatted elsewhere and comes back under the same name.
		r.put("sdb1", "other.mp4", content(spec{Name: "other", Seconds: 4}))
		r.in.SetSticks([]usb.Stick{good})
		r.settle(time.Second)
		if n := len(r.lib.Sticks()); n != 1 || len(r.lib.Problems()) != 0 {
			t.Errorf("%d sticks, problems %v", n, r.lib.Problems())
		}
		r.sticks = []usb.Stick{good}
		r.plug("sdb1")
		r.settle(10 * time.Second)
		r.want("other", library.Ready)
	})
}

// What udev and the helper leave of a table with hundreds of partitions.
func TestAStickWithTooManyPartitionsIsNamed(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("good", "film.mp4", content(spec{Name: "film", Seconds: 4}))
		r.start()
		r.plug("good")
		told := []usb.Stick{r.sticks[0]}
		for n := range 16 {
			told = append(told, usb.Stick{ID: fmt.Sprintf("sdb%d", n+1), Label: fmt.Sprintf("sdb%d", n+1), Plugged: uint64(n + 7), Reason: note.NoFileSystem})
		}
		told = append(told, usb.Stick{ID: "sdb17", Label: "sdb17", Plugged: 23, Reason: note.TooMany, Ignored: true})
		r.in.SetSticks(told)
		r.settle(10 * time.Second)
		r.want("film", library.Ready)
		s := r.stick("sdb17")
		if s.State != library.StickIgnored || s.Reason == nil || s.Reason.Code != CodeStickTooMany || s.Reason.Parameters["label"] != "sdb17" {
			t.Errorf("%+v, %+v", s, s.Reason)
		}
		if n := len(r.lib.Sticks()); n != len(told) {
			t.Errorf("%d sticks are shown, %d were told", n, len(told))
		}
		if r.in.Working() {
			t.Error("partitions that cannot be read keep the box busy")
		}
	})
}

// A loose contact: what is left at the end is what is plugged, and nothing of
// the rest.
func TestHundredsOfPlugsInAMinute(t *testing.T) {
	inBox(t, func(r *rig) {
		t := r.t
		r.put("s", "film.mp4", content(spec{Name: "film", Seconds: 4}))
		r.start()
		for n := range 500 {
			r.plug("s")
			r.settle(time.Duration(n%13) * 10 * time.Millisecond)
			r.pull("s")
			r.settle(time.Duration(n%7) * 10 * time.Millisecond)
		}
		r.settle(time.Minute)
		r.in.mu.Lock()
		if len(r.in.films) != 0 || len(r.in.sticks) != 0 || len(r.in.probes) != 0 || len(r.in.checks) != 0 || len(r.in.thumbs) != 0 || len(r.in.pictured) > 1 {
			t.Errorf("left behind: %d films, %d sticks, %d probes, %d thumbs, %d pictured", len(r.in.films), len(r.in.sticks), len(r.in.probes), len(r.in.thumbs), len(r.in.pictured))
		}
		r.in.mu.Unlock()
		r.plug("s")
		r.settle(time.Minute)
		r.want("film", library.Ready)
		if len(r.titles()) != 1 {
			t.Errorf("titles: %v", r.titles())
		}
	})
}
