package clips

// long are two films of half an hour, so that things can happen meanwhile:
// one must be converted, the other is ready in seconds and longer than any
// browser reads ahead. One part of each is encoded and joined to itself.
func long(partSeconds int) []Clip {
	const targetSeconds = 1800
	repeat := max(0, targetSeconds/partSeconds-1)
	in := join(lavfi(picture(usualWidth, usualHeight, usualRate), partSeconds), lavfi(tone, partSeconds))
	expect := func(rung string) Expect {
		return Expect{Rung: rung, DurationSeconds: float64((repeat + 1) * partSeconds), Width: usualWidth, Height: usualHeight}
	}
	return []Clip{
		{Name: "long-hevc", FileName: "Long HEVC.mkv", Expect: expect("convert"), format: "matroska", repeat: repeat, args: join(in, x265(""), aac())},
		{Name: "long-h264", FileName: "Long H264.mp4", Expect: expect("direct"), format: "mp4", repeat: repeat, args: join(in, x264(100), aac())},
	}
}
