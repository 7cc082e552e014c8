package transcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"
)

// V4L2Ways is how an ffmpeg's h264_v4l2m2m differs from what other encoders do.
// Debian's own has both ways, Raspberry Pi OS's none. They are found out by
// encoding a few pictures and looking at the bytes, not by version numbers.
type V4L2Ways struct {
	// HeadersOnce: SPS and PPS stand at the beginning of the stream only, so that
	// what is cut from it later cannot be decoded alone.
	HeadersOnce bool `json:"headersOnce,omitempty"`
	// RowsAsTheyAre: pictures are handed over in rows as ffmpeg holds them, not as
	// the driver asked for: garbled, unless both happen to agree.
	RowsAsTheyAre bool `json:"rowsAsTheyAre,omitempty"`
}

// The pictures that are tried: 720p, as a film; one whose rows, of any of the
// three planes, begin at no round number whatever a processor likes to align them
// to (16 bytes on ARM, 64 with AVX-512); and one where all do.
const (
	oddWidth, oddHeight     = 648, 406
	roundWidth, roundHeight = 768, 416
	triedPictures           = 9
	triedGOP                = 4                // three key frames in nine pictures
	tryLimit                = 60 * time.Second // only ends a hang: that a busy machine is slow says nothing of its chip
	tryBytes                = 4 << 20
)

var (
	errGarbled   = errors.New("pictures come back garbled")
	errNoIDR     = errors.New("no key frames where they were asked for")
	errNoHeaders = errors.New("no SPS and PPS at the beginning")
)

// tryV4L2 encodes with the chip. An error: it is not there, or must not be used.
// Nodes are never opened by us: which of them is an encoder, and whether it
// works, only using it tells. A stalled one ignores all but SIGKILL.
func (t *Tools) tryV4L2(ctx context.Context) (V4L2Ways, error) {
	if _, err := t.try(ctx, nil, words("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30", "-frames:v", "8", "-pix_fmt", "yuv420p"),
		v4l2Encoder(4000, 120), words("-f", "null", "-")); err != nil {
		return V4L2Ways{}, err
	}
	stream, err := t.tryPicture(ctx, oddWidth, oddHeight)
	var ways V4L2Ways
	if err != nil && !errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		// Garbled; or rows that are longer than the driver's made ffmpeg write behind its buffer and die.
		ways.RowsAsTheyAre = true
		stream, err = t.tryPicture(ctx, roundWidth, roundHeight)
	}
	if err != nil {
		return V4L2Ways{}, err
	}
	ways.HeadersOnce, err = headersOnce(stream)
	return ways, err
}

// tryPicture encodes a picture of two colours, and looks whether it comes back.
func (t *Tools) tryPicture(ctx context.Context, width, height int) (stream []byte, err error) {
	half := strconv.Itoa(width / 2)
	source := fmt.Sprintf("color=c=yellow:s=%dx%d:r=30,drawbox=x=%s:y=0:w=%s:h=%d:c=blue:t=fill,format=yuv420p", width, height, half, half, height)
	stream, err = t.try(ctx, nil, words("-f", "lavfi", "-i", source, "-frames:v", strconv.Itoa(triedPictures)),
		v4l2Encoder(4000, triedGOP), words("-f", "h264", "pipe:1"))
	if err != nil {
		return nil, err
	}
	raw, err := t.try(ctx, stream, words("-f", "h264", "-i", inputURL(1), "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1"))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errGarbled, err)
	}
	if !twoColours(raw, width, height) {
		return nil, errGarbled
	}
	return stream, nil
}

// twoColours tells whether all rows of all planes of a yuv420p picture are yellow
// on the left and blue on the right. It is pure.
func twoColours(raw []byte, width, height int) bool {
	if len(raw) != width*height*3/2 {
		return false
	}
	for _, plane := range []struct {
		w, h       int
		left, next byte // yellow is Y 210, U 16, V 146; blue is 41, 240, 110
	}{{width, height, 210, 41}, {width / 2, height / 2, 16, 240}, {width / 2, height / 2, 146, 110}} {
		for range plane.h {
			row := raw[:plane.w]
			raw = raw[plane.w:]
			for at := plane.w / 8; at < plane.w; at += plane.w / 4 { // the middles of four quarters
				want := plane.left
				if at > plane.w/2 {
					want = plane.next
				}
				if d := int(row[at]) - int(want); d < -16 || d > 16 {
					return false
				}
			}
		}
	}
	return true
}

// headersOnce looks at a stream of triedPictures: false when each IDR has SPS and
// PPS before it. It is pure.
func headersOnce(stream []byte) (bool, error) {
	const slice, idr, sps, pps = 1, 5, 7, 8
	var idrs, bare int
	var hasSPS, hasPPS bool
	for {
		_, after, found := bytes.Cut(stream, []byte{0, 0, 1})
		if !found || len(after) == 0 {
			break
		}
		switch after[0] & 0x1f {
		case sps:
			hasSPS = true
		case pps:
			hasPPS = true
		case idr:
			if idrs++; !hasSPS || !hasPPS {
				bare++
			}
			hasSPS, hasPPS = false, false
		case slice:
			hasSPS, hasPPS = false, false
		}
		stream = after
	}
	switch {
	case idrs < triedPictures/triedGOP:
		return false, errNoIDR
	case bare == idrs:
		return false, errNoHeaders
	}
	return bare > 0, nil
}

// try runs ffmpeg, with input on descriptor 3, and returns what it writes.
func (t *Tools) try(ctx context.Context, input []byte, arguments ...[]string) ([]byte, error) {
	out, _, err := t.trial(ctx, "level+error", input, arguments...)
	return out, err
}

// trial returns also what it says, being as talkative as level.
func (t *Tools) trial(ctx context.Context, level string, input []byte, arguments ...[]string) (out []byte, said string, err error) {
	ctx, cancel := context.WithTimeout(ctx, min(tryLimit, 3*t.stallAfter()))
	defer cancel()
	p := program{
		path: t.FFmpeg, hardware: true,
		args: []string{"-nostdin", "-hide_banner", "-v", level, "-nostats"},
		consume: func(r io.Reader) (err error) {
			out, err = readBounded(r, tryBytes)
			return err
		},
	}
	for _, list := range arguments {
		p.args = append(p.args, list...)
	}
	if input != nil {
		file, feedErr := feed(input)
		if feedErr != nil {
			return nil, "", feedErr
		}
		defer file.Close()
		p.files = append(p.files, file)
	}
	result, err := t.run(ctx, p)
	if err == nil && driverErrors(result.stderr) {
		err = errCorrupt
	}
	if err != nil {
		return nil, "", fmt.Errorf("try ffmpeg: %w: %s", err, firstLines(result.stderr))
	}
	return out, result.stderr, nil
}

// feed is a file with something in it: opened for reading only, without a name,
// and readable by the worker's user, who opens it once more.
func feed(input []byte) (file *os.File, err error) {
	made, err := os.CreateTemp("", "streambox-try-*")
	if err != nil {
		return nil, fmt.Errorf("make a file for ffmpeg: %w", err)
	}
	defer func() { err = errors.Join(err, os.Remove(made.Name()), made.Close()) }()
	if _, err = made.Write(input); err != nil {
		return nil, fmt.Errorf("make a file for ffmpeg: %w", err)
	}
	if err = made.Chmod(0o644); err != nil {
		return nil, fmt.Errorf("make a file for ffmpeg: %w", err)
	}
	if file, err = os.Open(made.Name()); err != nil {
		return nil, fmt.Errorf("make a file for ffmpeg: %w", err)
	}
	return file, nil
}
