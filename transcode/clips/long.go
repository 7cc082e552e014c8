package clips

// long is a film of half an hour that must be converted, so that things can
// happen meanwhile. One part of it is encoded and joined to itself.
func long(partSeconds int) []Clip {
	const targetSeconds = 1800
	repeat := max(0, targetSeconds/partSeconds-1)
	in := join(lavfi(picture(usualWidth, usualHeight, usualRate), partSeconds), lavfi(tone, partSeconds))
	return []Clip{{
		Name: "long-hevc", FileName: "Long HEVC.mkv", format: "matroska", repeat: repeat, args: join(in, x265(""), aac()),
		Expect: Expect{Rung: "convert", DurationSeconds: float64((repeat + 1) * partSeconds), Width: usualWidth, Height: usualHeight},
	}}
}
