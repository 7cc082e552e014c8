package transcode

import (
	"slices"

	"streambox.local/transcode/worker"
)

// reachable leaves the chip out for a film that not everybody may read: under
// systemd the worker's user has the chip and we have not, and we may read the
// film and that user may not. Else its failure would be taken for the chip's.
func (t *Tools) reachable(list []Encoder, files *sources) []Encoder {
	if _, unit := t.Launcher.(*worker.Unit); !unit || files.forEverybody() {
		return list
	}
	return slices.DeleteFunc(slices.Clone(list), Encoder.Hardware)
}

const othersRead = 0o004

// forEverybody tells whether any user may read the film.
func (s *sources) forEverybody() bool {
	for _, f := range s.files {
		info, err := f.Stat()
		if err != nil || info.Mode().Perm()&othersRead == 0 {
			return false
		}
	}
	return true
}
