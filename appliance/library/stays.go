package library

// stays tells renditions that outlive a restart: those that are whole, and
// conversions and converted sound of which there is some, since they are made by
// pieces that are each whole by themselves (By and SoundOf say of what).
func (r Rendition) stays() bool { return r.Complete || r.isBegun() || r.Sound && r.SoundOf != "" }
