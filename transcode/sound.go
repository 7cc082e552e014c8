package transcode

import (
	"context"
	"fmt"
	"io"
	"math"
	"time"

	"streambox.local/transcode/packager/sound"
)

// SoundJob converts the sound of one film, of which the picture stays as it is:
// AAC as package packager/sound keeps it, beginning with the film.
type SoundJob struct {
	Input Input
	Media Media
	// Track is 1 and the position of the sound track; 0: the one that is played by default.
	Track int
	// StartSeconds is when the film begins, by the container's own clock (it may
	// be negative), DurationSeconds how long it lasts; 0: not known.
	StartSeconds, DurationSeconds float64
	// FromSeconds after the film's beginning the run begins, and lasts DurationSeconds: it
	// makes a piece of the sound (sound.Writer.Stretch). Above 0, no sound at all is an
	// answer too: the film is silent there.
	FromSeconds float64
	// Out takes ADTS, cut anywhere. Its errors end the job.
	Out io.Writer
	// Background yields to whoever watches a film.
	Background bool
	OnProgress func(Progress) // may be nil; called at most four times a second
}

// Sound runs the job to its end. ffmpeg reads nothing but the one track, as far
// as the container lets it. Errors are those of Do: ErrNotSegmentable here means
// that no sound can be had this way, and the film must be converted. gaveUp:
// ffmpeg ended by itself on a track that is damaged further on; there is sound up
// to there, which SoundEndsEarly is to be told of.
func (t *Tools) Sound(ctx context.Context, job SoundJob) (gaveUp bool, err error) {
	machine, err := t.Machine(ctx)
	if err != nil {
		return false, err
	}
	track := job.Track - 1
	if job.Track == 0 {
		track = SoundTrack(job.Media, machine)
	}
	if track < 0 || track >= len(job.Media.Audio) {
		return false, fmt.Errorf("%w: no sound that can be decoded", ErrNotSegmentable)
	}
	files, err := job.Input.open()
	if err != nil {
		return false, err
	}
	defer files.close()

	life := newLiveness(time.Now, t.stallAfter())
	meter := &meter{duration: job.DurationSeconds, report: job.OnProgress, life: life, now: time.Now}
	out := &counter{Writer: job.Out}
	result, err := t.run(ctx, program{
		path:  t.FFmpeg,
		args:  flatten(soundArguments(job, track, len(files.files))),
		files: files.files,
		consume: func(r io.Reader) error {
			_, copyErr := io.CopyBuffer(writerOnly{out}, readerOnly{r}, make([]byte, readBytes))
			return copyErr
		},
		progress:   meter.read,
		background: job.Background,
		life:       life,
	})
	video := Job{Input: job.Input, Media: job.Media, Plan: Plan{Rung: AudioOnly}}
	if err != nil && (out.bytes == 0 || !worthKeeping(ctx, video, files, result, err)) {
		return false, failed(video, files, result, err)
	}
	if gone := files.stillThere(); gone != nil { // ffmpeg calls a pulled stick the end of the film
		return false, fmt.Errorf("%w: %s", gone, firstLines(result.stderr))
	}
	if out.bytes == 0 && job.FromSeconds == 0 {
		return false, nothing(video, result)
	}
	if result.stderr != "" {
		t.Log.Warn("Ffmpeg complained about sound that is used", "input", job.Input.Name, "stderr", firstLines(result.stderr))
	}
	return err != nil, nil
}

// missingSound is how much of a film's length sound may lack that broke off,
// without a word of it: a track may be a little shorter than the picture.
const missingSound = 1.0

// SoundEndsEarly is the reason of a film whose sound broke off; false when it
// lacks next to nothing of the film's length.
func SoundEndsEarly(converted *sound.Sound, filmSeconds float64) (Reason, bool) {
	frames, _ := converted.Made()
	soundSeconds := float64(max(0, frames-sound.PrimingFrames)) * sound.FrameTicks / ticksPerSecond
	if soundSeconds >= filmSeconds-missingSound {
		return Reason{}, false
	}
	minutes, after := lasting(soundSeconds)
	return because(CodeSoundEndsEarly, "the sound ends early: the file is damaged after "+after, "minutes", minutes, "seconds", int(math.Round(soundSeconds))), true
}

// counter counts what is written.
type counter struct {
	io.Writer
	bytes int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.bytes += int64(n)
	return n, err
}

// soundSeekEarly is how many seconds before a piece ffmpeg begins to read: a frame
// of any codec, a container's block of some of them, and rounded times.
const soundSeekEarly = 2.0

// soundArguments are ffmpeg's for the sound alone. It is pure.
func soundArguments(job SoundJob, track, files int) []argument {
	list := general(files)
	list = append(list, argument{words("-copyts"), "times stay the container's, in which the packager knows when the film begins"})
	start := job.StartSeconds + job.FromSeconds
	if job.FromSeconds > 0 {
		list = append(list,
			argument{words("-seek_timestamp", "1", "-ss", fmt.Sprintf("%.6f", start-soundSeekEarly)), "by the container's clock; a little early, so that the decoder is under way when the piece begins"},
			argument{words("-noaccurate_seek"), "the filter cuts, to the sample"},
		)
	}
	list = append(list,
		argument{words("-i", inputURL(files)), "an open descriptor, never a name"},
		argument{words("-map", fmt.Sprintf("0:a:%d", track)), "one track: the default one, else the first; of other tracks nothing is read where the container allows it"},
		argument{words("-c:a", "aac", "-b:a", soundBitRate), "what every phone plays: 73 MB an hour"},
		argument{words("-ac", soundChannels), "phones have two ears"},
		argument{words("-ar", soundRateHz), "some sources change their rate in mid-film"},
		argument{
			words("-af", fmt.Sprintf("asetpts=PTS-(%.6f)/TB,atrim=start=0,aresample=async=1000:min_hard_comp=0.03:first_pts=0:flags=res", start)),
			"begins with the film and follows the times of the source: what lies before is left out, a late start is padded, gaps become silence, drift is stretched; resampling from the start, since beginning with it in mid-film would begin the sound anew",
		},
	)
	if job.DurationSeconds > 0 {
		list = append(list, argument{words("-t", fmt.Sprintf("%.6f", job.DurationSeconds)), "no longer than the film"})
	}
	return append(list,
		argument{words("-flags", "+bitexact"), "no name of the encoder among the sound"},
		argument{words("-map_metadata", "-1"), "titles and comments of strangers stay out"},
		argument{words("-flush_packets", "0"), "whole buffers through the pipe: a write for each frame is slow"},
		argument{words("-f", "adts"), "frames in a row, each with a header: their times are their numbers"},
		argument{words("pipe:1"), "standard output"},
	)
}
