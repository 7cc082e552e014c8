package intake

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/jpeg"
	"math"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/transcode"
)

// Tiles makes pictures that become lighter, one for each that is asked for.
func (t *fakeTools) Tiles(ctx context.Context, stream []byte, count int, m transcode.Media) ([]*image.YCbCr, error) {
	if t.onTiles != nil {
		t.onTiles(ctx)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if t.noTiles || len(stream) == 0 {
		return nil, errors.New("as told")
	}
	size := transcode.TileSize(m)
	tiles := make([]*image.YCbCr, count)
	for i := range tiles {
		tiles[i] = blank(size.X, size.Y)
		for at := range tiles[i].Y {
			tiles[i].Y[at] = byte(20 * t.tiles)
		}
		t.tiles++
	}
	return tiles, nil
}

func (t *fakeTools) tilesMade() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.tiles
}

func TestSmallPictures(t *testing.T) {
	films := realFilms(t, "h264-aac")
	for name, test := range map[string]func(*rig){
		"of a film that somebody opens, when viewers are in time": smallPicturesOfAnOpenedFilm,
		"that cannot be made are tried once":                      smallPicturesAreTriedOnce,
		"give way to who opens another film":                      smallPicturesGiveWay,
		"are made once for two who open the film":                 smallPicturesAreMadeOnce,
		"are read some megabytes at a time":                       keyFramesAreBounded,
	} {
		t.Run(name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				packing(r)
				r.put("a", "film.mp4", films["h264-aac"])
				r.put("a", "other.mp4", append(slices.Clone(films["h264-aac"]), 0))
				test(r)
			})
		})
	}
}

func smallPicturesOfAnOpenedFilm(r *rig) {
	var late atomic.Bool
	late.Store(true)
	change := r.change
	r.change = func(c *Config) {
		change(c)
		c.ViewersLate = late.Load
	}
	r.plugged()
	r.open("film", 1)
	r.settle(30 * time.Second)
	if n := r.tools.tilesMade(); n != 0 {
		r.t.Errorf("%d small pictures while viewers' segments come late", n)
	}
	late.Store(false)
	r.settle(20 * time.Second)
	p := r.title("film").Previews
	if p == nil || p.Count != 3 || p.EverySeconds != 10 || p.Width != 160 || p.Height != 90 || len(p.Sheets) != 1 {
		r.t.Fatalf("previews %+v; log:\n%s", p, r.log)
	}
	if other := r.title("other").Previews; other != nil {
		r.t.Errorf("a film that nobody has opened has %+v", other)
	}
	made := r.tools.tilesMade()
	r.restart()
	r.settle(20 * time.Second)
	r.open("film", 1)
	r.settle(20 * time.Second)
	if n := r.tools.tilesMade(); n != made || r.title("film").Previews == nil {
		r.t.Errorf("%d small pictures more for a film that has them", n-made)
	}
}

func smallPicturesAreTriedOnce(r *rig) {
	r.tools.noTiles = true
	r.plugged()
	for phones := range 3 {
		r.open("film", phones+1)
		r.settle(20 * time.Second)
	}
	r.want("film", library.Ready)
	if n := bytes.Count(r.log.Bytes(), []byte("No small pictures")); n != 1 {
		r.t.Errorf("tried %d times; log:\n%s", n, r.log)
	}
}

func smallPicturesGiveWay(r *rig) {
	r.plugged()
	began := make(chan struct{}, 9)
	r.tools.onTiles = func(ctx context.Context) {
		began <- struct{}{}
		if len(began) == 1 {
			<-ctx.Done() // the first time they take long
		}
	}
	r.open("film", 1)
	r.settle(15 * time.Second) // it is not seen, so the stick is theirs when 10 s are over
	if len(began) != 1 {
		r.t.Fatalf("begun %d times", len(began))
	}
	r.open("other", 1)
	r.settle(time.Second)
	if n := r.tools.tilesMade(); n != 0 {
		r.t.Errorf("%d small pictures while somebody waits for another film", n)
	}
	r.settle(20 * time.Second)
	for _, name := range []string{"film", "other"} {
		if r.title(name).Previews == nil {
			r.t.Errorf("%s has no small pictures in the end; log:\n%s", name, r.log)
		}
	}
}

func smallPicturesAreMadeOnce(r *rig) {
	r.plugged()
	began, goOn := make(chan struct{}, 9), make(chan struct{})
	r.tools.onTiles = func(context.Context) {
		began <- struct{}{}
		<-goOn
	}
	r.open("film", 1)
	r.settle(15 * time.Second)
	if len(began) != 1 {
		r.t.Fatalf("begun %d times", len(began))
	}
	r.open("film", 2) // while they are being made
	r.settle(15 * time.Second)
	close(goOn)
	r.settle(30 * time.Second)
	if made := r.tools.tilesMade(); made != 3 || len(began) != 1 {
		r.t.Errorf("%d small pictures in %d goes, want 3 in one", made, len(began))
	}
	if r.title("film").Previews == nil {
		r.t.Errorf("none in the end; log:\n%s", r.log)
	}
}

func keyFramesAreBounded(r *rig) {
	r.plugged()
	id := r.title("film").ID
	r.in.mu.Lock()
	f := r.in.films[id]
	input := r.in.input(f.places[0], id)
	r.in.mu.Unlock()
	source, err := f.packed.index(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	files, err := input.Open()
	if err != nil {
		r.t.Fatal(err)
	}
	defer closeAll(files)
	for most, want := range map[int]int{1: 1, 1 << 30: 3} {
		stream, read, err := r.in.keyFrames(r.t.Context(), id, source.Title(), files[0], []int{0, 1, 2}, most)
		if err != nil || read != want || len(stream) <= len(source.Title().Init()) {
			r.t.Errorf("within %d bytes %d key frames of 3, want %d: %v", most, read, want, err)
		}
	}
}

func TestPreviewPlan(t *testing.T) {
	every := func(seconds float64) func(int) float64 {
		return func(n int) float64 { return float64(n) * seconds }
	}
	for name, c := range map[string]struct {
		segments int
		starts   func(int) float64
		every    float64
		picks    []int // the first ones
		count    int
	}{
		"a clip":                     {4, every(4), 0, nil, 0},
		"a minute":                   {15, every(4), 10, []int{0, 2, 5, 7, 10, 12}, 6},
		"segments of 20 s":           {3, every(20), 10, []int{0, 0, 1, 1, 2, 2}, 6},
		"two hours":                  {1800, every(4), 24, []int{0, 6, 12, 18}, 300},
		"a day":                      {21600, every(4), 288, []int{0, 72}, 300},
		"as long as it gets":         {1, func(n int) float64 { return float64(n) * math.Inf(1) }, 0, nil, 0},
		"one segment":                {1, every(31), 10, []int{0, 0, 0, 0}, 4},
		"the length of no whole ten": {8, every(4.1), 10, []int{0, 2, 5, 7}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			every, picks := previewPlan(c.segments, c.starts)
			if every != c.every || len(picks) != c.count || !slices.Equal(picks[:min(len(c.picks), len(picks))], c.picks) {
				t.Errorf("every %g s, %d pictures: %v", every, len(picks), picks[:min(8, len(picks))])
			}
			if !slices.IsSorted(picks) || len(picks) > 0 && picks[len(picks)-1] >= c.segments {
				t.Errorf("pictures of %v", picks)
			}
		})
	}
}

func TestSheetsHoldThePicturesInTheirOrder(t *testing.T) {
	grid := library.PreviewGrid{EverySeconds: 10, Count: 13, Columns: 4, Rows: 2, Width: 32, Height: 18}
	p := newPaper(grid)
	for n := range grid.Count {
		tile := blank(grid.Width, grid.Height)
		for at := range tile.Y {
			tile.Y[at] = byte(10 + 18*n)
		}
		p.put(tile)
	}
	sheets, err := p.sheets()
	if err != nil || len(sheets) != 2 {
		t.Fatalf("%d sheets: %v", len(sheets), err)
	}
	for n := range grid.Count {
		sheet, err := jpeg.Decode(bytes.NewReader(sheets[n/8]))
		if err != nil {
			t.Fatal(err)
		}
		place := n % 8
		light, _, _, _ := sheet.At(place%4*32+16, place/4*18+9).RGBA()
		if got, want := int(light>>8), 10+18*n; got < want-6 || got > want+6 {
			t.Errorf("picture %d has brightness %d, want %d", n, got, want)
		}
	}
	if _, err := newPaper(grid).sheets(); err == nil {
		t.Error("sheets of no pictures")
	}
}
