//go:build cuts

package cutstest

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"streambox.local/appliance/library"
	"streambox.local/image/blklog"
	"streambox.local/image/boxtest"
	"streambox.local/transcode/clips"
)

// cutPoints is how many moments there must be at least of what the box does for long.
const cutPoints = 1000

// acknowledged is a name that had been kept when so much of the recording was on the disk.
type acknowledged struct {
	entries int
	name    string
}

// TestPowerCuts: a box starts for the first time, reads a stick, converts a film and its
// sound, keeps places and names; at no moment would a power cut have cost more than
// what it may cost.
func TestPowerCuts(t *testing.T) {
	r := newRecording(t)
	films := t.TempDir()
	var names []acknowledged
	var finished int
	r.stretch(t, "first start", 0, func() { r.start(t, films) })
	r.stretch(t, "scan", 300, func() {
		put(t, films, "H264 AAC.mp4", "H264 MP3.mkv", "H264 AAC 5.1.mp4", "Open GOP with IDRs.mkv", "Cover art.mp4", "Anamorphic.mkv", "Silent film.mp4", "Variable frame rate.mp4")
		r.ask(t, http.MethodPost, "/api/v1/rescan", "", nil)
		r.until(t, "ready", "H264 AAC", "H264 MP3", "H264 AAC 5.1", "Open GOP with IDRs", "Cover art", "Anamorphic", "Silent film", "Variable frame rate")
		boxtest.Hold(t, 6*time.Second) // what is written behind comes too
	})
	r.stretch(t, "conversion", cutPoints, func() {
		put(t, films, "MPEG-4 MP3.avi", "H264 AC3.mkv")
		r.ask(t, http.MethodPost, "/api/v1/rescan", "", nil)
		r.until(t, "ready", "MPEG-4 MP3", "H264 AC3")
	})
	finished = r.flushed(t)
	r.stretch(t, "places", 0, func() {
		id := r.titles(t)["H264 AAC"].ID
		for n := range 3 { // they are written minutes later, or with what is written at once
			r.ask(t, http.MethodPut, "/api/v1/resume/"+id, fmt.Sprintf(`{"seconds":%d}`, n), nil)
		}
		r.stop(t)
	})
	r.stretch(t, "settings", cutPoints, func() { names = r.giveNames(t) })

	lastName := func(at blklog.Point) int {
		had := -1
		for n, a := range names {
			if at.Durable >= a.entries {
				had = n
			}
		}
		return had
	}
	promised := func(at blklog.Point) string { return fmt.Sprint(lastName(at), at.Durable >= finished) }
	cuts := r.cuts(t, promised, func(found boxtest.State, at blklog.Point) error {
		had, now := lastName(at), -1
		for n, a := range names {
			if a.name == found.ChosenName {
				now = n
			}
		}
		if now < had {
			return fmt.Errorf("the box is called %q; %q had been acknowledged", found.ChosenName, names[had].name)
		}
		if at.Durable >= finished && found.Finished < 2 {
			return fmt.Errorf("what was finished is lost: %+v", found)
		}
		return nil
	})
	for _, s := range r.stretches {
		t.Run(s.Name, func(t *testing.T) { t.Log(cuts.Run(t, s)) })
	}
}

// put copies films onto the "stick", as old as those of a stick are.
func put(t *testing.T, folder string, files ...string) {
	t.Helper()
	dir := boxtest.Cache(t, "cutstest-clips")
	boxtest.Must(t, os.MkdirAll(dir, 0o755))
	var all []clips.Clip
	for _, one := range clips.Set("twelve", 0) {
		for _, file := range files {
			if one.FileName == file {
				all = append(all, one)
			}
		}
	}
	boxtest.Must(t, clips.Write(dir, all, func(missing []clips.Clip) error { return clips.MakeAll(t.Context(), dir, missing, nil) }))
	for _, file := range files {
		boxtest.Tool(t, "cp", filepath.Join(dir, file), folder)
		old := time.Now().Add(-time.Hour) // else the box waits for its copying to end
		boxtest.Must(t, os.Chtimes(filepath.Join(folder, file), old, old))
	}
}

// until waits until titles are in a state.
func (r *recording) until(t *testing.T, state string, names ...string) {
	t.Helper()
	boxtest.Until(t, 4*boxtest.StepWait, fmt.Sprint(state, ": ", names), func() (bool, any) {
		all := r.titles(t)
		for _, name := range names {
			if all[name].State != state {
				return false, all
			}
		}
		return true, nil
	})
}

// giveNames keeps names as the box does when its host chooses one.
func (r *recording) giveNames(t *testing.T) []acknowledged {
	t.Helper()
	db, damaged, err := library.OpenStateDB(filepath.Join(r.state, "box", "state.db"), time.Now)
	if err != nil || damaged {
		t.Fatalf("damaged %v, %v", damaged, err)
	}
	var all []acknowledged
	for n := range 160 {
		name := fmt.Sprintf("cinema-%d", n)
		boxtest.Must(t, db.SetChosenName(name))
		all = append(all, acknowledged{r.flushed(t), name})
	}
	boxtest.Must(t, db.Close())
	return all
}
