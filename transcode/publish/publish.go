// Package publish turns finished segments into files that can be served.
package publish

import (
	"context"
	"errors"
)

// ErrNoSpace is a full disk.
var ErrNoSpace = errors.New("the disk is full")

// Segment is one finished HLS media file.
type Segment struct {
	Number          int // from 0, without gaps
	Data            []byte
	DurationSeconds float64
}

// Manifest is what a finished rendition consists of.
type Manifest struct {
	SegmentBytes    []int64
	TotalBytes      int64
	DurationSeconds float64
}

// Publisher owns one rendition folder while it is written: seg00000.ts…,
// hashes.json, index.m3u8 (EVENT until Finish adds ENDLIST).
type Publisher struct{}

// Create makes dir, which must not exist, and readies a publisher for it.
func Create(dir string) (*Publisher, error) { return &Publisher{}, nil }

// Add publishes a segment: hash, write, fsync, rename; then playlist and hashes follow.
func (p *Publisher) Add(ctx context.Context, s Segment) error { return nil }

// Manifest tells what has been published so far; safe beside Add.
func (p *Publisher) Manifest() Manifest { return Manifest{} }

// Finish writes ENDLIST and returns when every file and the folder are on the disk.
func (p *Publisher) Finish(ctx context.Context) (Manifest, error) { return Manifest{}, nil }

// Discard removes the folder and all in it.
func (p *Publisher) Discard() error { return nil }
