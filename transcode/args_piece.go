package transcode

import "strconv"

// pieceArguments are ffmpeg's for one piece of a film that is converted, as one
// MPEG-TS on standard output. It is pure; files is the number of descriptors.
func pieceArguments(m Media, machine Machine, encoder Encoder, files int, segmentSeconds float64, p piece) []argument {
	r := outputRate(*m.Video)
	list := append(general(files), argument{words("-fflags", "+genpts"), "AVI has no presentation times"})
	if decodedByChip(m, machine) {
		list = append(list, argument{hevcArguments(), "a chip decodes it"})
	}
	list = append(list, p.input(r)...)
	list = append(list,
		argument{words("-i", inputURL(files)), "an open descriptor, never a name"},
		argument{words("-map", "0:V:0"), "the picture; capital V: a cover is none"},
	)
	list = append(list, encodePicture(m, machine, encoder, segmentSeconds, p)...)
	list = append(list, soundOfPiece(m, machine, p)...)
	list = append(list,
		argument{words("-muxdelay", "0.7"), "the muxer's own: by twice that it moves all times, which tells where a piece begins"},
		argument{words("-avoid_negative_ts", "disabled"), "and by nothing else: sound begins a frame early, which would move the first piece alone"},
	)
	return append(list, output()...)
}

// soundOfPiece is encoded anew even where phones would play it as it is: a
// converted picture may start later or drop damaged parts; sound that is decoded
// too is kept in step by its times.
func soundOfPiece(m Media, machine Machine, p piece) []argument {
	track, ok := chooseAudio(m, machine)
	if !ok {
		return []argument{{words("-an"), "no sound that could be played"}}
	}
	return append([]argument{
		{words("-map", "0:a:"+strconv.Itoa(track)), "one track: the default one, else the first"},
		{words("-c:a", "aac", "-b:a", soundBitRate), "what every phone plays"},
		{words("-ac", soundChannels), "phones have two ears"},
		{words("-ar", soundRateHz), "some sources change their rate in mid-film"},
		p.soundFilter(outputRate(*m.Video)),
	}, p.keeps(outputRate(*m.Video))...)
}
