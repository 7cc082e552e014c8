package library

// Playable counts the titles of plugged sticks that phones can play now. It is
// cheap, unlike a query that makes a list.
func (l *Library) Playable() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n := 0
	for _, e := range l.entries {
		if e.listed && len(e.rec.Sources) > 0 && e.view.Playable {
			n++
		}
	}
	return n
}
