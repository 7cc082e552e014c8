package transcode

import (
	"context"
	"errors"
	"log/slog"
	"os"

	"streambox.local/transcode/publish"
)

// ErrNotSegmentable means that the video cannot be cut into segments as it is
// (no IDR for more than 20 s or 16 MB, headers missing): the title belongs on
// the convert rung.
var ErrNotSegmentable = errors.New("video cannot be cut without converting it")

// Input is what ffmpeg reads. Its files are opened by us and handed over as
// descriptors (file:/dev/fd/N), so no file name ever reaches an argument list.
type Input struct {
	Name string                     // for the log only
	Open func() ([]*os.File, error) // one file, or several to be joined in order (the VOBs of a DVD)
}

// FileInput reads one regular file; a symlink as last element is followed only by the CLI.
func FileInput(path string) Input { return Input{} }

// Tools are ffmpeg and ffprobe of this machine.
type Tools struct {
	FFmpeg, FFprobe string // paths of the programs
	Log             *slog.Logger
}

// FindTools looks the programs up in PATH. Its error is a sentence for people.
func FindTools(log *slog.Logger) (*Tools, error) { return nil, nil }

// Machine asks ffmpeg what it can do. Bounded in time.
func (t *Tools) Machine(ctx context.Context) (Machine, error) { return Machine{}, nil }

// Probe reads what in is. An error that wraps *Refusal is a verdict on the
// file (damaged, not a video, encrypted …); any other is a failure of ours
// (tool missing, time out, stick gone) and worth another try.
func (t *Tools) Probe(ctx context.Context, in Input) (Media, error) { return Media{}, nil }

// Refusal is a file that cannot be played, with the reason for people.
type Refusal struct {
	Reason Reason
	Err    error // the cause, for the log
}

func (r *Refusal) Error() string { return r.Reason.Text }
func (r *Refusal) Unwrap() error { return r.Err }

// Progress of a running job.
type Progress struct {
	Fraction    float64 // 0…1 of the title's length; 0 while the length is unknown
	Speed       float64 // seconds of film per second
	SecondsLeft float64 // 0: unknown
}

// Job is one run: Input by Plan into Out.
type Job struct {
	Input          Input
	Media          Media
	Plan           Plan
	SegmentSeconds float64 // 0: 4
	Out            *publish.Publisher
	OnProgress     func(Progress) // may be nil; called at most four times a second
}

// Do runs the job to its end and finishes Out. When it fails, Out is left
// unfinished for the caller to discard. ErrNotSegmentable, *Refusal and
// context errors are told apart by errors.Is / errors.As.
func (t *Tools) Do(ctx context.Context, job Job) error { return nil }

// Thumbnail returns a JPEG, 640 px wide, from 25 % of the length, not black where that can be helped.
func (t *Tools) Thumbnail(ctx context.Context, in Input, m Media) ([]byte, error) { return nil, nil }
