package transcode

import (
	"cmp"
	"slices"
	"strings"
)

// chapterJSON is what of ffprobe's chapters is read.
type chapterJSON struct {
	Start string            `json:"start_time"`
	Tags  map[string]string `json:"tags"`
}

// Bounds of what is kept of chapters: discs have 30, recordings of concerts 60.
const (
	mostChapters     = 200
	mostChapterTitle = 400 // bytes
)

// chapters brings them into order. One alone is the film itself, and no place to go to.
func chapters(list []chapterJSON) []Chapter {
	out := make([]Chapter, 0, min(len(list), mostChapters))
	for _, c := range list[:min(len(list), mostChapters)] {
		title := strings.TrimSpace(c.Tags["title"])
		if len(title) > mostChapterTitle {
			title = strings.ToValidUTF8(title[:mostChapterTitle], "")
		}
		out = append(out, Chapter{StartSeconds: seconds(c.Start), Title: title})
	}
	slices.SortStableFunc(out, func(a, b Chapter) int { return cmp.Compare(a.StartSeconds, b.StartSeconds) })
	out = slices.CompactFunc(out, func(a, b Chapter) bool { return a.StartSeconds == b.StartSeconds })
	if len(out) < 2 {
		return nil
	}
	return out
}
