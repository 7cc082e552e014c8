//go:build !linux

package intake

import "os"

// uncache is for Linux; elsewhere StreamBox is only developed.
func uncache(*os.File, int64, int64) {}
