// Package intake turns plugged sticks into playable titles: scan, identify,
// probe, plan, queue, convert.
package intake

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/appliance/usb"
	"streambox.local/transcode"
)

// ErrTooSoon is a rescan within 10 s of the last one, or while one runs.
var ErrTooSoon = errors.New("a rescan has just been made")

// Tools is what intake needs of transcode; *transcode.Tools has it.
type Tools interface {
	Probe(ctx context.Context, in transcode.Input) (transcode.Media, error)
	Do(ctx context.Context, job transcode.Job) error
	Thumbnail(ctx context.Context, in transcode.Input, m transcode.Media) ([]byte, error)
}

// Demand tells how many phones wait for a title; web's presence has it.
type Demand interface {
	// Opened returns how many viewers have this title open now (each counts once, for the title opened last).
	Opened(id string) int
}

// Memory is the state that survives restarts; *library.StateDB has it.
type Memory interface {
	KnownFile(volume, path string, size int64, modified time.Time) (id string, found bool)
	RememberFile(volume, path string, size int64, modified time.Time, id string) error
	NextNumber(counter string) (uint64, error)
}

// Config is what an Intake needs.
type Config struct {
	Library *library.Library
	Memory  Memory
	Tools   Tools // nil: ffmpeg is missing; titles are listed as blocked with that reason
	Machine transcode.Machine
	Demand  Demand
	Log     *slog.Logger
	Now     func() time.Time // optional
}

// Intake is the worker between sticks and library.
type Intake struct{}

// New starts nothing.
func New(cfg Config) *Intake { return &Intake{} }

// Run works until ctx ends; running ffmpeg groups are ended before it returns.
func (in *Intake) Run(ctx context.Context) error { <-ctx.Done(); return nil }

// SetSticks tells which sticks are plugged (usb.Folders.OnChange); new ones are scanned. Never blocks long.
func (in *Intake) SetSticks(sticks []usb.Stick) {}

// Rescan reads all sticks again; ErrTooSoon within 10 s of the last one.
func (in *Intake) Rescan() error { return nil }

// DemandChanged lets the queue look at who waits again (web calls it when a phone opens a title).
func (in *Intake) DemandChanged(id string) {}

// Working is true while something is scanned or converted (the box state "working").
func (in *Intake) Working() bool { return false }
