package transcode

import (
	"bytes"
	"context"
	"errors"
	"strings"
)

// hevcArguments stand before an input whose picture the chip decodes. Where it
// cannot (a picture too large for it), ffmpeg decodes in software by itself.
func hevcArguments() []string { return words("-hwaccel", "drm") }

// decodedByChip: such a film's picture is.
func decodedByChip(m Media, machine Machine) bool { return machine.HEVC && m.Video.Codec == "hevc" }

var errNotHardware = errors.New("it is decoded in software all the same")

// tryHEVC decodes a few pictures by the chip. Any ffmpeg knows -hwaccel drm, only
// Raspberry Pi OS's has a decoder behind it, and all others quietly go on without:
// so it is asked for pictures that stay where the chip put them, and then whether
// they are those of software, bit by bit.
func (t *Tools) tryHEVC(ctx context.Context) error {
	film, err := t.try(ctx, nil, words("-f", "lavfi", "-i", "testsrc2=s=640x384:r=30", "-frames:v", "8", "-pix_fmt", "yuv420p",
		"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=4"), words("-f", "hevc", "pipe:1"))
	if err != nil {
		return err
	}
	from := words("-f", "hevc", "-i", inputURL(1))
	_, said, err := t.trial(ctx, "info", film, hevcArguments(), words("-hwaccel_output_format", "drm_prime"), from, words("-f", "null", "-"))
	if err != nil {
		return err
	}
	if !strings.Contains(said, "wrapped_avframe, drm_prime") {
		return errNotHardware
	}
	raw := words("-pix_fmt", "yuv420p", "-f", "rawvideo", "pipe:1")
	want, err := t.try(ctx, film, from, raw)
	if err != nil {
		return err
	}
	got, err := t.try(ctx, film, hevcArguments(), from, raw)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return errGarbled
	}
	return nil
}
