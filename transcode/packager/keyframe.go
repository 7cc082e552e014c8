package packager

import (
	"context"
	"errors"
	"fmt"
	"io"

	"streambox.local/transcode/packager/fmp4"
	"streambox.local/transcode/packager/mkv"
	"streambox.local/transcode/packager/mp4"
	"streambox.local/transcode/packager/track"
	"streambox.local/transcode/packager/ts"
)

// mostKeyFrame bounds the bytes of one picture that KeyFrame reads: of 4K they have
// some hundred thousand.
const mostKeyFrame = 4 << 20

// KeyFrame packs the picture that segment n begins with, alone and without sound:
// for small pictures of the film, of which a decoder then reads nothing else. Put
// one after the other, behind Init where there is one, they are a stream like that
// of segments. It takes one or two reads of the file. Errors are those of Segment.
func (t *Title) KeyFrame(ctx context.Context, in io.ReaderAt, n int) ([]byte, error) {
	if n < 0 || n >= t.Segments() || t.choice.SoundOnly || t.film == nil {
		return nil, fmt.Errorf("key frame %d of %d: %w", n, t.Segments(), io.EOF)
	}
	data, err := t.keyFrame(&reader{ctx: ctx, in: in}, n)
	if err != nil {
		return nil, fmt.Errorf("read key frame %d: %w", n, err)
	}
	return data, nil
}

func (t *Title) keyFrame(in io.ReaderAt, n int) ([]byte, error) {
	picture, err := t.film.opening(in, n)
	if err != nil {
		return nil, err
	}
	if picture.Size > mostKeyFrame {
		return nil, fmt.Errorf("%w: a picture of %d bytes", ErrNotSegmentable, picture.Size)
	}
	pics := []track.Sample{picture}
	var scratch []byte
	pieces, err := load(in, pics, nil, &scratch)
	if err != nil {
		return nil, err
	}
	if t.fragmented() {
		run, wrong := t.pictureRun(pics, pieces)
		if wrong != nil {
			return nil, wrong
		}
		return fmp4.Append(nil, n, []fmp4.Run{run})
	}
	m := muxing{t: t, origin: t.starts[0] - t.FirstTicks()}
	if err = m.addPicture(picture, pieces[0], true); err != nil {
		return nil, err
	}
	return ts.Append(nil, n, t.streams[:1], m.units), nil
}

// opening implements film.
func (f *mp4Film) opening(in io.ReaderAt, n int) (track.Sample, error) {
	row, mark := f.rows[n].picture, f.marks[n/f.stride].picture
	for r := f.file.Read(in, f.picture, mark, mp4.PartWindow); ; {
		s, err := r.Next()
		switch {
		case errors.Is(err, io.EOF), err == nil && s.Number >= f.rows[n+1].picture:
			return track.Sample{}, fmt.Errorf("%w: it has changed", ErrDamaged)
		case err != nil:
			return track.Sample{}, err
		case s.Number < row || s.Size == 0:
			continue
		}
		t := f.picture
		return track.Sample{
			Offset: s.Offset, Size: int(s.Size), PTS: t.Time(s.PTS), DTS: t.Time(s.DTS) - f.shift, Key: s.Key,
			Length: track.Scale(s.Duration, t.Timescale),
		}, nil
	}
}

// opening implements film.
func (f *mkvFilm) opening(in io.ReaderAt, n int) (track.Sample, error) {
	scan, err := f.file.Scan(in, f.rows[n].place(), mkv.PlaceWindow)
	if err != nil {
		return track.Sample{}, err
	}
	for {
		b, err := scan.Next()
		switch {
		case errors.Is(err, io.EOF), err == nil && b.Cluster > f.rows[n].cluster:
			return track.Sample{}, fmt.Errorf("%w: a picture is not where the index says", ErrDamaged)
		case err != nil:
			return track.Sample{}, err
		case b.Track != f.picture.Number || b.Size == 0 || !f.at(n, b):
			continue
		}
		list, err := scan.Samples(nil, f.picture, b)
		if err != nil {
			return track.Sample{}, err
		}
		return list[0], nil // a block has a sample at least
	}
}
