package segmenter

// Ends are when the picture and the sound end, in seconds from the beginning of
// segment 0. Sound is 0 where there is none. Both mean something after Close.
func (s *Segmenter) Ends() (pictureSeconds, soundSeconds float64) {
	if !s.started {
		return 0, 0
	}
	for i, t := range s.tracks {
		switch end := seconds(t.end - s.origin); {
		case i == 0:
			pictureSeconds = end
		case t.timed:
			soundSeconds = max(soundSeconds, end)
		}
	}
	return pictureSeconds, soundSeconds
}
