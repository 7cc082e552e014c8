//go:build card

package cardtest

import (
	"fmt"
	"path/filepath"
	"testing"

	"streambox.local/image/blklog"
	"streambox.local/image/boxtest"
	"streambox.local/image/vm"
)

// TestPowerIsCut pulls the plug at five moments of one card's life; each time it
// starts again by itself, with what it had promised to keep.
func TestPowerIsCut(t *testing.T) {
	d, diary := newDay(t, "kills")
	diary.Step("the stick is made", d.makeStick)
	plug := func(t *testing.T) {
		t.Helper()
		boxtest.Must(t, d.Plug(boxtest.Within(t, boxtest.StepWait), vm.Stick{ID: "fat", Image: d.Stick}))
	}
	var names []acknowledged
	for _, moment := range []struct {
		name   string
		before bool // before READY: the machine is only switched on
		until  func(t *testing.T)
	}{
		{"the card is growing", true, func(t *testing.T) {
			t.Helper()
			boxtest.Until(t, boxtest.BootWait, "the library is in the table", func() (bool, any) {
				parts, err := partitions(d.card.path)
				_, there := parts[libraryPart]
				return there, err
			})
		}},
		{"READY a moment ago", false, func(*testing.T) {}},
		{"a stick is read", false, func(t *testing.T) {
			t.Helper()
			plug(t)
			boxtest.Until(t, boxtest.StepWait, "the stick is being read", func() (bool, any) {
				b := d.Phone.Box(t)
				return len(b.Sticks) > 0, b
			})
		}},
		{"a film is converted", false, func(t *testing.T) {
			t.Helper()
			plug(t)
			boxtest.Until(t, 8*boxtest.StepWait, "the conversion has begun", func() (bool, any) {
				titles, err := d.Phone.Titles()
				d.First = titles
				return titles[convertedName].State == "converting", fmt.Sprint(titles, err)
			})
		}},
		{"names are given", false, func(t *testing.T) {
			t.Helper()
			plug(t)
			d.First = d.Phone.UntilPlayable(t, "H264 AAC") // whose place is kept as well
			names = d.giveNames(t, boxtest.Recording{}, 3)
		}},
	} {
		diary.Step("cut while "+moment.name, func(t *testing.T) {
			t.Helper()
			if moment.before {
				d.Guest = d.card.powerOn(t, "")
			} else {
				d.start(t, "")
				d.unharmed(t)
			}
			moment.until(t)
			d.Cut()
		})
	}
	diary.Step("it starts again", func(t *testing.T) {
		t.Helper()
		d.start(t, "")
	})
	diary.Try("nothing was lost", func(t *testing.T) {
		t.Helper()
		d.unharmed(t)
		if b := d.Phone.Box(t); b.Name != names[len(names)-1].name {
			t.Errorf("the box is called %q, and was given the name %q", b.Name, names[len(names)-1].name)
		}
	})
	diary.Try("the film is converted to its end", func(t *testing.T) {
		t.Helper()
		plug(t)
		d.converted(t)
	})
	diary.Step("the button held: it switches off", d.switchedOff)
	diary.Try("state and library are whole", d.wholeCard)
}

// unharmed: the start that has just been has lost nothing.
func (d *day) unharmed(t *testing.T) {
	t.Helper()
	out := d.Sh(t, `ls /run/streambox-card | grep -E '^(rebuilt|state-in-memory|settings-missing)' || true
		ls /var/lib/streambox/*.damaged /var/lib/streambox/library/*/*.damaged 2>/dev/null || true`)
	if out != "" {
		t.Errorf("left by the cut: %s", out)
	}
}

// wholeCard looks at the card outside of the machine.
func (d *day) wholeCard(t *testing.T) {
	t.Helper()
	said := &recorded{}
	k := newChecker(t, d.card, said)
	dir := t.TempDir()
	images := make([]string, len(k.parts))
	for n, part := range k.parts {
		images[n] = filepath.Join(d.card.dir, part.Name+".look")
		boxtest.Tool(t, "dd", "if="+d.card.path, "of="+images[n], "iflag=skip_bytes,count_bytes", "bs=1M", "conv=sparse", "status=none",
			fmt.Sprintf("skip=%d", part.Offset), fmt.Sprintf("count=%d", part.Bytes))
		boxtest.Tool(t, "truncate", fmt.Sprintf("-s%d", part.Bytes), images[n])
	}
	boxtest.Must(t, k.check(dir, images, blklog.Point{}))
	for _, image := range images {
		boxtest.Tool(t, "rm", image)
	}
}
