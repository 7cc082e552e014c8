package library

// BitsPerSecond is the mean of what playing a rendition takes; 0 while that is
// not known. It is cheap enough to be asked at every request.
func (l *Library) BitsPerSecond(id, rendition string) float64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	e := l.entries[id]
	if e == nil {
		return 0
	}
	at := e.rec.rendition(rendition)
	if at < 0 || e.rec.Renditions[at].DurationSeconds <= 0 {
		return 0
	}
	r := &e.rec.Renditions[at]
	return 8 * float64(r.Bytes()) / r.DurationSeconds
}
