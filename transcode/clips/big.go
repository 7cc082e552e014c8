package clips

// big is two films of 1.2 GB for measurements: noisy pictures at 24 Mbit/s,
// encoded once and joined to themselves. One can be cut as it is, the other
// (open GOP) must be converted.
func big(partSeconds int) []Clip {
	const (
		width, height  = 960, 540
		targetBytes    = 1_200_000_000
		bytesPerSecond = 24_000_000 / 8
	)
	repeat := max(0, (targetBytes+partSeconds*bytesPerSecond-1)/(partSeconds*bytesPerSecond)-1)
	in := join(lavfi("testsrc2=size=960x540:rate=25,noise=alls=40:allf=t", partSeconds), lavfi(tone, partSeconds))
	bitRate := []string{"-preset", "ultrafast", "-crf", "-1", "-b:v", "24M", "-minrate", "24M", "-maxrate", "24M", "-bufsize", "24M", "-nal-hrd", "cbr"}
	expect := Expect{Rung: "direct", DurationSeconds: float64((repeat + 1) * partSeconds), Width: width, Height: height}
	open := expect
	open.Rung = "convert"
	return []Clip{
		{Name: "big-direct", FileName: "big-direct.mp4", Expect: expect, format: "mp4", repeat: repeat, args: join(in, x264(50, bitRate...), aac())},
		{Name: "big-convert", FileName: "big-convert.mkv", Expect: open, format: "matroska", repeat: repeat, args: join(in, x264(50, append(bitRate, "-x264-params", "open-gop=1:bframes=2")...), aac())},
	}
}
