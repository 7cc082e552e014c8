package packager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"

	"streambox.local/transcode/packager/mkv"
	"streambox.local/transcode/packager/track"
)

func openMKV(ctx context.Context, in io.ReaderAt, size int64, choice Choice, saved []byte) (*Title, error) {
	file, err := mkv.Open(in, size)
	if err != nil {
		return nil, err
	}
	film := &mkvFilm{file: file, converted: choice.Converted}
	if film.picture, film.sound, err = choose(file.Tracks, func(one *mkv.Track) track.Info { return one.Info }, choice.Modern, choice.Sound); err != nil {
		return nil, err
	}
	title := &Title{choice: choice, film: film, hole: shortestUnsureHole}
	var info *track.Info
	if film.sound != nil && !choice.Converted {
		info, err = &film.sound.Info, film.sound.Err
	}
	if err = errors.Join(film.picture.Err, err); err != nil {
		return nil, err
	}
	about := film.picture.Info
	if about.Codec == track.VP9 {
		if about.Config, err = film.vp9Box(in); err != nil {
			return nil, err
		}
	}
	if err = title.describe(about, info); err != nil {
		return nil, err
	}
	frame := int64(track.TicksPerSecond / 24)
	if film.picture.Frame > 0 {
		frame = max(1, film.picture.Frame*9/100_000)
	}
	film.delay = int64(title.coding.reorder) * frame
	plan := mkvPlan{title: title, film: film, in: in, frame: frame}
	if saved != nil && plan.restore(choice, size, saved) == nil {
		if film.sound == nil {
			return title, nil
		}
		return title, plan.firstSound()
	}
	if err := plan.make(ctx); err != nil {
		return nil, err
	}
	if plan.through {
		title.saved = plan.save(choice, size, plan.ended)
	}
	return title, nil
}

// mkvPlan decides the cuts.
type mkvPlan struct {
	title *Title
	film  *mkvFilm
	in    io.ReaderAt
	frame int64 // ticks of a picture

	cutter
	rows  []mkvRow
	reads int

	through bool  // the file was gone through for want of an index
	ended   int64 // ticks at which the film ends
}

// errNoIndex means that the Cues are missing, too sparse or wrong.
var errNoIndex = errors.New("no index that helps")

func (p *mkvPlan) make(ctx context.Context) error {
	err := p.attempt(ctx, p.byCues)
	if errors.Is(err, errNoIndex) || errors.Is(err, ErrNotSegmentable) {
		err = p.attempt(ctx, p.byClusters)
		p.through = err == nil
	}
	if err != nil || p.film.sound == nil {
		return err
	}
	return p.firstSound()
}

// attempt decides all by one of two ways.
func (p *mkvPlan) attempt(ctx context.Context, by func() error) error {
	if err := p.cuts(by); err != nil {
		return err
	}
	p.film.rows, p.film.starts, p.film.last = p.rows, p.starts, math.MaxInt64
	end, err := p.end(ctx)
	if err != nil {
		return err
	}
	p.ended = end
	p.title.starts = slices.Concat(p.starts, []int64{end})
	return p.large(ctx)
}

// cuts decides the cuts, and by strict reading when flags lie.
func (p *mkvPlan) cuts(by func() error) error {
	if err := p.all(by); err != nil || p.title.choice.Strict {
		return err
	}
	lie, err := p.flagsLie()
	if err != nil || !lie {
		return err
	}
	p.title.choice.Strict = true
	return p.all(by)
}

func (p *mkvPlan) all(by func() error) error {
	p.cutter, p.rows = cutter{}, nil
	key, err := p.first()
	if err != nil {
		return err
	}
	if err := p.begin(key); err != nil {
		return err
	}
	return by()
}

// flagsLie looks at some segments' first pictures, spread over the film.
func (p *mkvPlan) flagsLie() (bool, error) {
	step := max(1, (len(p.rows)-1)/places)
	for n := step; n < len(p.rows); n += step { // the first one is known
		key := mkv.KeyFrame{Place: p.rows[n].place(), PTS: p.starts[n]}
		idr, err := p.read(key)
		if err != nil || !idr {
			return err == nil, err
		}
	}
	return false, nil
}

// mostFirst are the blocks among which the first ones are looked for: sound and pictures of 20 s.
const mostFirst = 4000

// first finds the first key frame of the file that is an IDR, which need not be in the index.
func (p *mkvPlan) first() (mkv.KeyFrame, error) {
	scan, err := p.film.file.Scan(p.in, mkv.Place{}, mkv.PlaceWindow)
	if err != nil {
		return mkv.KeyFrame{}, err
	}
	for range mostFirst {
		b, err := scan.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return mkv.KeyFrame{}, err
		}
		if b.Track != p.film.picture.Number || !b.Key {
			continue
		}
		if idr, err := p.idr(b); err != nil || idr {
			return mkv.KeyFrame{Place: b.Place, Time: b.Time, PTS: p.film.file.Ticks(p.film.picture, b.Time)}, err
		}
	}
	return mkv.KeyFrame{}, fmt.Errorf("%w: no IDR at the beginning", ErrNotSegmentable)
}

// byCues decides by the file's index.
func (p *mkvPlan) byCues() error {
	found, err := p.film.file.Cues(p.in, p.film.picture, p.candidate)
	if err == nil && !found || errors.Is(err, ErrDamaged) {
		return errNoIndex
	}
	return err
}

// byClusters decides by the first picture of each cluster.
func (p *mkvPlan) byClusters() error {
	return p.film.file.FirstPictures(p.in, p.film.picture, p.candidate)
}

// candidate takes a key frame; those before the last cut are passed over.
func (p *mkvPlan) candidate(key mkv.KeyFrame) error {
	last := p.rows[len(p.rows)-1].place()
	if key.Cluster < last.Cluster || key.Cluster == last.Cluster && key.Relative >= 0 && !last.Before(key.Place) {
		return nil
	}
	if !p.wanted(key.PTS, p.frame) {
		return nil
	}
	if p.title.choice.Strict {
		if idr, err := p.read(key); err != nil || !idr {
			return err
		}
	}
	if start := p.starts[len(p.starts)-1]; key.PTS-start > maxTicks {
		return fmt.Errorf("%w: segment %d lasts more than %d s", ErrNotSegmentable, len(p.starts)-1, MaxSeconds)
	}
	return p.begin(key)
}

func (p *mkvPlan) begin(key mkv.KeyFrame) error {
	if err := p.cut(key.PTS); err != nil {
		return err
	}
	p.rows = append(p.rows, mkvRow{cluster: key.Cluster, relative: int32(max(-1, min(key.Relative, math.MaxInt32)))})
	return nil
}

// read finds a key frame and reads whether it is an IDR. One that is not where
// it should be is errNoIndex.
func (p *mkvPlan) read(key mkv.KeyFrame) (bool, error) {
	scan, err := p.film.file.Scan(p.in, key.Place, mkv.PlaceWindow)
	if err != nil {
		return false, noIndex(err)
	}
	const most = 10_000 // blocks of a cluster
	for range most {
		b, err := scan.Next()
		if err != nil {
			return false, noIndex(err)
		}
		if b.Cluster != key.Cluster {
			break
		}
		if b.Track != p.film.picture.Number {
			continue
		}
		if p.film.file.Ticks(p.film.picture, b.Time) == key.PTS {
			return p.idr(b)
		}
		if key.Relative >= 0 {
			break
		}
	}
	return false, errNoIndex
}

// noIndex sorts what a wrong index leads to from failures of the device.
func noIndex(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, ErrDamaged) {
		return errNoIndex
	}
	return err
}

// idr reads whether a block is an IDR.
func (p *mkvPlan) idr(b mkv.Block) (bool, error) {
	if p.reads++; p.reads > mostReads {
		return false, fmt.Errorf("%w: too many key frames that are none", ErrNotSegmentable)
	}
	prefix := p.film.picture.Info.Prefix
	size := min(b.Size, MaxBytes) + int64(len(prefix))
	return p.title.coding.begins(int(size), func(to []byte, at int) error {
		n := 0
		if at < len(prefix) {
			n = copy(to, prefix[at:])
		}
		return track.ReadFull(p.in, to[n:], b.Offset+int64(at+n-len(prefix)))
	})
}

// end goes through the last segment, to know where it ends.
func (p *mkvPlan) end(ctx context.Context) (int64, error) {
	n := len(p.rows) - 1
	in, err := ahead(p.in, p.film, n)
	if err != nil {
		return 0, err
	}
	pics, snds, err := p.film.samples(ctx, in, n, true, true)
	if err != nil {
		return 0, err
	}
	end := p.starts[n]
	for _, s := range pics {
		end = max(end, s.PTS+p.frame)
	}
	if end-p.starts[n] > maxTicks+p.frame {
		return 0, fmt.Errorf("%w: segment %d lasts more than %d s", ErrNotSegmentable, n, MaxSeconds)
	}
	p.film.last = max(end, p.starts[n]+maxTicks)
	for _, s := range snds {
		if s.PTS < p.film.last {
			end = max(end, s.PTS+p.film.sound.Frame*9/100_000)
		}
	}
	return end, nil
}

// large goes through segments that may have too many bytes.
func (p *mkvPlan) large(ctx context.Context) error {
	for n := range p.rows[1:] {
		if p.rows[n+1].cluster-p.rows[n].cluster > MaxBytes-MaxBytes/8 {
			if _, _, err := p.film.samples(ctx, p.in, n, true, !p.film.converted); err != nil {
				return err
			}
		}
	}
	return nil
}

// firstSound looks at the sound with which the film begins.
func (p *mkvPlan) firstSound() error {
	scan, err := p.film.file.Scan(p.in, mkv.Place{}, mkv.PlaceWindow)
	if err != nil {
		return err
	}
	var first []track.Sample
	for blocks := 0; len(first) == 0; blocks++ {
		b, err := scan.Next()
		if errors.Is(err, io.EOF) || err == nil && blocks > mostFirst {
			return nil // none, or long after the picture
		}
		if err != nil {
			return err
		}
		if b.Track == p.film.sound.Number && b.Size > 0 {
			if first, err = scan.Samples(nil, p.film.sound, b); err != nil {
				return err
			}
		}
	}
	switch early := p.starts[0] - first[0].PTS; {
	case early > maxTicks:
		return fmt.Errorf("%w: sound for more than %d s before the picture", ErrNotSegmentable, MaxSeconds)
	case early > maxTolerance:
		p.title.starts[0] = first[0].PTS // sound alone to begin with: it belongs to the first segment
	}
	if p.title.sound == track.MP3 {
		return p.title.mp3(p.in, first[0].Offset)
	}
	return nil
}
