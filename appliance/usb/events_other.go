//go:build !linux

package usb

import "context"

// listen: nothing tells here; Run looks once a second.
func listen(ctx context.Context, _ *Folders, _ func()) { <-ctx.Done() }
