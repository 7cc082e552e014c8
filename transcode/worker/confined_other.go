//go:build !linux

package worker

import (
	"context"
	"log/slog"
)

// The box is a Linux machine; elsewhere the program can be built and tried, and
// programs are ordinary children.

// Asked tells whether this program was started as a worker.
func Asked([]string) bool { return false }

// Main is the program that was started as a worker.
func Main([]string) int { return 1 }

// Choose returns how programs are started on this machine.
func Choose(string, *slog.Logger) Launcher { return Plain{} }

// CloseMemory keeps other processes of our user out of our memory.
func CloseMemory() error { return nil }

// Layers says which layers of a child are at work on this machine.
func Layers(context.Context) []Layer {
	return []Layer{{"child", Absent, "only Linux confines programs"}}
}

// UnitLayers asks the unit which layers are at work.
func UnitLayers(context.Context, string) (layers []Layer, found bool, err error) {
	return nil, false, nil
}

// Unit does not exist.
type Unit struct {
	Plain
	Broken func(error)
}
