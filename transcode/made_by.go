package transcode

import "fmt"

// conversionVersion counts what makes pieces of different releases unfit to follow
// each other: where they begin, how their times come about.
const conversionVersion = 1

// MadeBy says how a film is converted, as far as a conversion that was broken off
// must be gone on with in the same way; "": it cannot be gone on with, as it is no
// conversion. Which encoder made a piece does not count. It is pure.
func MadeBy(m Media, plan Plan, machine Machine) string {
	if plan.Rung != Convert || m.Video == nil {
		return ""
	}
	return fmt.Sprintf("%d %s %gs a%d", conversionVersion, outputRate(*m.Video), float64(defaultSegmentSeconds), SoundTrack(m, machine))
}
