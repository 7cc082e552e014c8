package packager

import (
	"io"

	"streambox.local/transcode/packager/mkv"
	"streambox.local/transcode/packager/track"
)

// farBefore the film an alternate's sound is not even listed: a block may hold
// several frames, but none of them lasts as long.
const farBefore = track.TicksPerSecond

// beside implements film. Which frames are a segment's says their place in the
// file, as of the sound beside the picture.
func (f *mkvFilm) beside(_ io.ReaderAt, starts []int64, sound int) (film, *track.Info, error) {
	t, err := chosenSound(f.file.Tracks, func(one *mkv.Track) track.Info { return one.Info }, isModern(f.picture.Info.Codec), sound)
	if err == nil {
		err = t.Err
	}
	if err != nil {
		return nil, nil, err
	}
	other := *f
	other.sound, other.converted = t, false
	other.first, other.last = starts[0]-farBefore, starts[len(starts)-1]
	return &other, &t.Info, nil
}
