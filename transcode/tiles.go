package transcode

import (
	"context"
	"fmt"
	"image"
	"io"
	"os"
	"strings"
	"time"
)

// Bounds of small pictures of a film (tiles), which are shown while somebody looks
// for a place in it.
const (
	tileWidth  = 160
	tileHeight = 120 // at most: of a film that is higher than wide
	tilesLimit = time.Minute
	mostTiles  = 64 // of one call: its stream is a file for so long
)

// TileSize is how large the tiles of a film are: 160 pixels wide, as high as the
// film's shape says; of one that is higher than 3/4 of its width, 120 high.
func TileSize(m Media) image.Point {
	if m.Video == nil {
		return image.Point{}
	}
	w, h := displaySize(*m.Video)
	if h <= 0 || w <= 0 {
		return image.Point{}
	}
	if h*tileWidth <= w*tileHeight {
		return image.Pt(tileWidth, max(16, even(tileWidth*h/w)))
	}
	return image.Pt(max(16, even(tileHeight*w/h)), tileHeight)
}

// Tiles decodes a stream of key frames, each without the others (packager.KeyFrame),
// to as many small pictures: of all ways to come by them the one that reads least of
// the film. It runs beside viewers at low priority. A number other than count is an error.
func (t *Tools) Tiles(ctx context.Context, stream []byte, count int, m Media) ([]*image.YCbCr, error) {
	size := TileSize(m)
	if count <= 0 || count > mostTiles || size.X == 0 {
		return nil, fmt.Errorf("make %d small pictures of %v: out of bounds", count, size)
	}
	machine, err := t.Machine(ctx)
	if err != nil {
		return nil, err
	}
	file, err := feed(stream)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	ctx, cancel := context.WithTimeout(ctx, tilesLimit)
	defer cancel()
	picture := size.X * size.Y * 3 / 2
	var raw []byte
	result, err := t.run(ctx, program{
		path: t.FFmpeg, args: flatten(tileArguments(*m.Video, machine, size)), files: []*os.File{file}, background: true,
		consume: func(r io.Reader) (err error) {
			raw, err = readBounded(r, int64(count*picture))
			return err
		},
	})
	if err == nil && len(raw) != count*picture {
		err = fmt.Errorf("%d bytes of pictures instead of %d times %d", len(raw), count, picture)
	}
	if err != nil {
		return nil, fmt.Errorf("ffmpeg: make small pictures: %w: %s", err, firstLines(result.stderr))
	}
	tiles := make([]*image.YCbCr, count)
	for i := range tiles {
		tiles[i] = planes(raw[i*picture:(i+1)*picture], size)
	}
	return tiles, nil
}

// planes is a raw picture of 4:2:0.
func planes(raw []byte, size image.Point) *image.YCbCr {
	y, c := size.X*size.Y, size.X*size.Y/4
	return &image.YCbCr{
		Y: raw[:y], Cb: raw[y : y+c], Cr: raw[y+c : y+2*c], YStride: size.X, CStride: size.X / 2,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rectangle{Max: size},
	}
}

func tileArguments(v Video, machine Machine, size image.Point) []argument {
	list := []argument{
		{words("-nostdin", "-hide_banner"), "no keyboard; no banner in the log"},
		{words("-v", "error", "-nostats"), "stderr tells only what failed"},
	}
	list = append(list, inputLimits()...)
	filters := []string{fmt.Sprintf("scale=w=%d:h=%d:flags=area", size.X, size.Y)}
	if isHDR(v) && machine.ToneMap {
		filters = append(filters, toneMap(v)...)
	}
	filters = append(filters, "format=yuvj420p")
	return append(list,
		argument{words("-i", inputURL(1)), "an open descriptor, never a name"},
		argument{words("-map", "0:V:0", "-an", "-sn", "-dn"), "there is nothing else in it"},
		argument{words("-fps_mode", "passthrough"), "each picture once, whatever the time between them"},
		argument{words("-vf", strings.Join(filters, ",")), "small, in the film's shape, HDR brought into range"},
		argument{words("-f", "rawvideo", "pipe:1"), "we make sheets of them"})
}
