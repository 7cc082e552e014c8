package clips

// hours are two films as long as films are, and as large: what reading an index
// costs is measured with them. One part is encoded and joined to itself.
func hours(partSeconds int) []Clip {
	const (
		width, height = 960, 540
		seconds       = 7200
	)
	repeat := max(0, seconds/partSeconds-1)
	in := join(lavfi("testsrc2=size=960x540:rate=25,noise=alls=40:allf=t", partSeconds), lavfi(tone, partSeconds))
	rate := []string{"-preset", "ultrafast", "-crf", "-1", "-b:v", "4400k", "-minrate", "4400k", "-maxrate", "4400k", "-bufsize", "4400k", "-nal-hrd", "cbr"}
	expect := Expect{Rung: "direct", DurationSeconds: float64((repeat + 1) * partSeconds), Width: width, Height: height}
	return []Clip{
		{Name: "hours-mp4", FileName: "Two hours.mp4", Expect: expect, format: "mp4", repeat: repeat, args: join(in, x264(50, rate...), aac())},
		{Name: "hours-mkv", FileName: "Two hours.mkv", Expect: expect, format: "matroska", repeat: repeat, args: join(in, x264(50, rate...), aac())},
	}
}
