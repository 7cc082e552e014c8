//go:build card

package cardtest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"streambox.local/image/boxtest"
)

// figures are what `make bench-image` puts beside the bars; web/e2e/bench/image.mjs reads them.
// Bytes are MB of a million; seconds are the emulated machine's own.
type figures struct {
	Load     string   `json:"load"`     // of this machine, before: who measures on a busy one measures that
	Services []string `json:"services"` // of ours that were started from power on to ready
	Others   int      `json:"others"`   // those of the system
	// Userspace to READY, and of the same card with streambox.service masked to multi-user.target; by turns.
	Ready     []float64 `json:"readySeconds"`
	Reference []float64 `json:"referenceSeconds"`
	Memory    memory    `json:"memory"`
	Idle      written   `json:"idle"`
	Opened    written   `json:"opened"`  // the first minute of a film that nobody has opened before
	Played    written   `json:"played"`  // its segments alone, as a player that keeps no place
	Watched   written   `json:"watched"` // as the page plays, which keeps its place every 10 s
}

// memory is the guest's, with nobody watching.
type memory struct {
	Used     float64 `json:"usedMB"`     // MemTotal − MemFree − Buffers − Cached − SReclaimable
	FreeUsed float64 `json:"freeUsedMB"` // free's "used": MemTotal − MemAvailable, which leaves out the kernel's watermark and what it would not give up
	Shared   float64 `json:"sharedMB"`   // what lies in tmpfs, which Cached counts
}

// written is what the card was given in a time.
type written struct {
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

const (
	bootPairs   = 2
	idleTime    = 5 * time.Minute
	openTime    = time.Minute
	playTime    = 5 * time.Minute
	watchTime   = 6 * time.Minute // the box writes places every 3
	settleTime  = time.Minute     // after the films are read: what is written later belongs to nobody's action
	placeEvery  = 10 * time.Second
	maskedBoxes = "systemd.mask=streambox.service"
)

// TestFigures measures what a started card costs. Nothing is asserted but that it was measured.
func TestFigures(t *testing.T) {
	d, diary := newDay(t, "figures")
	load, err := os.ReadFile("/proc/loadavg")
	boxtest.Must(t, err)
	f := figures{Load: strings.Fields(string(load))[0]}
	diary.Step("the stick is made", func(t *testing.T) {
		t.Helper()
		folder := boxtest.Films(t) // all three play as they are: nothing is converted meanwhile
		d.Stick, d.Titles = filepath.Join(d.card.dir, "stick.img"), 3
		boxtest.FATStick(t, d.Stick, folder)
	})
	diary.Step("first start, which grows the card", func(t *testing.T) {
		t.Helper()
		d.start(t, "")
		d.settled(t)
		d.off(t)
	})
	for n := range bootPairs {
		diary.Step(fmt.Sprintf("start %d without StreamBox", n+1), func(t *testing.T) {
			t.Helper()
			d.card.units = []string{maskedBoxes}
			d.Guest = d.card.powerOn(t, "")
			d.card.units = nil
			f.Reference = append(f.Reference, d.secondsTo(t, "multi-user.target"))
			d.off(t)
		})
		diary.Step(fmt.Sprintf("start %d with it", n+1), func(t *testing.T) {
			t.Helper()
			d.start(t, "")
			f.Ready = append(f.Ready, d.secondsTo(t, "streambox.service"))
			if n < bootPairs-1 {
				d.off(t)
			}
		})
	}
	d.Note("userspace to READY %.1f s, without StreamBox to multi-user.target %.1f s", f.Ready, f.Reference)
	diary.Step("what was started", func(t *testing.T) {
		t.Helper()
		f.Services, f.Others = d.started(t)
		d.Note("ours: %s; others: %d", strings.Join(f.Services, " "), f.Others)
	})
	diary.Step("stick in: its films can be played", d.StickIn)
	diary.Step("idle", func(t *testing.T) {
		t.Helper()
		boxtest.Hold(t, settleTime)
		f.Idle = d.writes(t, func() { boxtest.Hold(t, idleTime) })
		f.Memory = d.memory(t)
		d.Note("%+v, memory %+v", f.Idle, f.Memory)
	})
	diary.Step("a film is opened for the first time", func(t *testing.T) {
		t.Helper()
		f.Opened = d.writes(t, func() { d.watch(t, openTime, 0) })
		d.Note("%+v", f.Opened)
	})
	diary.Step("its segments are read, as fast as it plays", func(t *testing.T) {
		t.Helper()
		f.Played = d.writes(t, func() { d.watch(t, playTime, 0) })
		d.Note("%+v", f.Played)
	})
	diary.Step("and its place is kept, as the page does", func(t *testing.T) {
		t.Helper()
		f.Watched = d.writes(t, func() { d.watch(t, watchTime, placeEvery) })
		d.Note("%+v", f.Watched)
	})
	diary.Step("it switches off", d.off)
	data, err := json.MarshalIndent(f, "", "  ")
	boxtest.Must(t, err)
	boxtest.Must(t, os.WriteFile(boxtest.Cache(t, "cardtest", "figures.json"), append(data, '\n'), 0o644))
}

// off switches the system off in order, as the button does.
func (d *day) off(t *testing.T) {
	t.Helper()
	d.Sh(t, "systemctl poweroff --no-block")
	d.UntilOff(t, 2*boxtest.StepWait)
}

// secondsTo waits until all has started, and says how long after the start of systemd a unit was there.
func (d *day) secondsTo(t *testing.T, unit string) float64 {
	t.Helper()
	// Its status says whether anything has failed, which settled judges.
	out, err := d.Shell.Run(boxtest.Within(t, 2*boxtest.BootWait), `systemctl is-system-running --wait || true
		systemctl show --value -p UserspaceTimestampMonotonic; systemctl show --value -p ActiveEnterTimestampMonotonic `+unit)
	boxtest.Must(t, err)
	words := strings.Fields(out)
	if len(words) != 3 || words[0] != "running" {
		t.Fatalf("the system says %q", out)
	}
	began, there := number(t, words[1]), number(t, words[2])
	if there <= began {
		t.Fatalf("%s was not there: %q", unit, out)
	}
	return float64(there-began) / 1e6
}

// started are the services of this start, ours by name. A oneshot that is done is forgotten by systemd, and in the journal.
func (d *day) started(t *testing.T) (ours []string, others int) {
	t.Helper()
	const unitStarted = "39f53479d3a045ac8e11786248231fbf" // systemd.journal-fields(7): SD_MESSAGE_UNIT_STARTED
	out := d.Sh(t, `systemctl show '*.service' -p Id -p ExecMainStartTimestampMonotonic | awk -F= '$1 == "ExecMainStartTimestampMonotonic" { at = $2 } $1 == "Id" { id = $2 } NF == 0 { if (at > 0) print id; at = 0; id = "" } END { if (at > 0) print id }'
		journalctl -b -o json --output-fields=UNIT MESSAGE_ID=`+unitStarted+` | sed -n 's/.*"UNIT":"\([^"]*\.service\)".*/\1/p'`)
	all := slices.Compact(slices.Sorted(slices.Values(strings.Fields(out))))
	for _, name := range all {
		switch {
		case strings.HasPrefix(name, "streambox"):
			ours = append(ours, name)
		case name != "vm-shell.service": // the test's own
			others++
		}
	}
	if !slices.Contains(ours, "streambox.service") {
		t.Fatalf("the box itself is not among what was started: %q", all)
	}
	return ours, others
}

// memory reads the guest's.
func (d *day) memory(t *testing.T) memory {
	t.Helper()
	kilobytes := map[string]int64{}
	for line := range strings.Lines(d.Sh(t, "cat /proc/meminfo")) {
		if words := strings.Fields(line); len(words) > 1 {
			kilobytes[strings.TrimSuffix(words[0], ":")] = number(t, words[1])
		}
	}
	mega := func(plus string, minus ...string) float64 {
		sum := kilobytes[plus]
		if sum == 0 {
			t.Fatalf("there is no %s in %v", plus, kilobytes)
		}
		for _, name := range minus {
			sum -= kilobytes[name]
		}
		return float64(sum) * 1024 / 1e6
	}
	return memory{
		Used:     mega("MemTotal", "MemFree", "Buffers", "Cached", "SReclaimable"),
		FreeUsed: mega("MemTotal", "MemAvailable"), Shared: mega("Shmem"),
	}
}

// writes says what the card is given while f lasts. What was waiting before is written before, what f leaves waiting belongs to it.
func (d *day) writes(t *testing.T, f func()) written {
	t.Helper()
	const sectorBytes = 512
	sectors := func() int64 {
		return number(t, d.Sh(t, `sync; awk '$3 == "vda" { print $10 }' /proc/diskstats`))
	}
	before, began := sectors(), time.Now()
	f()
	took := time.Since(began).Seconds()
	return written{Bytes: (sectors() - before) * sectorBytes, Seconds: took}
}

// watch reads a film's segments at the speed at which it plays, from its beginning again where it ends. Where keep is not
// 0 the place is told as often.
func (d *day) watch(t *testing.T, lasting, keep time.Duration) {
	t.Helper()
	film := d.First["segments"]
	names := d.Phone.Segments(t, film)
	lengths := d.lengths(t, film)
	if len(names) != len(lengths) {
		t.Fatalf("%d segments, and the lengths of %d", len(names), len(lengths))
	}
	began, due, told := time.Now(), time.Duration(0), time.Duration(0)
	for n := 0; due < lasting; n = (n + 1) % len(names) {
		status, body, err := d.Phone.Get(boxtest.Within(t, boxtest.StepWait), names[n])
		if err != nil || status != 200 || len(body) == 0 {
			t.Fatalf("%s: status %d, %d bytes, %v", names[n], status, len(body), err)
		}
		due += lengths[n]
		boxtest.Hold(t, time.Until(began.Add(due)))
		if keep > 0 && due-told >= keep {
			told = due
			d.Phone.Send(t, "PUT", "/api/v1/resume/"+film.ID, fmt.Sprintf(`{"seconds":%.1f}`, due.Seconds()))
		}
	}
	d.Note("%v of film read in %v", due.Round(time.Second), time.Since(began).Round(time.Second))
}

// lengths are those of a title's segments (RFC 8216, EXTINF).
func (d *day) lengths(t *testing.T, film boxtest.Title) []time.Duration {
	t.Helper()
	_, body, err := d.Phone.Get(boxtest.Within(t, boxtest.StepWait), film.Playlist)
	boxtest.Must(t, err)
	var all []time.Duration
	for line := range strings.Lines(string(body)) {
		if value, is := strings.CutPrefix(line, "#EXTINF:"); is {
			text, _, _ := strings.Cut(strings.TrimSpace(value), ",")
			seconds, err := strconv.ParseFloat(text, 64)
			boxtest.Must(t, err)
			all = append(all, time.Duration(seconds*float64(time.Second)))
		}
	}
	return all
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	boxtest.Must(t, err)
	return n
}
