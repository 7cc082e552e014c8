package transcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"strconv"
	"strings"
	"time"
)

const (
	thumbnailWidth     = 640
	thumbnailMaxHeight = 1280 // a strip of film 1 pixel wide is not shown as it is
	thumbnailBytes     = 4 << 20
	thumbnailLimit     = 25 * time.Second // all attempts together
	attemptLimit       = 10 * time.Second
)

// thumbnailPlaces are tried in turn until a picture is not black: films fade
// in, out and between scenes.
var thumbnailPlaces = []float64{0.25, 0.33, 0.45, 0.12, 0.60}

// Thumbnail returns a JPEG, 640 px wide, from 25 % of the length, not black
// where that can be helped. The key frame before that place is good enough,
// and decoding nothing else makes it fast.
func (t *Tools) Thumbnail(ctx context.Context, in Input, m Media) ([]byte, error) {
	if m.Video == nil {
		return nil, refuse(nil, CodeNoVideo, "there is no video in this file")
	}
	machine, err := t.Machine(ctx)
	if err != nil {
		return nil, err
	}
	files, err := in.open()
	if err != nil {
		return nil, err
	}
	defer files.close()
	ctx, cancel := context.WithTimeout(ctx, thumbnailLimit)
	defer cancel()

	var best []byte
	bestLight := -1.0
	var failure error
	for _, try := range thumbnailTries(m) {
		data, err := t.still(ctx, files, m, machine, try)
		if err != nil {
			failure = err
			if ctx.Err() != nil {
				break
			}
			continue
		}
		light, err := brightness(data)
		if err != nil {
			failure = err
			continue
		}
		if light > bestLight {
			best, bestLight = data, light
		}
		if light >= darkest {
			break
		}
	}
	if best == nil {
		return nil, fmt.Errorf("take a thumbnail of %s: %w", in.Name, failure)
	}
	return best, nil
}

// thumbnailTry is one attempt; whole decodes every picture on the way, for
// files whose key frames cannot be found by seeking.
type thumbnailTry struct {
	atSeconds float64
	whole     bool
}

func thumbnailTries(m Media) []thumbnailTry {
	var tries []thumbnailTry
	if m.DurationSeconds > 0 {
		for _, place := range thumbnailPlaces {
			tries = append(tries, thumbnailTry{atSeconds: place * m.DurationSeconds})
		}
	} else {
		tries = append(tries, thumbnailTry{atSeconds: 10})
	}
	return append(tries, thumbnailTry{}, thumbnailTry{whole: true})
}

// still decodes one picture.
func (t *Tools) still(ctx context.Context, files *sources, m Media, machine Machine, try thumbnailTry) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	var data []byte
	result, err := t.run(ctx, program{
		path:  t.FFmpeg,
		args:  flatten(thumbnailArguments(m, machine, len(files.files), try)),
		files: files.files,
		consume: func(r io.Reader) (err error) {
			data, err = readBounded(r, thumbnailBytes)
			return err
		},
	})
	if err == nil && len(data) == 0 {
		err = errors.New("no picture there")
	}
	if err != nil {
		return nil, fmt.Errorf("ffmpeg: %w: %s", err, firstLines(result.stderr))
	}
	return data, nil
}

func thumbnailArguments(m Media, machine Machine, files int, try thumbnailTry) []argument {
	list := []argument{
		{words("-nostdin", "-hide_banner"), "no keyboard; no banner in the log"},
		{words("-v", "error", "-nostats"), "stderr tells only what failed"},
	}
	list = append(list, inputLimits()...)
	if !try.whole {
		list = append(list,
			argument{words("-ss", strconv.FormatFloat(try.atSeconds, 'f', 3, 64), "-noaccurate_seek"), "before -i: by the index, to the key frame before that place"},
			argument{words("-skip_frame", "nokey"), "nothing but key frames is decoded"})
	}
	v := *m.Video
	w, h := displaySize(v)
	height := min(thumbnailMaxHeight, max(2, even(thumbnailWidth*h/w)))
	filters := []string{fmt.Sprintf("scale=w=%d:h=%d:flags=bicubic", thumbnailWidth, height)}
	if isHDR(v) && machine.ToneMap {
		filters = append(filters, toneMap(v)...)
	}
	filters = append(filters, "setsar=1", "format=yuvj420p")
	return append(list,
		argument{words("-i", inputURL(files)), "an open descriptor, never a name"},
		argument{words("-map", "0:V:0", "-an", "-sn", "-dn"), "the picture, not the cover"},
		argument{words("-map_metadata", "-1"), "titles and comments of strangers stay out"},
		argument{words("-frames:v", "1"), "one picture"},
		argument{words("-vf", strings.Join(filters, ",")), "640 wide, square pixels, HDR brought into range"},
		argument{words("-c:v", "mjpeg", "-q:v", "4"), "about 40 KB, no blocks to be seen"},
		argument{words("-f", "image2pipe", "pipe:1"), "ffmpeg needs no right to write files"})
}

// darkest is the brightness (0…255) below which a picture counts as black: the
// mean, or the brightest tenth of it, so that a night scene with a lamp passes.
const darkest = 24

// brightness is that of the brightest tenth of the picture, sampled.
func brightness(data []byte) (float64, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return 0, fmt.Errorf("read the thumbnail: %w", err)
	}
	if config.Width > thumbnailWidth || config.Height > thumbnailMaxHeight {
		return 0, fmt.Errorf("the thumbnail is larger than asked for: %d × %d", config.Width, config.Height)
	}
	picture, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return 0, fmt.Errorf("read the thumbnail: %w", err)
	}
	return brightTenth(picture), nil
}

func brightTenth(picture image.Image) float64 {
	const step = 8
	var histogram [256]int
	total := 0
	bounds := picture.Bounds()
	for y := bounds.Min.Y; y < bounds.Max.Y; y += step {
		for x := bounds.Min.X; x < bounds.Max.X; x += step {
			r, g, b, _ := picture.At(x, y).RGBA()
			histogram[(299*r+587*g+114*b)/1000>>8]++
			total++
		}
	}
	want, sum, count := max(1, total/10), 0, 0
	for level := 255; level >= 0 && count < want; level-- {
		n := min(histogram[level], want-count)
		sum, count = sum+n*level, count+n
	}
	return float64(sum) / float64(max(1, count))
}
