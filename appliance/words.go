package appliance

import (
	"fmt"
	"strings"
)

// Words says the state in one line, for `systemctl status` and the like:
// "Ready: 12 films on 2 sticks, 3 phones watching, http://streambox.local".
// Pure. Sentences about problems may hold a stick's label.
func Words(f Facts) string {
	state := Decide(f)
	switch state {
	case Starting:
		return "Starting"
	case Stopping:
		return "Stopping"
	default:
	}
	var parts []string
	switch {
	case state == Fault:
		parts = append(parts, strings.Join(f.Failing, ", ")+plural(len(f.Failing), " does not run", " do not run")+"; the log says why")
	case state == Attention && len(f.Problems) > 1:
		parts = append(parts, fmt.Sprintf("%s (and %d more)", f.Problems[0], len(f.Problems)-1))
	case state == Attention && len(f.Problems) == 1:
		parts = append(parts, f.Problems[0])
	case state == Working && f.Reading:
		parts = append(parts, "reading a stick")
	case state == Working:
		parts = append(parts, "preparing films")
	}
	switch {
	case f.Sticks == 0:
		parts = append(parts, "no stick is plugged in")
	case f.Playable == 0 && state == Attention && len(f.Problems) == 0:
		parts = append(parts, "nothing on "+plural(f.Sticks, "the stick", "the sticks")+" can be played")
	default:
		parts = append(parts, count(f.Playable, "film")+" on "+count(f.Sticks, "stick"))
	}
	if f.Viewers > 0 {
		parts = append(parts, count(f.Viewers, "phone")+" watching")
	}
	for _, more := range []string{f.URL, f.Note} {
		if more != "" {
			parts = append(parts, more)
		}
	}
	return strings.ToUpper(string(state[:1])) + string(state[1:]) + ": " + strings.Join(parts, ", ")
}

func count(n int, what string) string {
	return fmt.Sprintf("%d %s", n, plural(n, what, what+"s"))
}

func plural(n int, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}
