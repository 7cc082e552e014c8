package packager_test

import (
	"runtime"
	"testing"

	"streambox.local/transcode/packager"
)

// What stays in memory of a film of two hours, and what making a segment needs.
func TestATitleCostsLittleMemory(t *testing.T) {
	mp4 := (&synthetic{seconds: 7200, picture: 20_000}).build()
	mkv := (&matroska{clusters: 2813, picture: 20_000}).build()
	const count = 8
	for name, make := range map[string]func() *packager.Title{
		"MP4":      func() *packager.Title { return open(t, mp4, mp4.size(), packager.Choice{}) },
		"Matroska": func() *packager.Title { return open(t, mkv, mkv.size(), packager.Choice{}) },
	} {
		var titles [count]*packager.Title
		before := heap()
		for i := range titles {
			titles[i] = make()
		}
		each := int64(heap()-before) / count
		digests := int64(titles[0].Segments()) * 40 // are the library's
		if each+digests > 256<<10 {
			t.Errorf("%s: %d bytes per title, %d of digests", name, each, digests)
		}
		if told := titles[0].MemoryBytes(); told < each || told > 2*each+digests {
			t.Errorf("%s: %d bytes per title, %d are told", name, each, told)
		}
		t.Logf("%s: %d bytes per title of %d segments", name, each, titles[0].Segments())
		runtime.KeepAlive(titles)
	}
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestASegmentNeedsTwiceItsSize(t *testing.T) {
	s := (&synthetic{seconds: 9, picture: 24_000, sound: 400}).build()
	title := open(t, s, s.size(), packager.Choice{})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	data, err := title.Segment(t.Context(), s, 1)
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; err != nil || used > uint64(len(data))*22/10 {
		t.Errorf("%d bytes for a segment of %d: %v", used, len(data), err)
	}
}
