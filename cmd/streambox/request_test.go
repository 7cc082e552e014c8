package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPoweroffHelper(t *testing.T) {
	mine := uint32(os.Getuid())
	for _, tt := range []struct {
		sentence string
		leave    func(t *testing.T, file string) error
		owners   []uint32
		off      bool
		says     string
	}{
		{"no request", func(*testing.T, string) error { return nil }, []uint32{mine}, false, ""},
		{"an honest request", func(_ *testing.T, file string) error { return request(filepath.Dir(file), requestPoweroff) }, []uint32{0, mine}, true, ""},
		{"one that waited for longer than anybody waits for it", func(_ *testing.T, file string) error {
			err := os.WriteFile(file, nil, 0o600)
			old := time.Now().Add(-offWithin - time.Second)
			return errors.Join(err, os.Chtimes(file, old, old))
		}, []uint32{mine}, false, ""},
		{"one of somebody else", func(_ *testing.T, file string) error { return os.WriteFile(file, nil, 0o600) }, []uint32{mine + 1}, false, "is none"},
		{"one that says something", func(_ *testing.T, file string) error { return os.WriteFile(file, []byte("now"), 0o600) }, []uint32{mine}, false, "is none"},
		{"a link", func(_ *testing.T, file string) error { return os.Symlink("/etc/passwd", file) }, []uint32{mine}, false, "is none"},
		{"a folder with things in it", func(_ *testing.T, file string) error { return os.MkdirAll(filepath.Join(file, "a", "b"), 0o700) }, []uint32{mine}, false, "is none"},
	} {
		t.Run(tt.sentence, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), requestPoweroff)
			if err := tt.leave(t, file); err != nil {
				t.Fatal(err)
			}
			off := false
			h := poweroffHelper{door: door{dir: filepath.Dir(file), owners: tt.owners, now: time.Now, log: slog.New(slog.DiscardHandler)}, off: func(context.Context) error {
				off = true
				return nil
			}}
			err := h.answer(t.Context())
			if off != tt.off || (err != nil) != (tt.says != "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("switched off: %v, error %v", off, err)
			}
			if _, err := os.Lstat(file); !errors.Is(err, fs.ErrNotExist) {
				t.Error("the request is still there and would be answered for ever")
			}
		})
	}
}

func TestRequestWithoutAHelper(t *testing.T) {
	err := request(filepath.Join(t.TempDir(), "none"), requestPoweroff)
	if err == nil || !strings.Contains(err.Error(), "streambox service install") {
		t.Errorf("got %v", err)
	}
}
