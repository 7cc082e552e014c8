package intake

import "streambox.local/transcode/packager"

// FirstTicks implements library.Timed.
func (p *packedFilm) FirstTicks() int64 { return packager.FirstTicks }
