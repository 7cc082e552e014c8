package clips

// swarm is for several viewers of one film: constant bit rates, so that every
// 4-second segment is of the same size, and noise, so that the bytes are picture
// and not filler, which a box may leave out. Two of 720p for measurements (39 MB in
// 120 s, and 600 s), and two small ones, for tests on machines that must decode
// four of them at once.
func swarm(seconds int) []Clip {
	cbr := func(rate string) []string {
		return []string{"-crf", "-1", "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate, "-nal-hrd", "cbr"}
	}
	film := func(name, file string, width, height, parts int, rate string) Clip {
		in := join(lavfi(picture(width, height, usualRate)+",noise=alls=12:allf=t", seconds), lavfi(tone, seconds))
		expect := Expect{Rung: "direct", DurationSeconds: float64(parts * seconds), Width: width, Height: height}
		return Clip{Name: name, FileName: file, Expect: expect, format: "mp4", repeat: parts - 1, args: join(in, x264(100, cbr(rate)...), aac())}
	}
	return []Clip{
		film("swarm", "Swarm.mp4", 1280, 720, 1, "2420k"),
		film("swarm-long", "Swarm long.mp4", 1280, 720, 5, "2420k"),
		film("swarm-small", "Swarm small.mp4", usualWidth, usualHeight, 1, "1M"),
		film("swarm-other", "Swarm other.mp4", usualWidth, usualHeight, 1, "900k"),
	}
}
