//go:build !linux

package publish

import "os"

// startSync: the system begins when it likes.
func startSync(*os.File) {}
