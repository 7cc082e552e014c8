package transcode

import "fmt"

// SoundChoice is one sound track of a film as viewers may choose it.
type SoundChoice struct {
	Track   int  // its position among the sound tracks, as in Media.Audio
	Default bool // it is in the rendition with the picture: what is played unless somebody chooses
	// Rung is the work it needs as an alternate: Direct none, AudioOnly it is
	// converted when somebody chooses it, None it cannot be had. Of the default
	// track it is how the title is played.
	Rung     Rung
	Reason   Reason // of None
	Channels int    // as it is played
}

// SoundChoices are a film's sound tracks: the default one first, then the others
// in the order of the film. The default is the track that the film marks as its
// default, else its first; of both only one that this machine can decode. It is pure.
func SoundChoices(m Media, plan Plan, machine Machine) []SoundChoice {
	standard := SoundTrack(m, machine)
	if plan.Rung == None {
		standard = -1
	}
	list := make([]SoundChoice, 0, len(m.Audio))
	for i, a := range m.Audio {
		one := SoundChoice{Track: i, Default: i == standard, Rung: AudioOnly, Channels: convertedChannels}
		switch {
		case one.Default:
			if one.Rung = plan.Rung; plan.Rung == Direct {
				one.Channels = a.Channels
			}
		case plan.Rung == None, !machine.Decodes(a.Codec):
			name := codecName(a.Codec)
			one.Rung, one.Channels = None, a.Channels
			one.Reason = because(CodeSoundNoDecoder, "this machine cannot decode this sound ("+name+")", "codec", name)
		case playsAlone(a) && plan.Rung != Convert: // beside what is converted, so is all sound
			one.Rung, one.Channels = Direct, a.Channels
		}
		if one.Default {
			list = append([]SoundChoice{one}, list...)
		} else {
			list = append(list, one)
		}
	}
	return list
}

const convertedChannels = 2 // soundChannels as a number

// playsAlone tells whether a track is passed on as it is in an alternate
// rendition: AAC, of which package packager can make silence where the track has
// nothing. A film's only sound may also be MP3.
func playsAlone(a Audio) bool {
	_, needsWork := audioNeedsWork(a)
	return a.Codec == "aac" && !needsWork
}

// SoundGone is the reason of a sound track that could not be converted: the file
// is damaged there.
func SoundGone(codec string) Reason {
	name := codecName(codec)
	return because(CodeSoundDamaged, fmt.Sprintf("this sound cannot be played: it is damaged (%s)", name), "codec", name)
}
