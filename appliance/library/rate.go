package library

// BitsPerSecond is the mean of what playing a rendition takes; 0 while that is
// not known. Who hears an alternate sees the picture beside it: its rate counts as
// well (with the sound in it, which is fetched all the same). It is cheap enough
// to be asked at every request.
func (l *Library) BitsPerSecond(id, rendition string) float64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	e := l.entries[id]
	if e == nil {
		return 0
	}
	at := e.rec.rendition(rendition)
	if at < 0 {
		return 0
	}
	r := &e.rec.Renditions[at]
	rate := r.bitsPerSecond()
	if r.Alternate == 0 {
		return rate
	}
	main, _ := playable(&e.rec, e.served)
	if beside := main.bitsPerSecond(); rate > 0 && beside > 0 {
		return rate + beside
	}
	return 0
}

func (r Rendition) bitsPerSecond() float64 {
	if r.DurationSeconds <= 0 {
		return 0
	}
	return 8 * float64(r.Bytes()) / r.DurationSeconds
}
