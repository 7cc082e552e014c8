//go:build !linux

package slots

import "os"

// forget: where there are no cards, what was synced is believed.
func forget(*os.File) error { return nil }
