package transcode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// probeBytes bound what ffprobe may say about one file; a film of many tracks
// with long tags takes 50 KB.
const probeBytes = 4 << 20

// Probe reads what in is. An error that wraps *Refusal is a verdict on the
// file (damaged, not a video, encrypted …); any other is a failure of ours
// (tool missing, time out, stick gone) and worth another try.
func (t *Tools) Probe(ctx context.Context, in Input) (Media, error) {
	files, err := in.open()
	if err != nil {
		return Media{}, err
	}
	defer files.close()
	if err = sniff(files, files.size); err != nil {
		return Media{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()

	var answer []byte
	result, err := t.run(ctx, program{
		path:  t.FFprobe,
		args:  flatten(probeArguments(len(files.files))),
		files: files.files,
		consume: func(r io.Reader) (err error) {
			answer, err = readBounded(r, probeBytes)
			return err
		},
	})
	if err != nil {
		return Media{}, t.probeFailed(files, result, err)
	}
	media, err := parseProbe(answer)
	if err != nil {
		return Media{}, err
	}
	media.Version, media.SizeBytes = ProbeVersion, files.size
	switch {
	case media.Encrypted:
	case strings.HasPrefix(media.Container, "mpeg"):
		media.Encrypted = scrambled(files, files.size)
	case strings.HasPrefix(media.Container, "mov"):
		media.Encrypted = mp4Encrypted(files, files.size)
	}
	if v := media.Video; v != nil && v.Codec == "h264" && max(v.Width, v.Height) <= directLongSide {
		v.KeyFramesRead, v.IDRsRead, err = t.readKeyFrames(ctx, files, media)
		if err != nil { // the remux will find out
			t.Log.Debug("Key frames could not be read", "input", in.Name, "error", err)
		}
		if ctx.Err() != nil {
			return Media{}, ctx.Err()
		}
	}
	return media, nil
}

// probeFailed sorts the file's fault from ours.
func (t *Tools) probeFailed(files *sources, result outcome, err error) error {
	cause := fmt.Errorf("ffprobe: %w: %s", err, firstLines(result.stderr))
	if gone := files.stillThere(); gone != nil {
		return fmt.Errorf("%w: %w", gone, cause)
	}
	if errors.Is(err, errTooMuch) {
		return refuse(cause, CodeDamaged, "the file is damaged: it claims more than a film has")
	}
	if result.state == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return cause
	}
	return verdict(result, cause)
}

func probeArguments(files int) []argument {
	list := []argument{{words("-hide_banner", "-v", "error"), "stderr tells only what failed"}}
	list = append(list, inputLimits()...)
	return append(list,
		argument{words("-show_format", "-show_streams", "-show_chapters"), "all that a plan needs, without decoding"},
		argument{words("-of", "json=compact=1"), "a format with one reading"},
		argument{words(inputURL(files)), "an open descriptor, never a name"})
}

// firstLines keeps an error readable in a log line.
func firstLines(text string) string {
	const limit = 600
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }), "; ")
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return text
}
