package transcode

import (
	"testing"
)

// pi and bare are machines of the tables.
var (
	pi   = Machine{CPUs: 4, H264: true, ToneMap: true}
	bare = Machine{CPUs: 4}
)

// film is what most people have: 1080p H.264 with AAC.
func film(change func(*Media)) Media {
	m := Media{
		Container: "mov,mp4,m4a,3gp,3g2,mj2", DurationSeconds: 5400,
		Video: &Video{
			Codec: "h264", Profile: "High", PixelFormat: "yuv420p", BitDepth: 8, Width: 1920, Height: 1080,
			FramesPerSecond: 24, FieldOrder: "progressive", SampleAspect: [2]int{1, 1}, KeyFramesRead: 5, IDRsRead: 5,
		},
		Audio: []Audio{{Index: 1, Codec: "aac", Profile: "LC", Channels: 2, SampleRateHz: 48000, Default: true}},
	}
	if change != nil {
		change(&m)
	}
	return m
}

func TestDecide(t *testing.T) {
	t.Parallel()
	sound := func(a ...Audio) func(*Media) { return func(m *Media) { m.Audio = a } }
	picture := func(change func(*Video)) func(*Media) { return func(m *Media) { change(m.Video) } }
	for _, c := range []struct {
		name    string
		change  func(*Media)
		machine Machine
		rung    Rung
		code    string
	}{
		{"an ordinary film plays as it is", nil, pi, Direct, CodeAsIs},
		{"it needs no encoder", nil, bare, Direct, CodeAsIs},
		{"full range colours play as they are", picture(func(v *Video) { v.PixelFormat = "yuvj420p" }), pi, Direct, CodeAsIs},
		{"an unknown field order counts as progressive", picture(func(v *Video) { v.FieldOrder = "" }), pi, Direct, CodeAsIs},
		{"1088 lines are 1080 in whole macroblocks", picture(func(v *Video) { v.Height = 1088 }), pi, Direct, CodeAsIs},
		{"1090 lines are too many", picture(func(v *Video) { v.Height = 1090 }), pi, Convert, CodePictureTooLarge},
		{"2048 columns are too many", picture(func(v *Video) { v.Width = 2048 }), pi, Convert, CodePictureTooLarge},
		{"8K is too large", picture(func(v *Video) { v.Width, v.Height = 7680, 4320 }), pi, Convert, CodePictureTooLarge},
		{"upright 1080 × 1920 is as easy as lying", picture(func(v *Video) { v.Width, v.Height = 1080, 1920 }), pi, Direct, CodeAsIs},
		{"1 × 1 is small but legal", picture(func(v *Video) { v.Width, v.Height = 1, 1 }), pi, Direct, CodeAsIs},
		{"60 pictures a second are allowed", picture(func(v *Video) { v.FramesPerSecond = 60 }), pi, Direct, CodeAsIs},
		{"120 are not", picture(func(v *Video) { v.FramesPerSecond = 120 }), pi, Convert, CodeTooManyFrames},
		{"a variable rate plays as it is", picture(func(v *Video) { v.VariableRate = true }), pi, Direct, CodeAsIs},
		{"an unknown rate plays as it is", picture(func(v *Video) { v.FramesPerSecond = 0 }), pi, Direct, CodeAsIs},
		{"pixels that are not square play as they are", picture(func(v *Video) { v.SampleAspect = [2]int{16, 15} }), pi, Direct, CodeAsIs},
		{"a length that nobody knows plays as it is", func(m *Media) { m.DurationSeconds = 0 }, pi, Direct, CodeAsIs},
		{"a negative start plays as it is", func(m *Media) { m.StartSeconds = -0.5 }, pi, Direct, CodeAsIs},
		{"interlaced, upper field first", picture(func(v *Video) { v.FieldOrder = "tt" }), pi, Convert, CodeInterlaced},
		{"interlaced, stored lower first", picture(func(v *Video) { v.FieldOrder = "bt" }), pi, Convert, CodeInterlaced},
		{"a phone held upright", picture(func(v *Video) { v.RotationDegrees = 90 }), pi, Convert, CodeRotated},
		{"a phone held upside down", picture(func(v *Video) { v.RotationDegrees = 180 }), pi, Convert, CodeRotated},
		{"a mirrored selfie", picture(func(v *Video) { v.Mirrored = true }), pi, Convert, CodeRotated},
		{"H.264 with 10 bits", picture(func(v *Video) { v.PixelFormat, v.BitDepth = "yuv420p10le", 10 }), pi, Convert, CodePixelFormat},
		{"H.264 4:2:2", picture(func(v *Video) { v.PixelFormat = "yuv422p" }), pi, Convert, CodePixelFormat},
		{"H.264 without colours", picture(func(v *Video) { v.PixelFormat = "gray" }), pi, Convert, CodePixelFormat},
		{"H.264 in a lossless profile", picture(func(v *Video) { v.Profile = "High 4:4:4 Predictive" }), pi, Convert, CodeVideoProfile},
		{"H.264 in HDR (HLG)", picture(func(v *Video) { v.ColorTransfer = "arib-std-b67" }), pi, Convert, CodeHDR},
		{"HEVC", picture(func(v *Video) { v.Codec = "hevc" }), pi, Convert, CodeVideoCodec},
		{"MPEG-2", picture(func(v *Video) { v.Codec = "mpeg2video" }), pi, Convert, CodeVideoCodec},
		{"MPEG-4 of the DivX years", picture(func(v *Video) { v.Codec = "mpeg4" }), pi, Convert, CodeVideoCodec},
		{"VP9", picture(func(v *Video) { v.Codec = "vp9" }), pi, Convert, CodeVideoCodec},
		{"an AVI whose pictures are stored in another order", func(m *Media) { m.Container, m.Video.BFrames = "avi", true }, pi, Convert, CodeUntimed},
		{"an AVI whose pictures are stored as shown", func(m *Media) { m.Container = "avi" }, pi, Direct, CodeAsIs},
		{"B pictures in a container with times", picture(func(v *Video) { v.BFrames = true }), pi, Direct, CodeAsIs},
		{"a bare stream", func(m *Media) { m.Container = "h264" }, pi, Convert, CodeUntimed},
		{"no spread key frame is an IDR", picture(func(v *Video) { v.IDRsRead = 1 }), pi, Convert, CodeOpenGOP},
		{"not even the first is one", picture(func(v *Video) { v.IDRsRead = 0 }), pi, Convert, CodeOpenGOP},
		{"some spread key frames are IDRs: cutting will tell", picture(func(v *Video) { v.IDRsRead = 2 }), pi, Direct, CodeAsIs},
		{"only the first key frame could be read", picture(func(v *Video) { v.KeyFramesRead, v.IDRsRead = 1, 1 }), pi, Direct, CodeAsIs},
		{"no key frame could be read", picture(func(v *Video) { v.KeyFramesRead, v.IDRsRead = 0, 0 }), pi, Direct, CodeAsIs},
		{"no sound", sound(), pi, Direct, CodeAsIs},
		{"AAC 5.1", sound(Audio{Codec: "aac", Profile: "LC", Channels: 6}), pi, Direct, CodeAsIs},
		{"AAC 7.1", sound(Audio{Codec: "aac", Profile: "LC", Channels: 8}), pi, AudioOnly, CodeAudioChannels},
		{"HE-AAC", sound(Audio{Codec: "aac", Profile: "HE-AAC", Channels: 2}), pi, Direct, CodeAsIs},
		{"AAC Main", sound(Audio{Codec: "aac", Profile: "Main", Channels: 2}), pi, AudioOnly, CodeAudioCodec},
		{"MP3", sound(Audio{Codec: "mp3", Channels: 2}), pi, Direct, CodeAsIs},
		{"MP2", sound(Audio{Codec: "mp2", Channels: 2}), pi, AudioOnly, CodeAudioCodec},
		{"Dolby Digital", sound(Audio{Codec: "ac3", Channels: 6}), pi, AudioOnly, CodeAudioCodec},
		{"DTS, on a machine without an H.264 encoder", sound(Audio{Codec: "dts", Channels: 6}), bare, AudioOnly, CodeAudioCodec},
		{"Opus", sound(Audio{Codec: "opus", Channels: 2}), pi, AudioOnly, CodeAudioCodec},
		{"uncompressed sound", sound(Audio{Codec: "pcm_s16le", Channels: 2}), pi, AudioOnly, CodeAudioCodec},
		{"the default track counts, not the first", sound(Audio{Codec: "ac3", Channels: 6}, Audio{Codec: "aac", Channels: 2, Default: true}), pi, Direct, CodeAsIs},
		{
			"sound that this machine cannot decode is left out", sound(Audio{Codec: "ac4", Channels: 6}),
			Machine{H264: true, Decoders: map[string]bool{"h264": true}},
			Direct, CodeNoSound,
		},
		{
			"a second track that it can decode is taken", sound(Audio{Codec: "ac4", Channels: 6, Default: true}, Audio{Codec: "aac", Channels: 2}),
			Machine{H264: true, Decoders: map[string]bool{"h264": true, "aac": true}},
			Direct, CodeAsIs,
		},
		{"sound only", func(m *Media) { m.Video = nil }, pi, None, CodeAudioOnly},
		{"neither picture nor sound", func(m *Media) { m.Video, m.Audio = nil, nil }, pi, None, CodeNoVideo},
		{"encrypted", func(m *Media) { m.Encrypted = true }, pi, None, CodeEncrypted},
		{"encrypted and without a picture", func(m *Media) { m.Encrypted, m.Video = true, nil }, pi, None, CodeEncrypted},
		{"not one picture", picture(func(v *Video) { v.Frames = -1 }), pi, None, CodeNoFrames},
		{"a picture without a size", picture(func(v *Video) { v.Width = 0 }), pi, None, CodeNoFrames},
		{"a codec without a name", picture(func(v *Video) { v.Codec = "" }), pi, None, CodeNoDecoder},
		{
			"a codec without a decoder", picture(func(v *Video) { v.Codec = "vvc" }),
			Machine{H264: true, Decoders: map[string]bool{"h264": true}},
			None, CodeNoDecoder,
		},
		{"HEVC on a machine without an H.264 encoder", picture(func(v *Video) { v.Codec = "hevc" }), bare, None, CodeNoEncoder},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plan := Decide(film(c.change), c.machine)
			if plan.Rung != c.rung || plan.Reason.Code != c.code {
				t.Errorf("got %s (%s: %s), want %s (%s)", plan.Rung, plan.Reason.Code, plan.Reason.Text, c.rung, c.code)
			}
			if plan.Reason.Text == "" {
				t.Error("a reason needs a sentence")
			}
		})
	}
}

func TestReclassify(t *testing.T) {
	t.Parallel()
	if p := Reclassify(pi); p.Rung != Convert || p.Reason.Code != CodeNotSegmentable {
		t.Errorf("got %+v", p)
	}
	if p := Reclassify(bare); p.Rung != None || p.Reason.Code != CodeNoEncoder {
		t.Errorf("without an encoder: got %+v", p)
	}
}
