package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"testing"

	"streambox.local/transcode"
	"streambox.local/transcode/publish"
)

func TestSentence(t *testing.T) {
	for _, tt := range []struct {
		sentence string
		err      error
		says     string
	}{
		{"a full disk", fmt.Errorf("converting: %w", publish.ErrNoSpace), "the disk is full"},
		{"a full disk, said by the kernel", &os.PathError{Op: "write", Path: "/x", Err: syscall.ENOSPC}, "the disk is full"},
		{"a read-only disk", &os.PathError{Op: "mkdir", Path: "/x", Err: syscall.EROFS}, "choose another place with --out"},
		{"a file that is no film", fmt.Errorf("reading: %w", &transcode.Refusal{Reason: transcode.Reason{Text: "is not a video"}, Err: errors.New("moov atom not found")}), "is not a video"},
		{"no permission", &os.PathError{Op: "mkdir", Path: "/x", Err: fs.ErrPermission}, "not allowed"},
		{"anything else keeps its cause", errors.New("ffmpeg was killed"), "ffmpeg was killed"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			if got := sentence(tt.err); !strings.Contains(got, tt.says) || strings.Contains(got, "moov") {
				t.Errorf("sentence = %q, want %q", got, tt.says)
			}
		})
	}
}
