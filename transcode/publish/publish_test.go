package publish

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// folder is what a reader finds: the playlist and the digests, checked against
// the files.
type folder struct {
	names    []string
	lengths  []float64
	tags     map[string]string
	ended    bool
	playlist string
}

// look reads the folder as a web server does and fails when it lists what is
// not there. A folder without playlist yet has no names.
func look(dir string) (folder, error) {
	f := folder{tags: map[string]string{}}
	// The playlist first: digests are written before it, so they are at least as new.
	text, err := os.ReadFile(filepath.Join(dir, playlistName))
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.playlist = string(text)
	if !bytes.HasPrefix(text, []byte("#EXTM3U\n")) || !bytes.HasSuffix(text, []byte("\n")) {
		return f, fmt.Errorf("not a whole playlist: %q", text)
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		tag, value, _ := strings.Cut(lines.Text(), ":")
		switch {
		case tag == "#EXTINF":
			seconds, err := strconv.ParseFloat(strings.TrimSuffix(value, ","), 64)
			if err != nil {
				return f, err
			}
			f.lengths = append(f.lengths, seconds)
		case tag == "#EXT-X-ENDLIST":
			f.ended = true
		case strings.HasPrefix(tag, "#"):
			f.tags[tag] = value
		default:
			f.names = append(f.names, lines.Text())
		}
	}
	if len(f.names) != len(f.lengths) || len(f.names) == 0 {
		return f, fmt.Errorf("%d names, %d durations", len(f.names), len(f.lengths))
	}
	return f, f.check(dir)
}

func (f folder) check(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, hashesName))
	if err != nil {
		return err
	}
	var hashes struct {
		Schema   int
		Segments []struct {
			Name, SHA256 string
			Bytes        int64
		}
	}
	if err := json.Unmarshal(text, &hashes); err != nil || hashes.Schema != 1 {
		return fmt.Errorf("%s, schema %d: %w", hashesName, hashes.Schema, err)
	}
	if len(hashes.Segments) < len(f.names) {
		return fmt.Errorf("%d segments listed, %d digests", len(f.names), len(hashes.Segments))
	}
	for i, name := range f.names {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("listed, but: %w", err)
		}
		digest := sha256.Sum256(data)
		h := hashes.Segments[i]
		if h.Name != name || h.Bytes != int64(len(data)) || h.SHA256 != hex.EncodeToString(digest[:]) {
			return fmt.Errorf("%s has %d bytes and is listed as %+v", name, len(data), h)
		}
	}
	return nil
}

func mustLook(t *testing.T, dir string) folder {
	t.Helper()
	f, err := look(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func content(number, size int) []byte {
	data := make([]byte, size)
	source := rand.New(rand.NewPCG(1, uint64(number)))
	for i := range data {
		data[i] = byte(source.Uint32())
	}
	return data
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newDir(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "video-3f9a2c7b") }

func TestAFinishedFolderHoldsWhatWasAdded(t *testing.T) {
	dir := newDir(t)
	p, err := Create(dir)
	must(t, err)
	var released atomic.Int32
	for i, seconds := range []float64{4.004, 4.171, 2.5} {
		data := content(i, 1000*(i+1))
		must(t, p.Add(t.Context(), Segment{Number: i, Data: data, DurationSeconds: seconds, Release: func() {
			clear(data) // what was given back is not looked at again
			released.Add(1)
		}}))
	}
	m, err := p.Finish(t.Context())
	must(t, err)
	if released.Load() != 3 {
		t.Errorf("%d of 3 were released", released.Load())
	}
	if m.TotalBytes != 6000 || len(m.SegmentBytes) != 3 || m.SegmentBytes[2] != 3000 || m.DurationSeconds < 10.674 || m.DurationSeconds > 10.676 {
		t.Errorf("manifest %+v", m)
	}
	want := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:20\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:EVENT\n" +
		"#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-START:TIME-OFFSET=0\n" +
		"#EXTINF:4.004000,\nseg00000.ts\n#EXTINF:4.171000,\nseg00001.ts\n#EXTINF:2.500000,\nseg00002.ts\n#EXT-X-ENDLIST\n"
	if got := mustLook(t, dir).playlist; got != want {
		t.Errorf("playlist\n%s\nwant\n%s", got, want)
	}
	files, err := os.ReadDir(dir)
	must(t, err)
	if len(files) != 5 {
		t.Errorf("there are other files: %v", files)
	}
}

func TestAPlaylistGrowsAndIsTrueAtEveryMoment(t *testing.T) {
	dir := newDir(t)
	p, err := Create(dir)
	must(t, err)
	var looks, most atomic.Int64
	var reader sync.WaitGroup
	stop := make(chan struct{})
	reader.Go(func() {
		for {
			f, wrong := look(dir)
			if wrong != nil {
				t.Error(wrong)
				return
			}
			if len(f.names) > 0 && (f.tags["#EXT-X-PLAYLIST-TYPE"] != "EVENT" || f.tags["#EXT-X-TARGETDURATION"] != "20") {
				t.Errorf("the tags have changed: %v", f.tags)
			}
			if int64(len(f.names)) < most.Load() {
				t.Error("the playlist has lost a segment")
			}
			most.Store(int64(len(f.names)))
			looks.Add(1)
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	for i := range 150 {
		must(t, p.Add(t.Context(), Segment{Number: i, Data: content(i, 1+i*37%9000), DurationSeconds: 4}))
	}
	_, err = p.Finish(t.Context())
	must(t, err)
	close(stop)
	reader.Wait()
	if f := mustLook(t, dir); !f.ended || len(f.names) != 150 || looks.Load() < 2 {
		t.Errorf("ended %v, %d segments, looked %d times", f.ended, len(f.names), looks.Load())
	}
}

// quiet is a disk that keeps nothing: for tests of what is written when.
type quiet struct {
	mu    sync.Mutex
	names []string // of what was renamed to, in order
	delay func(name string) time.Duration
}

func (q *quiet) mkdir(string) error { return nil }
func (q *quiet) create(name string) (file, error) {
	return &quietFile{q: q, name: name}, nil
}

func (q *quiet) rename(_, to string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.names = append(q.names, filepath.Base(to))
	return nil
}
func (q *quiet) syncFile(string) error { return nil }
func (q *quiet) syncDir(string) error  { return nil }

func (q *quiet) count(name string) (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, one := range q.names {
		if one == name {
			n++
		}
	}
	return n
}

type quietFile struct {
	q    *quiet
	name string
}

func (f *quietFile) Close() error { return nil }
func (f *quietFile) Sync() error  { return nil }
func (f *quietFile) StartSync()   {}
func (f *quietFile) Write(p []byte) (int, error) {
	if f.q.delay != nil {
		time.Sleep(f.q.delay(f.name)) //nolint:forbidigo // the bubble's clock: a slow disk
	}
	return len(p), nil
}

func TestListsAreWrittenAtOnceAndThenNotTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &quiet{}
		p, err := create("x", d)
		must(t, err)
		add := func(i int) {
			must(t, p.Add(t.Context(), Segment{Number: i, Data: []byte("x"), DurationSeconds: 4}))
			synctest.Wait()
		}
		add(0)
		if n := d.count(playlistName); n != 1 {
			t.Errorf("after the first segment the playlist was written %d times", n)
		}
		for i := range 200 { // 5 ms each: one second
			<-time.After(5 * time.Millisecond)
			add(i + 1)
		}
		if n := d.count(playlistName); n < 4 || n > 6 {
			t.Errorf("within a second the playlist was written %d times", n)
		}
		<-time.After(listInterval)
		synctest.Wait()
		if n := len(p.Manifest().SegmentBytes); n != 201 {
			t.Errorf("when no more came, %d of 201 were listed", n)
		}
		_, err = p.Finish(t.Context())
		must(t, err)
	})
}

func TestSegmentsAreListedInOrderThoughLaterOnesAreFaster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &quiet{delay: func(name string) time.Duration {
			if strings.Contains(name, "seg00000") {
				return time.Second
			}
			return 0
		}}
		p, err := create("x", d)
		must(t, err)
		for i := range 3 {
			must(t, p.Add(t.Context(), Segment{Number: i, Data: []byte("x"), DurationSeconds: 4}))
		}
		synctest.Wait()
		if d.count(segmentName(2)) != 1 || d.count(playlistName) != 0 || len(p.Manifest().SegmentBytes) != 0 {
			t.Errorf("before the first is written: %v", d.names)
		}
		<-time.After(time.Second)
		synctest.Wait()
		if n := len(p.Manifest().SegmentBytes); n != 3 || d.count(playlistName) != 1 {
			t.Errorf("%d are listed, %v", n, d.names)
		}
		must(t, p.Add(t.Context(), Segment{Number: 3, Data: []byte("x"), DurationSeconds: 4}))
		synctest.Wait()
		now := time.Now()
		_, err = p.Finish(t.Context())
		must(t, err)
		if time.Since(now) != 0 {
			t.Error("Finish waited for the next time to write the lists")
		}
	})
}

func TestAddWaitsWhileTooMuchIsUnderWay(t *testing.T) {
	for name, c := range map[string]struct{ size, room int }{
		"too many segments":                         {1, maxUnderWay},
		"too many bytes":                            {maxBytesUnderWay / 2, 2},
		"one larger than all that may be under way": {maxBytesUnderWay + 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, err := create("x", &quiet{delay: func(string) time.Duration { return time.Minute }})
				must(t, err)
				data := make([]byte, c.size)
				for i := range c.room {
					must(t, p.Add(t.Context(), Segment{Number: i, Data: data, DurationSeconds: 4}))
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				err = p.Add(ctx, Segment{Number: c.room, Data: data, DurationSeconds: 4})
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("one more: %v", err)
				}
				if _, err = p.Finish(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("finish: %v", err)
				}
				must(t, p.Discard())
			})
		})
	}
}

func TestWrongUseIsRefused(t *testing.T) {
	good := Segment{Data: []byte("x"), DurationSeconds: 4}
	for name, s := range map[string]Segment{
		"a number left out":     {Number: 1, Data: good.Data, DurationSeconds: 4},
		"no data":               {DurationSeconds: 4},
		"no duration":           {Data: good.Data},
		"a duration below zero": {Data: good.Data, DurationSeconds: -1},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := Create(newDir(t))
			must(t, err)
			if p.Add(t.Context(), s) == nil {
				t.Error("was added")
			}
			if p.Add(t.Context(), good) == nil {
				t.Error("another was added after the error")
			}
			if _, err := p.Finish(t.Context()); err == nil {
				t.Error("was finished")
			}
			must(t, p.Discard())
		})
	}
	t.Run("a folder that exists", func(t *testing.T) {
		if _, err := Create(t.TempDir()); !errors.Is(err, fs.ErrExist) {
			t.Error(err)
		}
	})
	t.Run("no segment at all", func(t *testing.T) {
		p, err := Create(newDir(t))
		must(t, err)
		if _, err := p.Finish(t.Context()); !errors.Is(err, ErrNothing) {
			t.Error(err)
		}
	})
}

func TestDiscardLeavesNothing(t *testing.T) {
	for _, finish := range []bool{false, true} {
		t.Run(fmt.Sprintf("finished %v", finish), func(t *testing.T) {
			dir := newDir(t)
			p, err := Create(dir)
			must(t, err)
			for i := range 20 {
				must(t, p.Add(t.Context(), Segment{Number: i, Data: content(i, 10000), DurationSeconds: 4}))
			}
			if finish {
				_, err = p.Finish(t.Context())
				must(t, err)
			}
			must(t, p.Discard())
			if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Error("the folder is still there")
			}
		})
	}
}

func TestALongerSegmentThanPromisedIsNotDenied(t *testing.T) {
	dir := newDir(t)
	p, err := Create(dir)
	must(t, err)
	p.Announce(5)
	must(t, p.Add(t.Context(), Segment{Data: []byte("x"), DurationSeconds: 7.6}))
	_ = p.wait(t.Context())
	if f := mustLook(t, dir); f.tags["#EXT-X-TARGETDURATION"] != "8" || f.ended {
		t.Error(f.playlist)
	}
}

func TestSegmentsOfSeveralPieces(t *testing.T) {
	dir := newDir(t)
	p, err := Create(dir)
	must(t, err)
	for i, size := range []int{pieceBytes - 1, pieceBytes, pieceBytes + 1, 3*pieceBytes + 5} {
		must(t, p.Add(t.Context(), Segment{Number: i, Data: content(i, size), DurationSeconds: 4}))
	}
	_, err = p.Finish(t.Context())
	must(t, err)
	for i, size := range []int{pieceBytes - 1, pieceBytes, pieceBytes + 1, 3*pieceBytes + 5} {
		data, err := os.ReadFile(filepath.Join(dir, segmentName(i)))
		must(t, err)
		if !bytes.Equal(data, content(i, size)) {
			t.Errorf("segment %d of %d bytes came out otherwise, with %d", i, size, len(data))
		}
	}
	mustLook(t, dir) // the digests are those of the files
}

func TestACancelledJobAddsNothing(t *testing.T) {
	dir := newDir(t)
	p, err := Create(dir)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	must(t, p.Add(ctx, Segment{Data: []byte("x"), DurationSeconds: 4}))
	cancel()
	if err := p.Add(ctx, Segment{Number: 1, Data: []byte("x"), DurationSeconds: 4}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := p.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if f := mustLook(t, dir); f.ended {
		t.Error("was finished")
	}
	must(t, p.Discard())
}

// stopping is a disk that is told to stop while the first segment is synced.
type stopping struct {
	*quiet
	stop   func()
	synced atomic.Int64
}

func (s *stopping) syncFile(string) error {
	s.synced.Add(1)
	s.stop()
	return nil
}

func TestAStopDoesNotWaitForTheWholeDisk(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	d := &stopping{quiet: &quiet{}, stop: cancel}
	p, err := create("x", d)
	must(t, err)
	const segments = 500
	for i := range segments {
		must(t, p.Add(ctx, Segment{Number: i, Data: []byte("x"), DurationSeconds: 4}))
	}
	if _, err := p.Finish(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if n := d.synced.Load(); n < 1 || n > segments/2 {
		t.Errorf("%d of %d segments were synced after all", n, segments)
	}
}

func TestNumbersGrowBeyondFiveDigits(t *testing.T) {
	if segmentName(7) != "seg00007.ts" || segmentName(123456) != "seg123456.ts" {
		t.Error(segmentName(7), segmentName(123456))
	}
}

func TestTwoThousandSegments(t *testing.T) {
	d := &quiet{}
	p, err := create("x", d)
	must(t, err)
	for i := range 2000 {
		must(t, p.Add(t.Context(), Segment{Number: i, Data: []byte("x"), DurationSeconds: 4}))
	}
	m, err := p.Finish(t.Context())
	must(t, err)
	if len(m.SegmentBytes) != 2000 || d.count(playlistName) > 200 {
		t.Errorf("%d segments, playlist written %d times", len(m.SegmentBytes), d.count(playlistName))
	}
}

func TestAFullDiskHasItsName(t *testing.T) {
	for _, cause := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		if err := noSpace(&fs.PathError{Err: cause}); !errors.Is(err, ErrNoSpace) || !errors.Is(err, cause) {
			t.Error(err)
		}
	}
	if err := noSpace(syscall.EIO); errors.Is(err, ErrNoSpace) {
		t.Error(err)
	}
}
