package library

// stays tells renditions that outlive a restart: those that are whole, and
// converted sound of which there is some, since it is made by pieces that are each
// whole by themselves (SoundOf says of what).
func (r Rendition) stays() bool { return r.Complete || r.Sound && r.SoundOf != "" }
