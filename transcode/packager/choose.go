package packager

import (
	"fmt"

	"streambox.local/transcode/packager/track"
)

// choose finds what is packaged among a container's tracks: the first picture, of
// H.264 or of a modern codec, and the sound-th track of sound as ffprobe counts
// them (below 0: none).
func choose[T any](tracks []*T, info func(*T) track.Info, modern bool, sound int) (picture, chosen *T, err error) {
	sounds := 0
	for _, one := range tracks {
		switch about := info(one); about.Kind {
		case track.Picture:
			if picture == nil && (about.Codec == track.H264 && !modern || isModern(about.Codec) && modern) {
				picture = one
			}
		case track.Sound:
			if sounds == sound {
				chosen = one
			}
			sounds++
		case track.NoKind:
		}
	}
	if picture == nil || sound >= sounds {
		return nil, nil, fmt.Errorf("%w: no picture of its kind, or no such sound track", ErrUnsupported)
	}
	return picture, chosen, nil
}
