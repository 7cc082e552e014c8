package transcode

import (
	"fmt"
	"strings"
	"syscall"
)

// What ffmpeg and ffprobe say on stderr when they give up, and what it means.
// The first that is found counts.
var complaints = []struct {
	says string
	make func(cause error) error
}{
	{"Cannot allocate memory", func(cause error) error { return fmt.Errorf("%w (%w)", ErrNoMemory, cause) }},
	{"moov atom not found", func(cause error) error {
		return refuse(cause, CodeIncomplete, "the file is incomplete: its table of contents is missing")
	}},
	{"whitelist", func(cause error) error {
		return refuse(cause, CodeUnknownFormat, "not a video that can be read")
	}},
	{"Decoder (codec ", noDecoder},
	{"no decoder found", noDecoder},
	{"Could not find codec parameters", damaged},
	{"does not contain any stream", damaged},
	{"matches no streams", damaged},
	{"Invalid data found", func(cause error) error {
		return refuse(cause, CodeUnknownFormat, "not a video that can be read, or it is damaged")
	}},
	{"Invalid argument", damaged},
	{"Error while decoding", damaged},
	{"End of file", damaged},
}

func noDecoder(cause error) error {
	return refuse(cause, CodeNoDecoder, "this machine cannot decode its picture")
}

func damaged(cause error) error {
	return refuse(cause, CodeDamaged, "the file is damaged")
}

// verdict tells what a failed run means; cause is the failure with what stderr
// said. It is pure but for the state it is given.
func verdict(result outcome, cause error) error {
	if signal, ok := deathSignal(result); ok {
		switch signal {
		case syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL:
			return refuse(cause, CodeCrash, "the file is damaged in a way that breaks the decoder")
		default: // SIGKILL of the out-of-memory killer, SIGTERM of an administrator
		}
		return fmt.Errorf("%w (%w)", ErrKilled, cause)
	}
	for _, c := range complaints {
		if strings.Contains(result.stderr, c.says) {
			return c.make(cause)
		}
	}
	return cause
}

func deathSignal(result outcome) (syscall.Signal, bool) {
	if result.state == nil || result.ended {
		return 0, false
	}
	return result.state.Signal, result.state.Signal != 0
}
