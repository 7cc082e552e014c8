package clips

import "fmt"

// sample is a handful of films that are pleasant to look at and made in
// seconds: two rungs need no conversion, one the sound's, one all of it.
func sample(seconds int) []Clip {
	const width, height = 1280, 720
	expect := func(rung string) Expect {
		return Expect{Rung: rung, DurationSeconds: float64(seconds), Width: width, Height: height}
	}
	film := func(graph, title, chord string, output []string) (args, plain []string) {
		fit := fmt.Sprintf(",scale=%d:%d:flags=neighbor,format=yuv420p", width, height)
		sound := lavfi("aevalsrc="+chord+":s=48000", seconds)
		return join(lavfi(graph+fit+drawTitle(title), seconds), sound, output),
			join(lavfi(graph+fit, seconds), sound, output)
	}
	mp4 := join([]string{"-c:v", "libx264", "-preset", "superfast", "-crf", "23", "-g", "50"}, aac())
	ac3 := join([]string{"-c:v", "libx264", "-preset", "superfast", "-crf", "23", "-g", "50"}, []string{"-c:a", "ac3"})
	avi := []string{"-c:v", "mpeg4", "-q:v", "5", "-g", "50", "-c:a", "libmp3lame"}

	evening := Clip{Name: "evening", FileName: "Colours of the evening.mp4", Expect: expect("direct"), format: "mp4"}
	evening.args, evening.plain = film("gradients=size=640x360:rate=25:speed=0.02:c0=0x20104A:c1=0xE8703A:c2=0x7A1F5C:c3=0xF2C14E:nb_colors=4:seed=7",
		"Colours of the evening", chord(220, 277.2, 329.6), mp4)

	zoom := Clip{Name: "zoom", FileName: "The long zoom.avi", Expect: expect("convert"), format: "avi"}
	zoom.args, zoom.plain = film("mandelbrot=size=640x360:rate=25:end_pts=800:maxiter=700", "The long zoom", chord(196, 246.9, 293.7), avi)

	two := Clip{Name: "episode-2", FileName: "Small worlds/Episode 2.mkv", Expect: expect("audio"), format: "matroska"}
	two.args, two.plain = film("life=size=160x90:rate=12.5:mold=25:ratio=0.3:seed=5:life_color=0xF2C14E:death_color=0x7A1F5C:mold_color=0x20104A,fps=25",
		"Small worlds, 2", chord(174.6, 220, 261.6), ac3)

	ten := Clip{Name: "episode-10", FileName: "Small worlds/Episode 10.mp4", Expect: expect("direct"), format: "mp4"}
	ten.args, ten.plain = film("cellauto=size=320x180:rate=25:rule=110:seed=11,format=gray,lutrgb=r='val*0.9':g='val*0.7':b='60+val*0.3'",
		"Small worlds, 10", chord(164.8, 207.7, 246.9), mp4)
	return []Clip{evening, zoom, two, ten}
}

// chord is a soft sound of three notes (Hz) that swells every 8 s.
func chord(a, b, c float64) string {
	return fmt.Sprintf("'0.07*(sin(2*PI*%g*t)+sin(2*PI*%g*t)+sin(2*PI*%g*t))*(0.6+0.4*sin(2*PI*t/8))'", a, b, c)
}

// drawTitle shows the title for the first 5 s. It needs a font, which not
// every machine has.
func drawTitle(title string) string {
	return ",drawtext=text='" + title + "':font=Sans:fontsize=64:fontcolor=white@0.9:shadowx=2:shadowy=2" +
		":x=(w-tw)/2:y=(h-th)/2:enable='lt(t,5)'"
}
