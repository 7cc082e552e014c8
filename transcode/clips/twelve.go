package clips

// The usual size: small, so that two cores are not kept busy for minutes.
const (
	usualWidth, usualHeight = 640, 360
	usualRate               = "25"
)

// twelve is what people have on sticks: more than a dozen encodings, each for
// a reason, with the rung of the ladder that it must get.
func twelve(seconds int) []Clip {
	in := join(lavfi(picture(usualWidth, usualHeight, usualRate), seconds), lavfi(tone, seconds))
	video := func(graph string) []string { return join(lavfi(graph, seconds), lavfi(tone, seconds)) }
	expect := func(rung string) Expect {
		return Expect{Rung: rung, DurationSeconds: float64(seconds), Width: usualWidth, Height: usualHeight, Pattern: true}
	}
	all := []Clip{
		// The index (moov) is at the end, as cameras write it.
		{Name: "h264-aac", FileName: "H264 AAC.mp4", Expect: expect("direct"), format: "mp4", args: join(in, x264(50), aac())},
		{Name: "h264-ac3", FileName: "H264 AC3.mkv", Expect: expect("audio"), format: "matroska", args: join(in, x264(50), []string{"-c:a", "ac3"})},
		{Name: "h264-mp3", FileName: "H264 MP3.mkv", Expect: expect("direct"), format: "matroska", args: join(in, x264(50), []string{"-c:a", "libmp3lame"})},
		{Name: "h264-aac51", FileName: "H264 AAC 5.1.mp4", Expect: expect("direct"), format: "mp4", args: join(in, x264(50), aac("-ac", "6"))},
		// Every key frame after the first is an open-GOP recovery point: none of them can start a segment.
		{Name: "opengop-one-idr", FileName: "Open GOP.mkv", Expect: expect("convert"), format: "matroska", args: join(in, x264(50, "-x264-params", "open-gop=1:bframes=3"), aac())},
		// The same with a real IDR every 8 s: cut there, and nowhere else.
		{Name: "opengop-idrs", FileName: "Open GOP with IDRs.mkv", Expect: expect("direct"), format: "matroska", args: join(in,
			x264(50, "-x264-params", "open-gop=1:bframes=3", "-forced-idr", "1", "-force_key_frames", "expr:gte(t,n_forced*8)"), aac())},
		// x264's usual distance of 250 frames at 23.976 a second.
		{Name: "keyframes-10s", FileName: "Key frames 10.4 s apart.mp4", Expect: expect("direct"), format: "mp4", args: join(video(picture(usualWidth, usualHeight, "24000/1001")), x264(250), aac())},
		{Name: "irregular", FileName: "Irregular key frames.mkv", Expect: expect("direct"), format: "matroska", args: join(in,
			x264(500, "-forced-idr", "1", "-force_key_frames", "0.4,1.2,2,7.4,8,16.3,17"), aac())},
		{Name: "hevc-10bit", FileName: "HEVC 10 bit.mkv", Expect: modern(expect("convert")), format: "matroska", args: join(in, x265(""), aac())},
		{Name: "hdr10", FileName: "HDR10.mp4", Expect: modern(hdr(expect("convert"))), format: "mp4", args: join(
			// Reference white of PQ is at about 0.58 of the scale.
			video(picture(usualWidth, usualHeight, usualRate)+",colorlevels=romax=0.6:gomax=0.6:bomax=0.6"),
			x265("hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400:"+
				"master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)"),
			[]string{"-tag:v", "hvc1", "-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"}, aac())},
		{Name: "h264-10bit", FileName: "H264 10 bit.mkv", Expect: expect("convert"), format: "matroska", args: join(in,
			[]string{"-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-pix_fmt", "yuv420p10le", "-g", "50"}, aac())},
		{Name: "mpeg4-mp3", FileName: "MPEG-4 MP3.avi", Expect: expect("convert"), format: "avi", args: join(in, []string{"-c:v", "mpeg4", "-q:v", "4", "-g", "50", "-c:a", "libmp3lame"})},
		// 50 fields a second woven into 25 flagged frames, as broadcast (lower field first, as DV is).
		{Name: "mpeg2-interlaced", FileName: "MPEG-2 interlaced.ts", Expect: expect("convert"), format: "mpegts", args: join(
			video(picture(usualWidth, usualHeight, "50")+",tinterlace=interleave_bottom,setfield=bff"),
			[]string{"-c:v", "mpeg2video", "-q:v", "4", "-g", "12", "-flags", "+ildct+ilme", "-c:a", "mp2"})},
		{Name: "h264-interlaced", FileName: "H264 interlaced.ts", Expect: expect("convert"), format: "mpegts", args: join(
			video(picture(usualWidth, usualHeight, "50")+",tinterlace=interleave_bottom,setfield=bff"),
			x264(50, "-flags", "+ildct+ilme"), aac())},
		{Name: "vp9-opus", FileName: "VP9 Opus.webm", Expect: modern(expect("convert")), format: "webm", args: join(in,
			[]string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-row-mt", "1", "-b:v", "800k", "-pix_fmt", "yuv420p", "-c:a", "libopus"})},
		{Name: "av1-aac", FileName: "AV1 AAC.mp4", Expect: modern(expect("convert")), format: "mp4", args: join(in,
			[]string{"-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-row-mt", "1", "-b:v", "800k", "-g", "100", "-pix_fmt", "yuv420p"}, aac())},
		// Key frames after the first are CRAs: pictures that are shown before one refer to what lies before it.
		{Name: "hevc-opengop", FileName: "HEVC open GOP.mp4", Expect: modern(expect("convert")), format: "mp4", args: join(in,
			x265("open-gop=1:scenecut=0:bframes=3"), []string{"-pix_fmt", "yuv420p", "-tag:v", "hvc1"}, aac())},
		// Frames 1/30 s and 1/10 s apart, in turns of three seconds.
		{Name: "vfr", FileName: "Variable frame rate.mp4", Expect: expect("direct"), format: "mp4", args: join(
			video(picture(usualWidth, usualHeight, "30")+",select='lt(mod(t,6),3)+not(mod(n,3))'"),
			x264(30, "-fps_mode", "vfr"), aac())},
		// Held upright: stored lying on its side, with a matrix that says so.
		{Name: "rotated", FileName: "Phone upright.mov", Expect: turned(expect("convert")), format: "mov", args: join(
			video(picture(usualHeight, usualWidth, "30")+",transpose=cclock"), x264(30), aac()), finish: turnRight, how: "turned"},
		{Name: "cover", FileName: "Cover art.mp4", Expect: expect("direct"), format: "mp4", args: join(in, lavfi("color=0x804020:size=300x300:rate=1", 1),
			[]string{"-map", "0:v", "-map", "1:a", "-map", "2:v", "-frames:v:1", "1"},
			[]string{"-c:v:0", "libx264", "-preset", "veryfast", "-pix_fmt:v:0", "yuv420p", "-g:v:0", "50"},
			[]string{"-c:v:1", "mjpeg", "-pix_fmt:v:1", "yuvj420p", "-disposition:v:1", "attached_pic"}, aac())},
		{Name: "odd-size", FileName: "Odd size.webm", Expect: sized(expect("convert"), 641, 361), format: "webm", args: join(
			video(picture(usualWidth, usualHeight, usualRate)+",scale=641:361"), []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M", "-pix_fmt", "yuv420p", "-c:a", "libvorbis"})},
		// Pixels wider than high: 480 columns are shown 640 wide.
		{Name: "anamorphic", FileName: "Anamorphic.mkv", Expect: expect("direct"), format: "matroska", args: join(
			video(picture(480, usualHeight, usualRate)+",setsar=4/3"), x264(50), aac())},
		{Name: "no-audio", FileName: "Silent film.mp4", Expect: expect("direct"), format: "mp4", args: join(lavfi(picture(usualWidth, usualHeight, usualRate), seconds), x264(50))},
		{Name: "wmv", FileName: "Windows Media.wmv", Expect: expect("convert"), format: "asf", args: join(in, []string{"-c:v", "wmv2", "-q:v", "4", "-g", "50", "-c:a", "wmav2"})},
		{Name: "flv", FileName: "Flash.flv", Expect: expect("convert"), format: "flv", args: join(in, []string{"-c:v", "flv1", "-q:v", "4", "-g", "50", "-c:a", "libmp3lame", "-ar", "44100"})},
	}
	return all
}

// x265 is HEVC with 10 bits a sample.
func x265(params string) []string {
	if params != "" {
		params = ":" + params
	}
	return []string{
		"-c:v", "libx265", "-preset", "ultrafast", "-crf", "24", "-pix_fmt", "yuv420p10le",
		"-x265-params", "log-level=error:keyint=50" + params,
	}
}

func hdr(e Expect) Expect { e.HDR = true; return e }

func modern(e Expect) Expect { e.Modern = true; return e }

func turned(e Expect) Expect { return sized(e, e.Height, e.Width) }

func sized(e Expect, width, height int) Expect {
	e.Width, e.Height = width, height
	return e
}
