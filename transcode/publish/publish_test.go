package publish

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

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
