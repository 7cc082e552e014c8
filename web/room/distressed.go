package room

// Distressed tells whether segments come late to a quarter of those who watch over
// one of the links: be it the air, the box is not to do what can wait. One viewer
// among a few counts here, other than for the room's size, since no place hangs on it.
func (h *House) Distressed() bool {
	for _, r := range h.all() {
		if r.distressed() {
			return true
		}
	}
	return false
}

func (r *Room) distressed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	viewers, now := r.admitted(), r.now()
	late := 0
	for _, one := range viewers {
		if one.lateNow(now) {
			late++
		}
	}
	return late > 0 && 4*late >= len(viewers)
}
