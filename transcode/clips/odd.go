package clips

import (
	"strconv"
	"strings"
)

const oddSeconds = 8 // longer than what counts as a stray clip

// odd is what a stick may throw at the box. Only the ordinary file, those
// with a hostile name and those with a wrong extension must be playable; of
// the others a clear state is asked, and that they harm nobody.
func odd() []Clip {
	in := join(lavfi(picture(320, 180, usualRate), oddSeconds), lavfi(tone, oddSeconds))
	ordinary := join(in, x264(50), aac())
	playable := Expect{Rung: "direct", DurationSeconds: oddSeconds, Width: 320, Height: 180, Pattern: true}
	all := []Clip{
		{Name: "ordinary", FileName: "ordinary.mp4", Expect: playable, format: "mp4", args: ordinary},
		{Name: "truncated", FileName: "truncated.mp4", Expect: Expect{Rung: "none"}, base: "ordinary", finish: half, how: "half"}, // its index is lost
		{Name: "truncated-mkv", FileName: "truncated.mkv", format: "matroska", args: ordinary, finish: half, how: "half"},         // its first half is there
		{Name: "zero-byte", FileName: "zero-byte.mp4"},
		{Name: "text", FileName: "text.mp4", finish: text(strings.Repeat("This is a letter, not a film.\n", 4000)), how: "letter"},
		{Name: "playlist", FileName: "playlist.avi", finish: text(playlist), how: playlist},
		{Name: "concat", FileName: "concat.mkv", finish: text(concatScript), how: concatScript},
		{Name: "bit-flipped", FileName: "bit-flipped.mp4", format: "mp4", args: join(in, x264(50, "-b:v", "2M", "-crf", "12"), aac()), finish: flipBits, how: "flipped"},
		{Name: "encrypted", FileName: "encrypted.mp4", format: "mp4", args: join(ordinary, []string{
			"-encryption_scheme", "cenc-aes-ctr", "-encryption_key", strings.Repeat("0f", 16), "-encryption_kid", strings.Repeat("a1", 16),
		})},
		{Name: "audio-only", FileName: "audio-only.mp4", format: "mp4", args: join(lavfi(tone, oddSeconds), aac())},
		{Name: "one-pixel", FileName: "one pixel.webm", format: "webm", args: join(lavfi("color=red:size=16x16:rate=25,format=yuv444p,crop=1:1", oddSeconds), []string{"-c:v", "libvpx-vp9", "-b:v", "50k"})},
		{Name: "eight-k", FileName: "8K.mp4", format: "mp4", args: join(lavfi("testsrc2=size=7680x4320:rate=1", oddSeconds), []string{"-c:v", "libx264", "-preset", "ultrafast", "-b:v", "2M", "-pix_fmt", "yuv420p", "-g", "4"})},
		// Written through a pipe: neither length nor index.
		{Name: "no-duration", FileName: "no duration.webm", format: "webm", pipe: true, args: join(in, []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-c:a", "libvorbis"})},
		{Name: "negative-start", FileName: "negative start.mp4", format: "mp4", args: join(ordinary, []string{"-output_ts_offset", "-2", "-avoid_negative_ts", "disabled"})},
		{Name: "late-start", FileName: "late start.ts", Expect: playable, format: "mpegts", args: join(ordinary, []string{"-output_ts_offset", "5000"})},
		{Name: "wrong-extension", FileName: "wrong extension.avi", Expect: playable, base: "ordinary", finish: distinct("wrong extension"), how: "avi"},
		{Name: "matroska-as-mp4", FileName: "matroska.mp4", Expect: playable, format: "matroska", args: ordinary},
	}
	for i, name := range hostileNames {
		mark := "name " + strconv.Itoa(i)
		all = append(all, Clip{Name: mark, FileName: name, Expect: playable, base: "ordinary", finish: distinct(mark), how: mark})
	}
	return all
}

// hostileNames are file names that a Linux file system accepts. The one with
// a slash is a folder and a file that read as a script together.
var hostileNames = []string{
	"-i.mp4",
	"-version -f lavfi.mp4",
	`quote's "double" and` + " `back`.mp4",
	"new\nline.mp4",
	"emoji 🎬🍿.mp4",
	strings.Repeat("n", 251) + ".mp4",
	`<img src=x onerror=alert(1)>.mp4`,
	"<script>alert(2)</script>.mp4",
	`"><svg onload=alert(3)>.mp4`,
	"a..%2f..%2f..%2fetc%2fpasswd.mp4",
	`back\slash\..\..\x.mp4`,
	"percent %s %05d %n.mp4",
	"not UTF-8 \xff\xfe.mp4",
	"right to left \u202e gpj.mp4",
	"http:⁄⁄127.0.0.1:9⁄x?y#z.mp4",
	"concat:a|b.mp4",
	"&amp; ${HOME} $(id) ;.mp4",
}

// What must never be followed: to another host, or out of the stick.
const (
	playlist = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://127.0.0.1:9/seg.ts\n" +
		"#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
	concatScript = "ffconcat version 1.0\nfile '/etc/passwd'\nfile 'http://127.0.0.1:9/x.mp4'\n"
)
