package transcode

import "strings"

// demuxers are the containers ffmpeg may open. Missing on purpose: hls, dash,
// concat, sdp, rtsp and the like (they name other files), image sequences,
// lavfi and text formats. The formats of sound alone are here so that such a
// file can be called by its name.
var demuxers = []string{
	// films
	"mov", "matroska", "avi", "mpegts", "mpeg", "asf", "asf_o", "flv", "live_flv", "ogg", "rm", "mxf", "gxf", "nut",
	"dv", "wtv", "nsv", "pva", "nuv", "ty", "ivf", "obu", "av1", "h264", "hevc", "m4v", "mpegvideo", "vc1", "dirac", "amv",
	// sound
	"mp3", "aac", "loas", "ac3", "eac3", "dts", "dtshd", "truehd", "flac", "wav", "w64", "aiff", "caf", "amr", "ape", "wv", "tta",
}

// inputLimits stand before every -i: what may be opened, and how much of it may
// be read to find out what it is. Recordings of broadcasts start their sound
// late: ffmpeg's own 5 MB and 5 s miss it.
func inputLimits() []argument {
	return []argument{
		{words("-protocol_whitelist", "file,concat"), "a file must not make ffmpeg open the network or anything else"},
		{words("-format_whitelist", strings.Join(demuxers, ",")), "only containers of films: no playlists, no scripts that name other files"},
		{words("-probesize", "20M"), "broadcasts and DVDs start their sound late"},
		{words("-analyzeduration", "10M"), "the same, in microseconds"},
	}
}

// argument is a flag with its value, and why it is there.
type argument struct {
	words  []string
	reason string
}

func words(w ...string) []string { return w }

// flatten is what exec wants.
func flatten(arguments []argument) []string {
	var list []string
	for _, a := range arguments {
		list = append(list, a.words...)
	}
	return list
}
