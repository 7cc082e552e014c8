package packager_test

import (
	"bytes"
	"testing"
)

var mkvVariants = []variant{
	{name: "B-frames and AAC, index at the end", file: "a.mkv", make: film(aac), segments: 4},
	{name: "index in front", file: "a.mkv", make: film(aac, []string{"-cues_to_front", "1"}), segments: 4},
	{name: "index in room that was kept", file: "a.mkv", make: film(aac, []string{"-reserve_index_space", "4096"}), segments: 4},
	{name: "no index: saved from a stream", file: "a.mkv", make: film(aac, []string{"-live", "1"}), segments: 4},
	{name: "no index: it was lost", file: "a.mkv", make: film(aac), segments: 4, change: withoutCues},
	{name: "index without places in clusters", file: "a.mkv", make: film(aac), segments: 4, change: withoutPlaces},
	{name: "many clusters", file: "a.mkv", make: film(aac, []string{"-cluster_time_limit", "300"}), segments: 4},
	{name: "large clusters", file: "a.mkv", make: film(aac, []string{"-cluster_time_limit", "30000", "-cluster_size_limit", "50000000"}), segments: 4},
	{name: "MP3", file: "a.mkv", make: film(mp3), segments: 4},
	{name: "AAC of 5.1 channels", file: "a.mkv", make: film(aac, []string{"-ac", "6"}), segments: 4},
	{name: "AAC of 22050 Hz, mono", file: "a.mkv", make: film(aac, []string{"-ac", "1", "-ar", "22050"}), segments: 4},
	{name: "no sound", file: "a.mkv", make: args(picture("25", 13), closed), segments: 4, sound: -1},
	{name: "Baseline without B-frames", file: "a.mkv", make: args(picture("25", 13), tone(13), x264("-profile:v", "baseline", "-g", "50"), aac), segments: 4},
	{name: "23.976 frames with an IDR forced every 4 s", file: "a.mkv", make: args(picture("24000/1001", 26), tone(26),
		x264("-g", "250", "-force_key_frames", "expr:gte(t,n_forced*4)"), aac), segments: 7},
	{name: "IDRs 10.4 s apart", file: "a.mkv", make: args(picture("24000/1001", 32), tone(32), x264("-g", "250", "-sc_threshold", "0"), aac), segments: 4},
	{name: "open GOPs with an IDR every 5 s", file: "a.mkv", make: args(picture("25", 21), tone(21),
		x264("-x264-params", "open-gop=1:keyint=25:bframes=3", "-force_key_frames", "expr:gte(t,n_forced*5)", "-forced-idr", "1"), aac), segments: 5, strict: true},
	{name: "pyramids of B-frames, 60 frames a second", file: "a.mkv", make: args(picture("60", 9), tone(9), x264("-bf", "8", "-b-pyramid", "normal", "-g", "120", "-refs", "6"), aac), segments: 3},
	{name: "2 frames a second", file: "a.mkv", make: args(picture("2", 30), tone(30), x264("-g", "4"), aac), segments: 7},
	{name: "several slices and delimiters", file: "a.mkv", make: args(picture("25", 13), tone(13), x264("-g", "50", "-slices", "4", "-x264-params", "aud=1"), aac), segments: 4},
	{name: "sound 1.5 s late", file: "a.mkv", make: args(picture("25", 13), []string{"-itsoffset", "1.5"}, tone(11), closed, aac), segments: 4},
	{name: "picture 0.7 s late", file: "a.mkv", make: args([]string{"-itsoffset", "0.7"}, picture("25", 13), tone(13), []string{"-map", "0:v", "-map", "1:a"}, closed, aac), segments: 4},
	{name: "a start of 27 hours", file: "a.mkv", make: film(aac, []string{"-output_ts_offset", "97200"}), segments: 4},
	{name: "frames of varying length", file: "a.mkv", make: film([]string{"-vf", "select='mod(n\\,7)*mod(n\\,5)'", "-fps_mode", "vfr"}, aac), segments: 3},
	{name: "the third of three sound tracks", file: "a.mkv", make: args(picture("25", 13), tone(13), lavfi("sine=frequency=880", 13), lavfi("sine=frequency=1760", 12),
		[]string{"-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a"}, closed, aac), segments: 4, sound: 2},
	{name: "pixels that are not square", file: "a.mkv", make: again(film(aac), "-i", "%s", "-c", "copy", "-aspect", "4:3"), segments: 4, aspect: "3:4"},
	{name: "half a second", file: "a.mkv", make: args(picture("25", 0.5), tone(0.5), closed, aac), segments: 1},
	{name: "sound that ends early", file: "a.mkv", make: args(picture("25", 13), tone(5), closed, aac), segments: 4},
	{name: "sound that ends late", file: "a.mkv", make: args(picture("25", 6), tone(13), closed, aac), segments: 2},
}

func TestFramesOfMatroskaAreTheSources(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	for _, v := range mkvVariants {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			testVariant(t, v)
		})
	}
}

// withoutCues makes the index an element that readers pass over.
func withoutCues(data []byte) []byte {
	return rename(data, "\x1c\x53\xbb\x6b", "\x1c\x53\xbb\x6a")
}

// withoutPlaces leaves only clusters in the index: CueRelativePosition becomes
// CueDuration, of which nobody needs to know.
func withoutPlaces(data []byte) []byte { return rename(data, "\xf0", "\xb2") }

// rename changes IDs, from the index on.
func rename(data []byte, from, to string) []byte {
	at := bytes.LastIndex(data, []byte("\x1c\x53\xbb\x6b"))
	return append(data[:at:at], bytes.ReplaceAll(data[at:], []byte(from), []byte(to))...)
}
