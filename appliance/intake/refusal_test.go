package intake

import (
	"strings"
	"testing"
	"time"

	"streambox.local/appliance/library"
)

// A stick with a film that cannot be played comes every morning: the log has it once.
func TestWhatCannotBePlayedIsLoggedOnce(t *testing.T) {
	inBox(t, func(r *rig) {
		r.put("s", "film.mp4", content(spec{Name: "film", Refuse: "damaged"}))
		r.start()
		for range 3 {
			r.plug("s")
			r.settle(time.Minute)
			r.want("film", library.Unplayable)
			r.pull("s")
			r.settle(time.Minute)
		}
		if n := strings.Count(r.log.String(), `level=INFO msg="Film cannot be played"`); n != 1 {
			r.t.Errorf("said %d times:\n%s", n, r.log)
		}
	})
}
