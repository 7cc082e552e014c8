package clips

// long are films of half an hour, so that things can happen meanwhile: one must
// be converted, one is ready in seconds and longer than any browser reads ahead; of a
// third, of two hours, the sound is converted. One part of each is encoded and joined to itself.
func long(partSeconds int) []Clip {
	const targetSeconds = 1800
	repeat := max(0, targetSeconds/partSeconds-1)
	in := join(lavfi(picture(usualWidth, usualHeight, usualRate), partSeconds), lavfi(tone, partSeconds))
	expect := func(rung string) Expect {
		return Expect{Rung: rung, DurationSeconds: float64((repeat + 1) * partSeconds), Width: usualWidth, Height: usualHeight}
	}
	hours := expect("audio")
	hours.DurationSeconds *= 4
	return []Clip{
		{Name: "long-10bit", FileName: "Long 10 bit.mkv", Expect: expect("convert"), format: "matroska", repeat: repeat, args: join(in, x264(50, "-pix_fmt", "yuv420p10le"), aac())},
		{Name: "long-ac3", FileName: "Long AC3.mkv", Expect: hours, format: "matroska", repeat: 4*(repeat+1) - 1, args: join(in, x264(100), []string{"-c:a", "ac3"})},
		{Name: "long-h264", FileName: "Long H264.mp4", Expect: expect("direct"), format: "mp4", repeat: repeat, args: join(in, x264(100), aac())},
	}
}
