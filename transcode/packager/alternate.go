package packager

import (
	"fmt"
	"io"

	"streambox.local/transcode/packager/sound"
	"streambox.local/transcode/packager/track"
)

// A film's further sound tracks are alternate renditions (RFC 8216, 4.3.4.1):
// Titles without a picture, beside the one with picture and default sound. Their
// segments begin where those of that one do, by the same clock, whatever their
// own track does, so a player may take segment n of either at any time. What
// their track has before the film or behind it is left out; where it has nothing,
// there is silence: no segment is empty, which browsers take for an error. That
// is why only AAC is passed on as it is here, and all else is converted.

// withPicture is the choice of the rendition that an alternate lies beside; of
// any other it is the choice itself.
func (c Choice) withPicture() Choice {
	if !c.SoundOnly {
		return c
	}
	return Choice{Sound: c.Beside, Converted: c.BesideConverted, Strict: c.Strict, Modern: c.Modern}
}

// alternate makes an alternate's title of the one that it lies beside.
func (t *Title) alternate(in io.ReaderAt, choice Choice) (*Title, error) {
	choice.Strict = t.choice.Strict
	alt := &Title{choice: choice, film: t.film, starts: t.starts, ends: t.ends, lead: t.lead, hole: t.hole, saved: t.saved}
	heard := convertedInfo()
	if !choice.Converted {
		var err error
		if alt.film, heard, err = t.film.beside(in, t.starts, choice.Sound); err != nil {
			return nil, fmt.Errorf("sound track %d: %w", choice.Sound, err)
		}
	}
	if heard.Codec != track.AAC {
		return nil, fmt.Errorf("sound track %d: %w: it is not AAC", choice.Sound, ErrUnsupported)
	}
	return alt, alt.describeSound(heard)
}

// convertedInfo describes converted sound.
func convertedInfo() *track.Info {
	return &track.Info{Kind: track.Sound, Codec: track.AAC, Config: sound.Config()}
}

// needsFile tells whether segments are made from the film's file: converted sound
// alone is not.
func (t *Title) needsFile() bool { return !t.choice.SoundOnly || !t.choice.Converted }

// within leaves out frames of an alternate that come before the film, but for
// the one that a decoder needs to begin with, and behind it.
func (t *Title) within(snds []track.Sample) []track.Sample {
	from, to := t.starts[0]-2*t.adts.FrameTicks(), t.starts[len(t.starts)-1]
	kept := snds[:0]
	for _, s := range snds {
		if s.PTS > from && s.PTS < to {
			kept = append(kept, s)
		}
	}
	return kept
}

// chosenSound finds a sound track among a container's.
func chosenSound[T any](tracks []*T, info func(*T) track.Info, modern bool, sound int) (*T, error) {
	_, chosen, err := choose(tracks, info, modern, sound)
	if err == nil && chosen == nil {
		err = fmt.Errorf("%w: no such sound track", ErrUnsupported)
	}
	return chosen, err
}
