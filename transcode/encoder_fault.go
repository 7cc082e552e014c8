package transcode

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"streambox.local/transcode/segmenter"
)

// Fault is a hardware encoder that failed: what it made is to be thrown away, and
// made again by the next encoder.
//
//nolint:errname // it is what the package speaks of; FaultError would say it twice
type Fault struct {
	Encoder Encoder
	Kind    FaultKind
	// Certain: nothing but the encoder can have caused it. Else it may be the film.
	Certain bool
	Err     error
}

// FaultKind is in which way an encoder failed.
type FaultKind string

// The ways.
const (
	FaultStalled   FaultKind = "stalled"   // takes no more pictures, or does not end: killed
	FaultFailed    FaultKind = "failed"    // ffmpeg gave up, with a word of the driver or without any
	FaultCorrupt   FaultKind = "corrupt"   // the driver flags pictures as broken; ffmpeg calls that a success
	FaultGone      FaultKind = "gone"      // the device vanished, or is in use by another program
	FaultNoMemory  FaultKind = "noMemory"  // for the chip's buffers, which are a pool of its own
	FaultBadStream FaultKind = "badStream" // what it writes cannot be cut
	FaultShort     FaultKind = "short"     // its pictures end before the film does; ffmpeg 7 calls that a success
)

func (f *Fault) Error() string { return fmt.Sprintf("encoder %s %s: %v", f.Encoder, f.Kind, f.Err) }
func (f *Fault) Unwrap() error { return f.Err }

var (
	errCorrupt = errors.New("the driver reports broken pictures")
	errShort   = errors.New("its pictures end before the film does")
)

// mostShort is how much longer sound may be than the picture without a question,
// in seconds. There are such films; then software will say the same.
const mostShort = 2.0

// shortBy is how many seconds too early pictures ended: before the sound, or where
// there is none before the film does, as far as it says how long it is.
func shortBy(picture, sound, announced float64) float64 {
	if sound > 0 {
		return sound - picture
	}
	if announced > 0 {
		return announced - picture
	}
	return 0
}

// driverErrors: ffmpeg ends well all the same.
func driverErrors(stderr string) bool { return strings.Contains(stderr, "driver encode error") }

// faultSigns are what ffmpeg 5.1 and 7.1 say of a device, by what it means. The
// first that is found counts.
var faultSigns = []struct {
	says string
	kind FaultKind
}{
	{"No such device", FaultGone},
	{"Device or resource busy", FaultGone},
	{"Could not find a valid device", FaultGone},
	{"VIDIOC_STREAMOFF", FaultGone}, // not even this works
	{"Permission denied", FaultGone},
	{"Cannot allocate memory", FaultNoMemory},
	{"driver encode error", FaultCorrupt},
}

// hardwareFault is what the end of a run says of the encoder that it used: nil
// when it is not the encoder's fault, as all of software's are the film's or the
// machine's. It is to be asked of runs that ended well, too (err nil), and after
// it is known that the film is still there: a pulled stick looks like anything.
// It is pure but for the state it is given. Its errors are *Fault.
func hardwareFault(e Encoder, result outcome, err error) error {
	if !e.Hardware() {
		return nil
	}
	fault := func(kind FaultKind, certain bool, cause error) error {
		if said := firstLines(ofEncoder(result.stderr)); said != "" {
			cause = fmt.Errorf("%w: ffmpeg said: %s", cause, said)
		}
		return &Fault{Encoder: e, Kind: kind, Certain: certain, Err: cause}
	}
	if err == nil {
		switch {
		case driverErrors(result.stderr):
			return fault(FaultCorrupt, true, errCorrupt)
		case result.short > mostShort:
			return fault(FaultShort, false, errShort)
		}
		return nil
	}
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return nil
	case errors.Is(err, ErrStalled), errors.Is(err, errAbandoned):
		return fault(FaultStalled, true, err)
	case errors.Is(err, segmenter.ErrNoHeaders), errors.Is(err, segmenter.ErrTooLong), errors.Is(err, segmenter.ErrNotTS):
		return fault(FaultBadStream, true, err)
	case result.ended || result.state == nil:
		return nil // the publisher's, the system's
	case errors.Is(err, segmenter.ErrNoVideo): // nothing came: the encoder kept it, or there is nothing in the film
	case result.state.Success():
		return nil
	}
	if signal, died := deathSignal(result); died {
		if signal == syscall.SIGKILL || signal == syscall.SIGTERM {
			return nil // by the system, or by hand
		}
		return fault(FaultFailed, false, err)
	}
	said := ofEncoder(result.stderr)
	for _, sign := range faultSigns {
		if strings.Contains(said, sign.says) {
			return fault(sign.kind, true, err)
		}
	}
	// An error of the queue ends ffmpeg without a word. Complaints about the film
	// are no proof that the film ended it, but let it have another chance.
	sure := said != "" || strings.TrimSpace(result.stderr) == "" && !result.state.Success()
	return fault(FaultFailed, sure, err)
}

// ofEncoder are the lines that speak of the encoder: its own, and ffmpeg's on
// opening and feeding it.
func ofEncoder(stderr string) string {
	var lines []string
	for line := range strings.Lines(stderr) {
		for _, by := range []string{string(V4L2), "Error while opening encoder", "Error initializing output stream", "Video encoding failed", "Error submitting video frame to the encoder", "Error encoding a frame"} {
			if strings.Contains(line, by) {
				lines = append(lines, line)
				break
			}
		}
	}
	return strings.Join(lines, "")
}

// certain: what condemns at once.
func certain(why error) bool {
	var fault *Fault
	return !errors.As(why, &fault) || fault.Certain
}

// faultSentence is for people.
func faultSentence(why error) string {
	var fault *Fault
	if !errors.As(why, &fault) {
		return "it failed"
	}
	switch fault.Kind {
	case FaultStalled:
		return "it stopped in the middle of a film"
	case FaultFailed:
		return "it gave up in the middle of a film"
	case FaultCorrupt:
		return "it made broken pictures"
	case FaultGone:
		return "it vanished, or another program uses it"
	case FaultNoMemory:
		return "there was not enough memory for it"
	case FaultBadStream:
		return "what it wrote could not be cut"
	case FaultShort:
		return "its pictures ended before the film did"
	}
	return "it failed"
}
