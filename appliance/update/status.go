package update

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/google/renameio/v2"
)

// StatusFile is what the helper says to the program.
const StatusFile = "/run/streambox/update.json"

// Requests are the names of the files by which the program asks the helper.
const (
	RequestUpdate = "update"  // look at the sticks
	RequestTry    = "tryboot" // nobody watches: try what is staged, now
)

// The codes of what the helper says, beside those of bundle.Refusal; the page has words for each.
const (
	CodeChecking    = "update_checking"    // version, percent
	CodeWriting     = "update_writing"     // version, percent
	CodeWaiting     = "update_waiting"     // version
	CodeTrying      = "update_trying"      // version
	CodeDone        = "update_done"        // version
	CodeFailed      = "update_failed"      // version: it was tried, and was not well
	CodeInterrupted = "update_interrupted" // version: the stick went
	CodeChanged     = "update_changed"     // the stick shows other bytes the second time
	CodeCard        = "update_card"        // the card does not keep what is written, or cannot be written
	CodeAutoboot    = "update_autoboot"    // autoboot.txt was changed by hand
	CodeNoTry       = "update_no_try"      // version: the machine could not be restarted for a try
)

// Status is what is known of updates: of the last look at the sticks, or of a trial.
type Status struct {
	Schema     int            `json:"schema"`
	Code       string         `json:"code"` // "": nothing to say
	Text       string         `json:"text"` // a sentence in English
	Parameters map[string]any `json:"parameters,omitempty"`
	Problem    bool           `json:"problem"`           // somebody should look; else it is a note
	Waiting    string         `json:"waiting,omitempty"` // the version that waits, whatever else is said
	Stick      string         `json:"stick,omitempty"`   // folder of the stick that it is about: it ends when that goes
}

const (
	statusSchema = 1
	statusMax    = 16 << 10
)

// WriteStatus replaces the file.
func WriteStatus(path string, s Status) error {
	s.Schema = statusSchema
	data, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("saying how the update goes: %w", err)
	}
	const everybody = 0o644 // the program is not root, and the helper's umask hides what it writes
	if err := renameio.WriteFile(path, data, everybody, renameio.WithStaticPermissions(everybody)); err != nil {
		return fmt.Errorf("saying how the update goes: %w", err)
	}
	return nil
}

// ReadStatus reads it; zero where there is none.
func ReadStatus(path string) (Status, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Status{}, nil
	}
	if err != nil {
		return Status{}, fmt.Errorf("reading how the update goes: %w", err)
	}
	defer file.Close()
	var s Status
	data, err := io.ReadAll(io.LimitReader(file, statusMax))
	if err == nil {
		err = json.Unmarshal(data, &s)
	}
	if err != nil || s.Schema != statusSchema {
		return Status{}, fmt.Errorf("reading how the update goes: schema %d: %w", s.Schema, err)
	}
	return s, nil
}

// sentences in English, for logs and for pages without words of their own.
func sentence(code string) string {
	switch code {
	case CodeChecking:
		return "An update was found on the stick and is being checked; leave the stick in"
	case CodeWriting:
		return "An update is being written to the card; leave the stick in"
	case CodeWaiting:
		return "An update is ready: it is tried when nobody has watched for 10 minutes, or with the next start"
	case CodeTrying:
		return "The update is being tried: the box restarts"
	case CodeDone:
		return "The box was updated"
	case CodeFailed:
		return "The update did not start well; the box runs as before, and does not try it again"
	case CodeInterrupted:
		return "The stick was pulled before the update was read; plug it in again"
	case CodeChanged:
		return "The update on the stick did not stay the same while it was read; the stick may be damaged"
	case CodeAutoboot:
		return "The file autoboot.txt on the card was changed by hand; put the one of the image back, and the box can be updated again"
	case CodeNoTry:
		return "The update could not be tried: this board did not take the request"
	default:
		return "The card does not keep what is written to it; the box runs as before, and the card should be replaced"
	}
}

// problems are the codes that somebody should look at.
func isProblem(code string) bool {
	switch code {
	case CodeFailed, CodeChanged, CodeCard, CodeNoTry, CodeAutoboot:
		return true
	}
	return false
}

func status(code, stick string, parameters map[string]any) Status {
	return Status{Code: code, Text: sentence(code), Parameters: parameters, Problem: isProblem(code), Stick: stick}
}
