package subtitles

import (
	"cmp"
	"errors"
	"slices"
	"time"
)

// Bounds. A film of three hours with everything written out has 4,000 cues and
// 200 KB; effects for each letter make 30,000.
const (
	MaxBytes   = 10 << 20 // of a file
	maxWritten = 4 << 20  // of a WebVTT made here
	maxKept    = 8 << 20  // of cues in memory, of all tracks of a film together
	maxCues    = 50_000
	maxCueText = 4 << 10 // bytes of a cue's text, before markup
	maxHours   = 100
)

// Why there is nothing to show.
var (
	ErrTooLarge = errors.New("more than subtitles of a film can be")
	ErrNoCues   = errors.New("no subtitles in it")
)

// Cue is a text and when it is shown.
type Cue struct {
	Start, End time.Duration
	Text       string // in the markup of WebVTT: escaped, no empty line
	Settings   string // of WebVTT: place and side; "": below, in the middle
}

// gathered are cues as long as there is room for more.
type gathered struct {
	cues []Cue
	left *int // bytes
}

// add takes a cue, if anything of it is ever seen; false: no more.
func (g *gathered) add(c Cue) bool {
	const own = 96
	if c.Text == "" {
		return true
	}
	if *g.left -= own + len(c.Text) + len(c.Settings); *g.left < 0 || len(g.cues) >= maxCues {
		return false
	}
	g.cues = append(g.cues, c)
	return true
}

func gathering() *gathered {
	left := maxKept
	return &gathered{left: &left}
}

// orderly sorts cues by time, as WebVTT wants them, drops those that are never
// seen, and those said twice (lines of ASS in several layers).
func orderly(cues []Cue) []Cue {
	cues = slices.DeleteFunc(cues, func(c Cue) bool { return c.End <= c.Start || c.Text == "" })
	slices.SortStableFunc(cues, func(a, b Cue) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
	})
	type moment struct{ start, end time.Duration }
	var at moment
	said := map[string]bool{}
	return slices.DeleteFunc(cues, func(c Cue) bool {
		if now := (moment{c.Start, c.End}); now != at {
			at = now
			clear(said)
		}
		key := c.Settings + "\n" + c.Text
		twice := said[key]
		said[key] = true
		return twice
	})
}
