package boxtest

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"streambox.local/image/blklog"
)

// Cuts looks at what a power cut would have left at each point of a recording.
type Cuts struct {
	Log   *blklog.Log
	Base  string // the disk before the recording
	Parts []blklog.Part
	// Check looks at the images of the parts at one point, and may write into them.
	// dir is for what it needs besides, and empty.
	Check func(dir string, images []string, at blklog.Point) error
	// Promised says what else Check holds a point against: what the box had said is kept, by
	// then. The same bytes are looked at again when more had been promised. nil: nothing.
	Promised func(at blklog.Point) string
}

// Stretch is a part of the recording: a scenario. Both ends are flushes.
type Stretch struct {
	Name     string
	From, To int // entries of the log
	Least    int // points that there must be; 0: however few there are
}

// usualPoints is how many are looked at where there are so many.
const usualPoints = 1000

// Run looks at the points of a stretch: each flush, each prefix, and so many more
// subsets that there are a thousand, if there are. Points at which all parts are the same
// bytes, and as much had been promised, are looked at once. What is broken is told; of many the first few. The
// answer is a line of figures.
func (c Cuts) Run(t *testing.T, s Stretch) string {
	t.Helper()
	began := time.Now()
	// Always the same points for the same recording.
	points := c.Log.Points(s.From, s.To, max(usualPoints, s.Least), rand.New(rand.NewPCG(uint64(s.From), uint64(s.To))))
	var mu sync.Mutex
	looked := map[string]error{}
	kinds := map[blklog.Kind]int{}
	var broken []string
	workers := min(runtime.NumCPU(), max(1, len(points)/50))
	var all errgroup.Group
	for w := range workers {
		share := points[w*len(points)/workers : (w+1)*len(points)/workers]
		dir := scratch(t)
		all.Go(func() error {
			base, err := os.Open(c.Base)
			if err != nil {
				return err
			}
			defer base.Close()
			replay, err := blklog.NewReplay(c.Log, base, dir, c.Parts...)
			if err != nil {
				return err
			}
			for _, p := range share {
				if t.Context().Err() != nil {
					break
				}
				if err = replay.Visit(p); err != nil {
					break
				}
				key := c.key(replay, p)
				mu.Lock()
				verdict, known := looked[key]
				kinds[p.Kind]++
				mu.Unlock()
				if !known {
					verdict, err = c.look(replay, dir, p)
					if err != nil {
						break
					}
				}
				mu.Lock()
				looked[key] = verdict
				if verdict != nil {
					broken = append(broken, fmt.Sprintf("%v: %v", p, verdict))
				}
				mu.Unlock()
			}
			return errors.Join(err, replay.Close())
		})
	}
	Must(t, all.Wait())
	summary := fmt.Sprintf("%s: entries %d to %d, %d points (%s), %d different disks, %d broken, %v", s.Name, s.From, s.To, len(points), tally(kinds), len(looked), len(broken), time.Since(began).Round(time.Second))
	if len(points) < s.Least {
		t.Errorf("%s: %d points, %d are wanted: too little was written", s.Name, len(points), s.Least)
	}
	const told = 12
	for _, b := range broken[:min(told, len(broken))] {
		t.Error(s.Name + ": " + b)
	}
	if len(broken) > told {
		t.Errorf("%s: and %d more", s.Name, len(broken)-told)
	}
	return summary
}

func (c Cuts) key(r *blklog.Replay, at blklog.Point) string {
	keys := make([]string, len(c.Parts), len(c.Parts)+1)
	for n := range keys {
		keys[n] = r.Key(n)
	}
	if c.Promised != nil {
		keys = append(keys, c.Promised(at))
	}
	return strings.Join(keys, ";")
}

// look makes the images and has them checked. verdict is about the disk, err about the test.
func (c Cuts) look(r *blklog.Replay, dir string, at blklog.Point) (verdict, err error) {
	images := make([]string, len(c.Parts))
	for n := range images {
		if images[n], err = r.Image(n); err != nil {
			return nil, err
		}
	}
	room := filepath.Join(dir, "room")
	if err := os.Mkdir(room, 0o700); err != nil {
		return nil, err
	}
	verdict = c.Check(room, images, at)
	return verdict, os.RemoveAll(room)
}

func tally(kinds map[blklog.Kind]int) string {
	words := make([]string, 0, len(kinds))
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		words = append(words, fmt.Sprintf("%s %d", k, kinds[k]))
	}
	return strings.Join(words, ", ")
}

// scratch is a folder in memory where the machine has one: images are written some thousand times.
func scratch(t *testing.T) string {
	t.Helper()
	const memory = "/dev/shm"
	if info, err := os.Stat(memory); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(memory, "streambox-cuts-") //nolint:usetesting // that is on a disk
	Must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
