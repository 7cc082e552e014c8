package transcode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"streambox.local/transcode/subtitles"
	"streambox.local/transcode/worker"
)

// SubtitleJob reads the text subtitles inside one film.
type SubtitleJob struct {
	Input Input
	Media Media
	// StartSeconds is when the film begins, by the container's own clock: cues count from there.
	StartSeconds float64
	// Background yields to whoever watches a film.
	Background bool
}

// mostSubtitles bounds the tracks that are read of one film; discs have 32.
const mostSubtitles = 64

// Subtitles returns the WebVTT of each text track, by its position among the
// film's subtitles; one that is missing has no words in it. All are read at once:
// in Matroska subtitles lie between the pictures, so that the whole file has to be
// gone through. MP4 has an index, of which only they are read.
//
// Errors: a *Refusal is a verdict on the file; others are worth another try.
func (t *Tools) Subtitles(ctx context.Context, job SubtitleJob) (map[int][]byte, error) {
	tracks := textTracks(job.Media)
	if len(tracks) == 0 {
		return map[int][]byte{}, nil
	}
	files, err := job.Input.open()
	if err != nil {
		return nil, err
	}
	defer files.close()

	life := newLiveness(time.Now, t.stallAfter())
	meter := &meter{duration: job.Media.DurationSeconds, life: life, now: time.Now}
	var cues [][]subtitles.Cue
	result, err := t.run(ctx, program{
		path:  t.FFmpeg,
		args:  flatten(subtitleArguments(job.Media, tracks, len(files.files))),
		files: files.files,
		consume: func(r io.Reader) (err error) {
			cues, err = subtitles.ReadMatroska(r)
			_, drained := io.Copy(io.Discard, r)
			return errors.Join(err, drained)
		},
		progress:   meter.read,
		background: job.Background,
		life:       life,
	})
	if gone := files.stillThere(); gone != nil { // ffmpeg calls a pulled stick the end of the film
		return nil, fmt.Errorf("%w: %s", gone, firstLines(result.stderr))
	}
	if err != nil {
		if err = subtitlesFailed(result, err, cues); err != nil {
			return nil, err
		}
		t.Log.Warn("Subtitles are used though ffmpeg complained", "input", job.Input.Name, "stderr", firstLines(result.stderr))
	}
	texts := make(map[int][]byte, len(tracks))
	shift := -time.Duration(job.StartSeconds * float64(time.Second))
	for i, n := range tracks {
		if i >= len(cues) {
			break
		}
		text, err := subtitles.Write(cues[i], shift)
		if err != nil {
			t.Log.Debug("A track of subtitles is left out", "input", job.Input.Name, "track", n, "error", err)
			continue
		}
		texts[n] = text
	}
	return texts, nil
}

// subtitlesFailed sorts a failed run: what a file gave before its damage is used.
func subtitlesFailed(result outcome, err error, cues [][]subtitles.Cue) error {
	var exit *worker.ExitError
	itself := errors.As(err, &exit) || errors.Is(err, subtitles.ErrDamaged) || errors.Is(err, subtitles.ErrTooLarge)
	if !itself {
		return fmt.Errorf("ffmpeg: %w: %s", err, firstLines(result.stderr))
	}
	cause := verdict(result, fmt.Errorf("ffmpeg: %w: %s", err, firstLines(result.stderr)))
	if errors.Is(cause, ErrKilled) || errors.Is(cause, ErrNoMemory) {
		return cause
	}
	for _, list := range cues {
		if len(list) > 0 {
			return nil
		}
	}
	if _, is := errors.AsType[*Refusal](cause); is {
		return cause
	}
	return refuse(cause, CodeDamaged, "the subtitles cannot be read")
}

// textTracks are the positions of the tracks that can be read.
func textTracks(m Media) (tracks []int) {
	for n, s := range m.Subtitles {
		if s.Text && len(tracks) < mostSubtitles {
			tracks = append(tracks, n)
		}
	}
	return tracks
}

// subtitleArguments are ffmpeg's for the subtitles alone. It is pure.
func subtitleArguments(m Media, tracks []int, files int) []argument {
	list := general(files)
	list = append(list,
		argument{words("-copyts"), "times stay the container's: we know when the film begins"},
		argument{words("-i", inputURL(files)), "an open descriptor, never a name"})
	for i, n := range tracks {
		codec, why := "srt", "read by ffmpeg, which keeps italics and places"
		switch m.Subtitles[n].Codec {
		case "subrip", "ass", "ssa", "webvtt":
			codec, why = "copy", "we read it as it is"
		}
		list = append(list,
			argument{words("-map", "0:s:"+strconv.Itoa(n)), "a track of text"},
			argument{words("-c:s:"+strconv.Itoa(i), codec), why})
	}
	return append(list,
		argument{words("-map_metadata", "-1", "-map_chapters", "-1"), "titles and comments of strangers stay out"},
		argument{words("-avoid_negative_ts", "disabled"), "nothing is shifted"},
		argument{words("-max_muxing_queue_size", "4096"), "tracks that begin late are waited for"},
		argument{words("-f", "matroska", "pipe:1"), "all tracks in one stream, with their times to the millisecond"})
}

// textCodecs are the subtitles that are text and that ffmpeg and we can read.
func textCodec(codec string) bool {
	switch codec {
	case "subrip", "srt", "text", "ass", "ssa", "webvtt", "mov_text",
		"subviewer", "subviewer1", "microdvd", "jacosub", "sami", "realtext", "mpl2", "pjs", "vplayer", "stl":
		return true
	}
	return false
}

// pictureCodec are the subtitles that are pictures.
func pictureCodec(codec string) bool {
	switch codec {
	case "hdmv_pgs_subtitle", "dvd_subtitle", "dvb_subtitle", "xsub":
		return true
	}
	return false
}

// Unshown is why a track can never be shown; false: it can.
func (s Subtitle) Unshown() (Reason, bool) {
	switch {
	case s.Text:
		return Reason{}, false
	case pictureCodec(s.Codec):
		return because(CodeSubtitlePictures, "these subtitles are pictures, which phones cannot show"), true
	}
	return because(CodeSubtitleFormat, "the box does not read subtitles of this kind ("+s.Codec+")", "codec", s.Codec), true
}

// SubtitlesIndexed tells whether a film's subtitles can be read without going
// through the whole file.
func (m Media) SubtitlesIndexed() bool { return strings.HasPrefix(m.Container, "mov") }
