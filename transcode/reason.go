package transcode

import "fmt"

// Codes of the reasons. The page has its own words for them; the English text
// beside them is for logs, the command line and strangers.
const (
	// CodeAsIs and the following say why a title is on its rung.
	CodeAsIs            = "as_is"
	CodeModern          = "modern"         // codec
	CodeAudioCodec      = "audio_codec"    // codec
	CodeAudioChannels   = "audio_channels" // codec, channels
	CodeNoSound         = "no_sound"       // codec; also a warning
	CodeVideoCodec      = "video_codec"    // codec
	CodeVideoProfile    = "video_profile"  // profile
	CodePixelFormat     = "pixel_format"   // pixelFormat
	CodeHDR             = "hdr"
	CodeInterlaced      = "interlaced"
	CodeRotated         = "rotated" // degrees
	CodePictureTooLarge = "picture_too_large"
	CodeTooManyFrames   = "too_many_frames" // framesPerSecond
	CodeUntimed         = "untimed"
	CodeOpenGOP         = "open_gop"
	CodeNotSegmentable  = "not_segmentable"

	// CodeEmpty and the following say why a file cannot be played.
	CodeEmpty         = "empty"
	CodeBlank         = "blank"
	CodeText          = "text"
	CodePlaylist      = "playlist"
	CodeNotVideo      = "not_video" // kind
	CodeUnknownFormat = "unknown_format"
	CodeIncomplete    = "incomplete"
	CodeDamaged       = "damaged"
	CodeCrash         = "crash"
	CodeEncrypted     = "encrypted"
	CodeAudioOnly     = "audio_only"
	CodeNoVideo       = "no_video"
	CodeNoFrames      = "no_frames"
	CodeNoDecoder     = "no_decoder" // codec
	CodeNoEncoder     = "no_encoder"
	CodeOwnerOnly     = "owner_only"

	// CodeSoundNoDecoder and the following say why a further sound track cannot be had.
	CodeSoundNoDecoder = "sound_no_decoder" // codec
	CodeSoundDamaged   = "sound_damaged"    // codec

	// CodeSubtitlePictures and the following say why subtitles can never be shown.
	CodeSubtitlePictures = "subtitle_pictures"
	CodeSubtitleFormat   = "subtitle_format" // codec

	// CodeEndsEarly is a warning: minutes and seconds of what is there.
	CodeEndsEarly = "ends_early"
	// CodeSoundEndsEarly is a warning: minutes and seconds of sound, which the
	// rest of the film goes without.
	CodeSoundEndsEarly = "sound_ends_early"
	// CodeEncoderFailed is a warning: the chip gave up, software went on.
	CodeEncoderFailed = "encoder_failed"
)

// because makes a Reason; pairs are the names and values of its parameters.
func because(code, text string, pairs ...any) Reason {
	r := Reason{Code: code, Text: text}
	for i := 0; i+1 < len(pairs); i += 2 {
		if r.Parameters == nil {
			r.Parameters = make(map[string]any, len(pairs)/2)
		}
		r.Parameters[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	return r
}

// refuse makes a Refusal; cause may be nil.
func refuse(cause error, code, text string, pairs ...any) *Refusal {
	return &Refusal{Reason: because(code, text, pairs...), Err: cause}
}

// codecNames are the names people know codecs by.
var codecNames = map[string]string{
	"h264": "H.264", "hevc": "HEVC (H.265)", "av1": "AV1", "vp8": "VP8", "vp9": "VP9",
	"mpeg1video": "MPEG-1", "mpeg2video": "MPEG-2", "mpeg4": "MPEG-4 (DivX, Xvid)",
	"msmpeg4v2": "MPEG-4 (Microsoft)", "msmpeg4v3": "DivX 3", "wmv1": "Windows Media", "wmv2": "Windows Media",
	"wmv3": "Windows Media", "vc1": "VC-1", "theora": "Theora", "mjpeg": "Motion JPEG", "prores": "ProRes",
	"dnxhd": "DNxHD", "dvvideo": "DV", "flv1": "Flash video", "h263": "H.263", "rv30": "RealVideo", "rv40": "RealVideo",
	"aac": "AAC", "aac_latm": "AAC (LATM)", "mp3": "MP3", "mp2": "MP2", "ac3": "Dolby Digital (AC-3)",
	"eac3": "Dolby Digital Plus (E-AC-3)", "truehd": "Dolby TrueHD", "dts": "DTS", "opus": "Opus", "vorbis": "Vorbis",
	"flac": "FLAC", "alac": "ALAC", "wmav2": "Windows Media Audio", "wmapro": "Windows Media Audio Pro",
}

func codecName(codec string) string {
	if name, ok := codecNames[codec]; ok {
		return name
	}
	if len(codec) > 4 && codec[:4] == "pcm_" {
		return "PCM"
	}
	return codec
}
