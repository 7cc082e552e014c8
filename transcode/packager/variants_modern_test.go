package packager_test

import (
	"slices"
	"strings"
)

func x265(params string) []string {
	return []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:pools=1:frame-threads=1:" + params, "-pix_fmt", "yuv420p"}
}

func vp9(more ...string) []string {
	return append([]string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "50", "-pix_fmt", "yuv420p", "-threads", "1"}, more...)
}

func av1(more ...string) []string {
	return append([]string{"-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "50", "-pix_fmt", "yuv420p", "-threads", "1"}, more...)
}

// modernVariant is a film whose picture not every phone plays.
type modernVariant struct {
	variant
	codecs string // as they must be told
	// leading: segments begin with pictures that belong to the time before.
	leading bool
}

const (
	keyed  = "keyint=50:min-keyint=50:scenecut=0:bframes=3:open-gop=0"
	opened = "keyint=50:min-keyint=50:scenecut=0:bframes=3:open-gop=1" // CRA and RASL from the second key frame on
)

var (
	opus    = []string{"-c:a", "libopus", "-b:a", "64k"}
	ten     = []string{"-pix_fmt", "yuv420p10le"}
	hvc1    = []string{"-tag:v", "hvc1"}
	hdr10   = []string{"-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"}
	flexing = []string{"-vf", "select='mod(n\\,7)*mod(n\\,5)'", "-fps_mode", "vfr"}
)

func modernFilm(seconds float64, codec []string, more ...[]string) [][]string {
	return args(slices.Concat([][]string{picture("25", seconds), tone(seconds), codec}, more)...)
}

var modernVariants = []modernVariant{
	{variant{name: "HEVC, closed GOPs", file: "a.mp4", make: modernFilm(13, x265(keyed), hvc1, aac), segments: 4}, "hvc1.1.6.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC, open GOPs", file: "a.mp4", make: modernFilm(13, x265(opened), hvc1, aac), segments: 4}, "hvc1.1.6.L30.90,mp4a.40.2", true},
	{variant{name: "HEVC, open GOPs and pyramids of B-frames", file: "a.mkv", make: modernFilm(13, x265("keyint=50:min-keyint=50:scenecut=0:bframes=8:b-pyramid=1:rc-lookahead=20:open-gop=1"), aac), segments: 4}, "hvc1.1.6.L30.90,mp4a.40.2", true},
	{variant{name: "HEVC, closed GOPs", file: "a.mkv", make: modernFilm(13, x265(keyed), aac), segments: 4}, "hvc1.1.6.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC of 10 bits", file: "a.mkv", make: modernFilm(13, x265(keyed), ten, aac), segments: 4}, "hvc1.2.4.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC in HDR", file: "a.mp4", make: modernFilm(9, x265(keyed+":hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"), ten, hvc1, hdr10, aac), segments: 3}, "hvc1.2.4.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC with parameter sets in the stream too", file: "a.mp4", make: modernFilm(9, x265(keyed+":repeat-headers=1"), []string{"-tag:v", "hev1"}, aac), segments: 3}, "hvc1.1.6.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC, fragmented", file: "a.mp4", make: modernFilm(9, x265(opened), hvc1, aac, fragment), segments: 3}, "hvc1.1.6.L30.90,mp4a.40.2", true},
	{variant{name: "HEVC, QuickTime with MP3", file: "a.mov", make: modernFilm(9, x265(keyed), hvc1, mp3), segments: 3}, "hvc1.1.6.L30.90,mp4a.6B", false},
	{variant{name: "HEVC, a negative start, no edit list", file: "a.mp4", make: modernFilm(9, x265(keyed), hvc1, aac, []string{"-use_editlist", "0", "-avoid_negative_ts", "disabled"}), segments: 3}, "hvc1.1.6.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC, cut at the end by an edit list", file: "a.mp4", make: again(modernFilm(13, x265(keyed), hvc1, aac), "-t", "9.5", "-i", "%s", "-c", "copy", "-tag:v", "hvc1"), segments: 3}, "hvc1.1.6.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC, a start of 27 hours", file: "a.mkv", make: modernFilm(9, x265(keyed), aac, []string{"-output_ts_offset", "97200"}), segments: 3}, "hvc1.1.6.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC, no index", file: "a.mkv", make: modernFilm(9, x265(opened), aac, []string{"-live", "1"}), segments: 3}, "hvc1.1.6.L30.90,mp4a.40.2", true},
	{variant{name: "HEVC, frames of varying length", file: "a.mp4", make: modernFilm(13, x265(keyed), flexing, hvc1, aac), segments: 3}, "hvc1.1.6.L30.90,mp4a.40.2", false},
	{variant{name: "HEVC without sound", file: "a.mp4", make: args(picture("25", 9), x265(keyed), hvc1), segments: 3, sound: -1}, "hvc1.1.6.L30.90", false},
	{variant{name: "HEVC, sound that ends early", file: "a.mp4", make: args(picture("25", 13), tone(5), x265(keyed), hvc1, aac), segments: 4}, "hvc1.1.6.L30.90,mp4a.40.2", false},
	{variant{name: "VP9 and Opus", file: "a.webm", make: modernFilm(13, vp9(), opus), segments: 4}, "vp09.00.10.08,opus", false},
	{variant{name: "VP9 with hidden frames in superframes", file: "a.webm", make: modernFilm(13, vp9("-deadline", "good", "-cpu-used", "5", "-auto-alt-ref", "1", "-lag-in-frames", "16", "-arnr-maxframes", "7"), opus), segments: 4}, "vp09.00.10.08,opus", false},
	{variant{name: "VP9 of 10 bits", file: "a.webm", make: modernFilm(9, vp9(), ten, []string{"-profile:v", "2"}, opus), segments: 3}, "vp09.02.10.10,opus", false},
	{variant{name: "VP9 in HDR", file: "a.mkv", make: modernFilm(9, vp9(), ten, []string{"-profile:v", "2"}, hdr10, opus), segments: 3}, "vp09.02.10.10.01.09.16.09.00,opus", false},
	{variant{name: "VP9 and AAC", file: "a.mp4", make: modernFilm(9, vp9(), aac), segments: 3}, "vp09.00.10.08,mp4a.40.2", false},
	{variant{name: "VP9 and MP3", file: "a.mkv", make: modernFilm(9, vp9(), mp3), segments: 3}, "vp09.00.10.08,mp4a.6B", false},
	{variant{name: "VP9, no index", file: "a.webm", make: modernFilm(9, vp9(), opus, []string{"-live", "1"}), segments: 3}, "vp09.00.10.08,opus", false},
	{variant{name: "VP9, sound that ends early", file: "a.webm", make: args(picture("25", 13), tone(5), vp9(), opus), segments: 4}, "vp09.00.10.08,opus", false},
	{variant{name: "AV1 and AAC", file: "a.mp4", make: modernFilm(9, av1(), aac), segments: 3}, "av01.0.00M.08,mp4a.40.2", false},
	{variant{name: "AV1 and Opus", file: "a.webm", make: modernFilm(9, av1(), opus), segments: 3}, "av01.0.00M.08,opus", false},
	{variant{name: "AV1 and Opus", file: "a.mp4", make: modernFilm(9, av1(), opus), segments: 3}, "av01.0.00M.08,opus", false},
	{variant{name: "AV1 of 10 bits with hidden frames", file: "a.mkv", make: modernFilm(9, av1("-usage", "good", "-lag-in-frames", "19"), ten, opus), segments: 3}, "av01.0.00M.10,opus", false},
	{variant{name: "AV1 with temporal delimiters", file: "a.mp4", make: modernFilm(9, av1(), aac), segments: 3, change: withDelimiters}, "av01.0.00M.08", false},
}

// label tells variants of one name apart.
func (v variant) label() string { return strings.TrimPrefix(v.file, "a.") + ": " + v.name }
