package transcode

import (
	"errors"

	"streambox.local/transcode/publish"
)

// ErrNotSegmentable means that the video cannot be cut into segments as it is
// (no IDR for more than 20 s or 16 MB, headers missing): the title belongs on
// the convert rung.
var ErrNotSegmentable = errors.New("video cannot be cut without converting it")

// Failures that are not the file's fault and worth another try.
var (
	ErrStalled   = errors.New("ffmpeg made no progress and was ended")
	ErrKilled    = errors.New("ffmpeg was killed by the system or by hand")
	ErrNoMemory  = errors.New("not enough memory")
	ErrInputGone = errors.New("the file could not be read to its end: is the stick still there?")
)

// Refusal is a file that cannot be played, with the reason for people.
//
//nolint:errname // a refusal is what it is; RefusalError would say it twice
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
	SecondsLeft float64 // 0: unknown, as at the beginning (Foreseeable)
}

// Job is one run: Input by Plan into Out.
type Job struct {
	Input          Input
	Media          Media
	Plan           Plan
	SegmentSeconds float64            // 0: 4
	PieceSeconds   float64            // of a conversion; 0: PieceSeconds
	Out            *publish.Publisher // one that was reopened is gone on with, if it is of a conversion
	// Yield, which may be nil, is asked between the pieces of a conversion whether
	// another film goes first; then it ends with ErrYielded.
	Yield func() bool
	// WorkDir is for what is needed meanwhile, 75 MB for each hour of sound; "": the
	// system's folder for such, which often lies in memory. What is left there after
	// a crash is a folder that is called sound-<digits>.
	WorkDir string
	// ByFFmpeg: it is known that package packager cannot make all of this film.
	ByFFmpeg bool
	// Watched, which may be nil, tells whether somebody waits for this very film:
	// then a hot box is no reason to rest.
	Watched    func() bool
	OnProgress func(Progress) // may be nil; called at most four times a second
	// OnWarning, which may be nil, is told what is wrong with a title that is
	// published all the same: it ends early, it has no sound.
	OnWarning func(Reason)
}
