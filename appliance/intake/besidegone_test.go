package intake

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSubtitlesGoWithTheCopyTheyLieBeside(t *testing.T) {
	same := content(spec{Name: "Heat"})
	for _, tt := range []struct {
		name string
		part func(r *rig) // the copy with the subtitles is another film from here on, or gone
	}{
		{"the copy becomes another film", func(r *rig) { r.put("a", "Subs.mp4", content(spec{Name: "Other"})) }},
		{"the copy is deleted, and its subtitles stay", func(r *rig) {
			if err := os.Remove(filepath.Join(r.dir, "sticks", "a", "Subs.mp4")); err != nil {
				r.t.Fatal(err)
			}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inBox(t, func(r *rig) {
				r.put("a", "Good.mp4", same)
				r.put("a", "Subs.mp4", same)
				r.put("a", "Subs.de.srt", srt("Hallo"))
				r.start()
				r.plug("a")
				r.settle(time.Minute)
				sameWords(t, r.title("Good"), "1000 de full there")

				tt.part(r)
				if err := r.in.Rescan(); err != nil {
					t.Fatal(err)
				}
				r.settle(time.Minute)
				sameWords(t, r.title("Good"))
				if other, ok := r.titles()["Subs"]; ok {
					sameWords(t, other, "1000 de full there")
				}
			})
		})
	}
}

func TestSubtitlesOfAPulledStickStayForTheCopyThatIsLeft(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("a", "Heat.mp4", content(spec{Name: "Heat"}))
		r.put("b", "Heat.mp4", content(spec{Name: "Heat"}))
		r.put("b", "Heat.de.srt", srt("Hallo"))
		r.start()
		r.plug("a")
		r.plug("b")
		r.settle(time.Minute)
		r.pull("b")
		r.settle(time.Minute)
		sameWords(t, r.title("Heat"), "1000 de full there")
		r.vtt("Heat", 1000)
	})
}
