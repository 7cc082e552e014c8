package packager

import "unsafe"

// MemoryBytes is about what a title keeps in memory, with the digests of its segments.
func (t *Title) MemoryBytes() int64 {
	const perSegment = 8 + 40 // its start, its digest
	total := int64(unsafe.Sizeof(*t)) + int64(len(t.starts))*perSegment + int64(len(t.saved))
	if t.film != nil { // of sound alongside there is none
		total += t.film.memory()
	}
	if t.converted != nil {
		total += t.converted.MemoryBytes()
	}
	return total
}

// memory implements film.
func (f *mp4Film) memory() int64 {
	total := int64(unsafe.Sizeof(*f)) + int64(len(f.rows))*int64(unsafe.Sizeof(mp4Row{})) + int64(len(f.marks))*int64(unsafe.Sizeof(mp4Mark{}))
	for _, one := range f.file.Tracks {
		total += int64(unsafe.Sizeof(*one)) + int64(len(one.Info.Config))
	}
	return total
}

// memory implements film.
func (f *mkvFilm) memory() int64 {
	total := int64(unsafe.Sizeof(*f)) + int64(len(f.rows))*int64(unsafe.Sizeof(mkvRow{})) + int64(len(f.starts))*8
	for _, one := range f.file.Tracks {
		total += int64(unsafe.Sizeof(*one)) + int64(len(one.Info.Config))
	}
	return total
}
