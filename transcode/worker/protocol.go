package worker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Version of the protocol between the box and the instances of the unit. One
// box speaks with one version; after an update the box that still runs finds
// instances of the new one, is refused, and starts confined children itself.
const Version = 1

// Bounds of a message. A disc of many parts has no more files than this.
const (
	messageBytes = 64 << 10
	mostFilms    = 200
)

// request is what the box asks of an instance: one message, with the
// descriptors beside it in this order: standard output, standard error, the
// films, and the pipe of progress. What is wanted is a run, or "layers" without
// descriptors. After it the box says nothing more; that it hangs up means: kill.
type request struct {
	Version    int      `json:"version"`
	Want       string   `json:"want"`
	Program    string   `json:"program,omitempty"` // ffmpeg or ffprobe
	Arguments  []string `json:"arguments,omitempty"`
	Films      int      `json:"films,omitempty"`
	Progress   bool     `json:"progress,omitempty"`
	Background bool     `json:"background,omitempty"`
	Hardware   bool     `json:"hardware,omitempty"`
}

const (
	wantRun    = "run"
	wantLayers = "layers"
)

// answer is what an instance says: layers or refused, and that is all; or
// started, running every second, and ended. Then it hangs up.
type answer struct {
	Version         int     `json:"version"`
	Is              string  `json:"is"`
	Why             string  `json:"why,omitempty"`    // of refused: a word
	Detail          string  `json:"detail,omitempty"` // of refused: for the log
	CPUMilliseconds int64   `json:"cpuMilliseconds,omitempty"`
	Exit            *exited `json:"exit,omitempty"`
	Layers          []Layer `json:"layers,omitempty"`
}

const (
	isStarted = "started"
	isRunning = "running"
	isEnded   = "ended"
	isRefused = "refused"
	isLayers  = "layers"
)

// Reasons of a refusal.
const (
	whyVersion    = "version"
	whyUnreadable = "unreadable"
	whyRequest    = "request"
	whyStart      = "start"
)

// exited is Exit on its way.
type exited struct {
	Code               int   `json:"code"`
	Signal             int   `json:"signal,omitempty"`
	UserMicroseconds   int64 `json:"userMicroseconds"`
	SystemMicroseconds int64 `json:"systemMicroseconds"`
	MaxRSSBytes        int64 `json:"maxRSSBytes"`
}

var errMessage = errors.New("a message of the worker's protocol is wrong")

// encode makes a message of a request or an answer.
func encode(message any) ([]byte, error) {
	data, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errMessage, err)
	}
	if len(data) > messageBytes {
		return nil, fmt.Errorf("%w: %d bytes are too many", errMessage, len(data))
	}
	return data, nil
}

// decode reads a message, and nothing but one. Unknown fields are an error:
// what one side does not understand it cannot obey.
func decode(data []byte, message any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(message); err != nil {
		return fmt.Errorf("%w: %w", errMessage, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: there is something after it", errMessage)
	}
	return nil
}

// check says what is wrong with a request that came with so many descriptors.
// The version is the first to be looked at, by whoever called decode.
func (r request) check(descriptors int) error {
	want := 0
	switch r.Want {
	case wantLayers:
	case wantRun:
		want = 2 + r.Films
		if r.Progress {
			want++
		}
		if r.Program != "ffmpeg" && r.Program != "ffprobe" {
			return fmt.Errorf("%w: %q is no program of films", errMessage, r.Program)
		}
	default:
		return fmt.Errorf("%w: %q is wanted", errMessage, r.Want)
	}
	if r.Films < 0 || r.Films > mostFilms || descriptors != want {
		return fmt.Errorf("%w: %d films and %d descriptors, not %d", errMessage, r.Films, descriptors, want)
	}
	return nil
}

// versionOf reads the version alone, of a message that may have fields of another one.
func versionOf(data []byte) int {
	var message struct {
		Version int `json:"version"`
	}
	if json.Unmarshal(data, &message) != nil {
		return 0
	}
	return message.Version
}
