package clips

// big is for measurements. Two films of 1.2 GB: noisy pictures at 24 Mbit/s,
// encoded once and joined to themselves; one can be cut as it is, the other
// (open GOP) must be converted. And one whose 4-second segments have 2.5 MB.
func big(partSeconds int) []Clip {
	const (
		width, height  = 960, 540
		targetBytes    = 1_200_000_000
		bytesPerSecond = 24_000_000 / 8
	)
	repeat := max(0, (targetBytes+partSeconds*bytesPerSecond-1)/(partSeconds*bytesPerSecond)-1)
	in := join(lavfi("testsrc2=size=960x540:rate=25,noise=alls=40:allf=t", partSeconds), lavfi(tone, partSeconds))
	cbr := func(rate string) []string {
		return []string{"-preset", "ultrafast", "-crf", "-1", "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate, "-nal-hrd", "cbr"}
	}
	expect := Expect{Rung: "direct", DurationSeconds: float64((repeat + 1) * partSeconds), Width: width, Height: height}
	open, medium := expect, expect
	medium.DurationSeconds = float64(2 * partSeconds)
	open.Rung = "convert"
	return []Clip{
		{Name: "big-direct", FileName: "big-direct.mp4", Expect: expect, format: "mp4", repeat: repeat, args: join(in, x264(50, cbr("24M")...), aac())},
		{Name: "big-convert", FileName: "big-convert.mkv", Expect: open, format: "matroska", repeat: repeat, args: join(in, x264(50, append(cbr("24M"), "-x264-params", "open-gop=1:bframes=2")...), aac())},
		{Name: "segments", FileName: "segments.mp4", Expect: medium, format: "mp4", repeat: 1, args: join(in, x264(100, cbr("5M")...), aac())},
	}
}
