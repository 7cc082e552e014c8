package usb

import "time"

// OnlyByEvents makes Folders look at the start and when the kernel says that
// something has changed, and never by itself.
func (f *Folders) OnlyByEvents() *Folders {
	const never = 1000 * time.Hour
	f.every = never
	return f
}
