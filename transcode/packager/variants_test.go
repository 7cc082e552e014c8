package packager_test

import (
	"slices"
)

// variant is a way in which films are stored.
type variant struct {
	name     string
	file     string     // its ending says the container
	make     [][]string // ffmpeg's arguments, run by run; %s.mp4 … see make
	segments int        // as many as there must be
	sound    int
	strict   bool // flags lie: Open must find out
	// change rewrites the finished file.
	change func([]byte) []byte
	aspect string // the shape of its pixels, which only the container tells
	lead   int    // pictures at the beginning that are only there to be decoded
}

func args(lists ...[]string) [][]string { return [][]string{slices.Concat(lists...)} }

var (
	closed   = x264("-bf", "3", "-g", "50")
	aac      = []string{"-c:a", "aac", "-b:a", "96k"}
	mp3      = []string{"-c:a", "libmp3lame", "-b:a", "96k"}
	fragment = []string{"-movflags", "+frag_keyframe+empty_moov+default_base_moof"}
)

func flags(which string) []string { return []string{"-movflags", which} }

// film is the usual one: 13 s, B-frames, an IDR every 2 s.
func film(more ...[]string) [][]string {
	return args(append([][]string{picture("25", 13), tone(13), closed}, more...)...)
}

// again copies the file of the run before: %s stands for it.
func again(first [][]string, second ...string) [][]string { return append(first, second) }

var mp4Variants = []variant{
	{name: "B-frames and AAC, index at the end", file: "a.mp4", make: film(aac), segments: 4},
	{name: "index in front", file: "a.mp4", make: film(aac, flags("+faststart")), segments: 4},
	{name: "64-bit offsets", file: "a.mp4", make: film(aac), segments: 4, change: longOffsets},
	{name: "fragments at key frames", file: "a.mp4", make: film(aac, fragment), segments: 4},
	{name: "fragments with separate moofs and absolute offsets", file: "a.mp4", make: film(aac, flags("+frag_keyframe+empty_moov+separate_moof")), segments: 4},
	{name: "fragments of 300 ms that begin anywhere", file: "a.mp4", make: film(aac, []string{"-frag_duration", "300000"}, flags("+empty_moov+default_base_moof")), segments: 4},
	{name: "fragments after a first part in the index", file: "a.mp4", make: film(aac, flags("+frag_keyframe")), segments: 4},
	{name: "fragments with delayed index", file: "a.mp4", make: film(aac, flags("+frag_keyframe+delay_moov")), segments: 4},
	{name: "QuickTime with AAC", file: "a.mov", make: film(aac), segments: 4},
	{name: "QuickTime with MP3", file: "a.mov", make: film(mp3), segments: 4},
	{name: "M4V as for an iPod", file: "a.m4v", make: film(aac), segments: 4},
	{name: "MP3", file: "a.mp4", make: film(mp3), segments: 4},
	{name: "MP3 of a low rate (MPEG-2)", file: "a.mp4", make: film(mp3, []string{"-ar", "22050", "-ac", "1"}), segments: 4},
	{name: "AAC of 5.1 channels", file: "a.mp4", make: film(aac, []string{"-ac", "6"}), segments: 4},
	{name: "AAC of 22050 Hz, mono", file: "a.mp4", make: film(aac, []string{"-ac", "1", "-ar", "22050"}), segments: 4},
	{name: "no sound", file: "a.mp4", make: args(picture("25", 13), closed), segments: 4, sound: -1},
	{name: "Baseline without B-frames", file: "a.mp4", make: args(picture("25", 13), tone(13), x264("-profile:v", "baseline", "-g", "50"), aac), segments: 4},
	{name: "23.976 frames with an IDR forced every 4 s", file: "a.mp4", make: args(picture("24000/1001", 26), tone(26),
		x264("-g", "250", "-force_key_frames", "expr:gte(t,n_forced*4)"), aac), segments: 7},
	{name: "IDRs 10.4 s apart", file: "a.mp4", make: args(picture("24000/1001", 32), tone(32), x264("-g", "250", "-sc_threshold", "0"), aac), segments: 4},
	{name: "open GOPs with an IDR every 5 s", file: "a.mp4", make: args(picture("25", 21), tone(21),
		x264("-x264-params", "open-gop=1:keyint=25:bframes=3", "-force_key_frames", "expr:gte(t,n_forced*5)", "-forced-idr", "1"), aac), segments: 5, strict: true},
	{name: "pyramids of B-frames, 60 frames a second", file: "a.mp4", make: args(picture("60", 9), tone(9), x264("-bf", "8", "-b-pyramid", "normal", "-g", "120", "-refs", "6"), aac), segments: 3},
	{name: "2 frames a second", file: "a.mp4", make: args(picture("2", 30), tone(30), x264("-g", "4"), aac), segments: 7},
	{name: "only key frames", file: "a.mp4", make: args(picture("25", 9), tone(9), x264("-g", "1"), aac), segments: 3},
	{name: "several slices and delimiters", file: "a.mp4", make: args(picture("25", 13), tone(13), x264("-g", "50", "-slices", "4", "-x264-params", "aud=1"), aac), segments: 4},
	{name: "constant rate with filler", file: "a.mp4", make: args(picture("25", 9), tone(9),
		x264("-g", "50", "-b:v", "1M", "-minrate", "1M", "-maxrate", "1M", "-bufsize", "1M", "-nal-hrd", "cbr"), aac), segments: 3},
	{name: "parameter sets in the stream", file: "a.mp4", make: film(aac, []string{"-bsf:v", "dump_extra=freq=keyframe", "-tag:v", "avc3"}), segments: 4},
	{name: "sound 1.5 s late", file: "a.mp4", make: args(picture("25", 13), []string{"-itsoffset", "1.5"}, tone(11), closed, aac), segments: 4},
	{name: "picture 0.7 s late", file: "a.mp4", make: args([]string{"-itsoffset", "0.7"}, picture("25", 13), tone(13), []string{"-map", "0:v", "-map", "1:a"}, closed, aac), segments: 4},
	{name: "a start of 27 hours", file: "a.mp4", make: film(aac, []string{"-output_ts_offset", "97200"}), segments: 4},
	{name: "a negative start, no edit list", file: "a.mp4", make: film(aac, []string{"-use_editlist", "0", "-avoid_negative_ts", "disabled"}), segments: 4},
	{name: "negative offsets of composition", file: "a.mp4", make: film(aac, flags("+negative_cts_offsets")), segments: 4},
	{name: "cut at the end by an edit list", file: "a.mp4", make: again(film(aac), "-t", "9.5", "-i", "%s", "-c", "copy"), segments: 3},
	{name: "cut off at the beginning within a group of pictures", file: "a.mp4", make: again(film(aac), "-ss", "3.12", "-i", "%s", "-c", "copy"), segments: 3, lead: 28},
	{name: "both ends cut off, in QuickTime", file: "a.mov", make: again(film(aac), "-ss", "5", "-t", "6", "-i", "%s", "-c", "copy"), segments: 2, lead: 25},
	{name: "frames of varying length", file: "a.mp4", make: film([]string{"-vf", "select='mod(n\\,7)*mod(n\\,5)'", "-fps_mode", "vfr"}, aac), segments: 3},
	{name: "the third of three sound tracks", file: "a.mp4", make: args(picture("25", 13), tone(13), lavfi("sine=frequency=880", 13), lavfi("sine=frequency=1760", 12),
		[]string{"-map", "0:v", "-map", "1:a", "-map", "2:a", "-map", "3:a"}, closed, aac), segments: 4, sound: 2},
	{name: "sound first, chunks of 5 s", file: "a.mov", make: args(picture("25", 13), tone(13), []string{"-map", "1:a", "-map", "0:v"}, closed, aac, []string{"-chunk_duration", "5000000"}), segments: 4},
	{name: "a timescale of 1000", file: "a.mp4", make: film(aac, []string{"-video_track_timescale", "1000"}), segments: 4},
	{name: "pixels that are not square", file: "a.mp4", make: again(film(aac), "-i", "%s", "-c", "copy", "-aspect", "4:3"), segments: 4, aspect: "3:4"},
	{name: "half a second", file: "a.mp4", make: args(picture("25", 0.5), tone(0.5), closed, aac), segments: 1},
	{name: "sound that ends early", file: "a.mp4", make: args(picture("25", 13), tone(5), closed, aac), segments: 4},
	{name: "MP3 that ends early", file: "a.mp4", make: args(picture("25", 13), tone(12.8), closed, mp3), segments: 4},
	{name: "sound that begins in the third segment", file: "a.mp4", make: args(picture("25", 13), []string{"-itsoffset", "9"}, tone(4), closed, aac), segments: 4},
	{name: "sound that ends late", file: "a.mp4", make: args(picture("25", 6), tone(13), closed, aac), segments: 2},
}
