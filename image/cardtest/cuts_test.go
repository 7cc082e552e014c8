//go:build card

package cardtest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"streambox.local/image/blklog"
	"streambox.local/image/boxtest"
)

// acknowledged is a name that the box had said it keeps, and how much of the
// recording was on the disk by then.
type acknowledged struct {
	entries int
	name    string
}

// recorded is what the card's writes were noted for.
type recorded struct {
	record    boxtest.Recording
	base      string // the card before
	stretches []boxtest.Stretch
	names     []acknowledged
	finished  int // entries when the conversion was said to be finished; 0: not
}

// cutPoints is how many moments of each stretch are looked at, at least.
const cutPoints = 1000

// stretch notes which entries of the recording something has made.
func (r *recorded) stretch(t *testing.T, name string, least int, do func()) {
	t.Helper()
	from := 0
	if n := len(r.stretches); n > 0 {
		from = r.stretches[n-1].To // what happened in between belongs to what follows: no moment is left out
	}
	do()
	r.stretches = append(r.stretches, boxtest.Stretch{Name: name, From: from, To: r.record.Entries(t), Least: least})
}

// rest is the stretch that ends with the recording. Little is written in it, so there is no least number of moments.
func (r *recorded) rest(t *testing.T, name string) {
	t.Helper()
	from := r.stretches[len(r.stretches)-1].To
	r.stretches = append(r.stretches, boxtest.Stretch{Name: name, From: from, To: len(boxtest.ReadLog(t, r.record.Path).Entries) + 1})
}

// giveNames is a host who cannot decide, and a viewer who goes on.
func (d *day) giveNames(t *testing.T, record boxtest.Recording, names int) []acknowledged {
	t.Helper()
	d.Press(t, 400*time.Millisecond)
	boxtest.Hold(t, 2*time.Second)
	d.Phone.Send(t, "POST", "/api/v1/host", "")
	var all []acknowledged
	for n := range names {
		name := fmt.Sprintf("cinema-%d", n)
		d.Phone.Send(t, "PUT", "/api/v1/settings", `{"name":"`+name+`"}`)
		entries := 0
		if record.Path != "" {
			entries = record.Flushed(t)
		}
		all = append(all, acknowledged{entries, name})
		for title, one := range d.First {
			if title == "H264 AAC" {
				d.Phone.Send(t, "PUT", "/api/v1/resume/"+one.ID, fmt.Sprintf(`{"seconds":%d}`, n))
			}
		}
	}
	return all
}

// checker looks at the parts of a card as its next start does.
type checker struct {
	program string
	disk    int64               // bytes
	final   map[int]blklog.Part // the table as it is to be
	parts   []blklog.Part       // what is looked at: gaps with tables first, then p1, p7, p8
	gaps    int                 // how many of parts lie between partitions
	said    *recorded           // what was promised
	// boots tells whether autoboot.txt is one that was written, and fits the state; nil: it never changes.
	boots func(p1, state string) error
}

// newChecker knows the finished card's table.
func newChecker(t *testing.T, c *card, said *recorded) *checker {
	t.Helper()
	final, err := partitions(c.path)
	boxtest.Must(t, err)
	k := &checker{program: boxtest.Cache(t, "cardtest", "streambox-host"), disk: cardGiB << 30, final: final, said: said}
	boxtest.HostBuild(t, k.program, "build", "./cmd/streambox")
	end := func(n int) int64 { return final[n].Offset + final[n].Bytes }
	// The tables of logical partitions lie in the gaps before them.
	for n, gap := range [][2]int64{{0, final[1].Offset}, {end(3), final[5].Offset}, {end(5), final[6].Offset}, {end(6), final[7].Offset}, {end(7), final[8].Offset}} {
		k.parts = append(k.parts, blklog.Part{Name: fmt.Sprintf("gap%d", n), Offset: gap[0], Bytes: gap[1] - gap[0]})
	}
	k.gaps = len(k.parts)
	k.parts = append(k.parts, final[settingsPart], final[statePart], final[libraryPart])
	return k
}

// check is boxtest.Cuts' Check.
func (k *checker) check(dir string, images []string, at blklog.Point) error {
	table, err := k.table(filepath.Join(dir, "disk"), images[:k.gaps])
	if err != nil {
		return err
	}
	for _, n := range []int{1, 2, 3, 5, 6} {
		if table[n] != k.final[n] {
			return fmt.Errorf("the card does not start: partition %d is %+v", n, table[n])
		}
	}
	settings, state, films := images[k.gaps], images[k.gaps+1], images[k.gaps+2]
	_, hasLibrary := table[libraryPart]
	if err = boxtest.Sound(state); err != nil {
		if hasLibrary || table[statePart] == k.final[statePart] && k.after(at, 0) {
			return fmt.Errorf("the state would begin anew: %w", err)
		}
		return nil // the first start begins again
	}
	if err = boxtest.Extract(state, dir); err != nil {
		return err
	}
	if k.boots != nil {
		if err = k.boots(settings, dir); err != nil {
			return err
		}
	}
	data := filepath.Join(dir, "box")
	if hasLibrary {
		// The marks of the card's first start (image/card/overlay, prepare).
		if !exists(filepath.Join(dir, "system", "state")) {
			return errors.New("the page would say that the state was lost")
		}
		complete := exists(filepath.Join(dir, "system", "library"))
		if err = boxtest.Sound(films); err == nil {
			library := filepath.Join(data, "library")
			if err = os.MkdirAll(library, 0o755); err == nil {
				err = boxtest.Extract(films, library)
			}
		} else if !complete {
			err = nil // the first start begins again
		} else {
			err = fmt.Errorf("the library would begin anew: %w", err)
		}
		if err != nil {
			return err
		}
	}
	found, err := boxtest.CheckState(k.program, data)
	if err != nil {
		return err
	}
	return k.kept(found, at)
}

// after: the point lies behind the stretch of this number.
func (k *checker) after(at blklog.Point, stretch int) bool {
	return len(k.said.stretches) > stretch && at.Durable >= k.said.stretches[stretch].To
}

// table reads the partitions of a disk of which only the gaps are there.
func (k *checker) table(disk string, gaps []string) (map[int]blklog.Part, error) {
	f, err := os.Create(disk)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err = f.Truncate(k.disk); err != nil {
		return nil, err
	}
	for n, gap := range gaps {
		content, readErr := os.ReadFile(gap)
		if readErr != nil {
			return nil, readErr
		}
		const piece = 4096
		for at := 0; at < len(content); at += piece { // holes stay
			if part := content[at:min(at+piece, len(content))]; len(bytes.Trim(part, "\x00")) > 0 {
				if _, err = f.WriteAt(part, k.parts[n].Offset+int64(at)); err != nil {
					return nil, err
				}
			}
		}
	}
	if err = f.Close(); err != nil {
		return nil, err
	}
	return partitions(disk)
}

// promised is what the box had said it keeps, by then: boxtest.Cuts' Promised.
func (k *checker) promised(at blklog.Point) string {
	return fmt.Sprint(k.after(at, 0), k.lastName(at), k.said.finished > 0 && at.Durable >= k.said.finished)
}

// lastName is the number of the last name that had been acknowledged; -1: none.
func (k *checker) lastName(at blklog.Point) int {
	had := -1
	for n, a := range k.said.names {
		if at.Durable >= a.entries {
			had = n
		}
	}
	return had
}

// kept holds what is found against what the box had promised.
func (k *checker) kept(found boxtest.State, at blklog.Point) error {
	had, now := k.lastName(at), -1
	for n, a := range k.said.names {
		if a.name == found.ChosenName {
			now = n
		}
	}
	if now < had {
		return fmt.Errorf("the box is called %q; %q had been acknowledged", found.ChosenName, k.said.names[had].name)
	}
	if k.said.finished > 0 && at.Durable >= k.said.finished && found.Finished != 1 {
		return fmt.Errorf("the finished conversion is lost: %+v", found)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// onlyOnState: nothing else of the card is ever written, but for its table at the first start.
func (k *checker) onlyOnState(t *testing.T, log *blklog.Log, first boxtest.Stretch) {
	t.Helper()
	for n, e := range log.Entries {
		inside := func(part blklog.Part) bool {
			return e.Offset >= part.Offset && e.Offset+e.Length <= part.Offset+part.Bytes
		}
		allowed := !e.Writes() || inside(k.final[statePart]) || inside(k.final[libraryPart])
		for _, gap := range k.parts[:k.gaps] {
			allowed = allowed || n < first.To && inside(gap)
		}
		if !allowed {
			t.Fatalf("entry %d of the recording writes %d bytes at %d, which is neither state nor library", n, e.Length, e.Offset)
		}
	}
}

// cuts are those of the recording.
func (k *checker) cuts(t *testing.T) boxtest.Cuts {
	t.Helper()
	return boxtest.Cuts{Log: boxtest.ReadLog(t, k.said.record.Path), Base: k.said.base, Parts: k.parts, Check: k.check, Promised: k.promised}
}

// lookAt replays the recording and checks every point of every stretch.
func (k *checker) lookAt(t *testing.T, diary *boxtest.Diary) {
	t.Helper()
	cuts := k.cuts(t)
	diary.Try("only state and library are written", func(t *testing.T) {
		t.Helper()
		k.onlyOnState(t, cuts.Log, k.said.stretches[0])
	})
	for _, s := range k.said.stretches {
		diary.Try("power cuts: "+s.Name, func(t *testing.T) {
			t.Helper()
			diary.Note("%s", cuts.Run(t, s))
		})
	}
}
