package main

import (
	"crypto/rand"
	"io"
	"log/slog"

	"streambox.local/appliance/report"
)

// newLog writes to standard error in the format chosen and, without the names
// of films, to the log that report reads. kept may be nil.
func newLog(console io.Writer, s settings, kept *report.LogFile) *slog.Logger {
	options := &slog.HandlerOptions{Level: s.LogLevel}
	var handler slog.Handler = slog.NewTextHandler(console, options)
	if s.LogFormat == "json" {
		handler = slog.NewJSONHandler(console, options)
	}
	if kept == nil {
		return slog.New(handler)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)                    // never fails
	level := min(s.LogLevel, slog.LevelInfo) // who asks for help needs more than warnings
	return slog.New(slog.NewMultiHandler(handler, report.NewHandler(kept, level, key)))
}
