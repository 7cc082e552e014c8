package subtitles

import (
	"fmt"
	"strings"
	"time"
)

// Write makes WebVTT of cues, each later by shift (earlier: negative); what is
// over before the film begins is left out. ErrNoCues when nothing is left.
//
// Lines before the first cue are the caller's to put in: it ends with an empty line.
func Write(cues []Cue, shift time.Duration) ([]byte, error) {
	var b strings.Builder
	b.WriteString(Header + "\n")
	n := 0
	for _, c := range cues {
		start, end := max(0, c.Start+shift).Round(time.Millisecond), (c.End + shift).Round(time.Millisecond)
		if end <= start || end >= maxHours*time.Hour {
			continue
		}
		n++
		b.WriteString("\n" + stamp(start) + " " + arrow + " " + stamp(end))
		if c.Settings != "" {
			b.WriteString(" " + c.Settings)
		}
		b.WriteString("\n" + c.Text + "\n")
		if b.Len() > maxWritten {
			return nil, ErrTooLarge
		}
	}
	if n == 0 {
		return nil, ErrNoCues
	}
	return []byte(b.String()), nil
}

// Header is a WebVTT file's first line.
const Header = "WEBVTT"

// stamp is a time as WebVTT has it.
func stamp(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}
