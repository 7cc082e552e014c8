package transcode

import "testing"

func TestModern(t *testing.T) {
	changed := func(change func(*Media)) Media {
		m := Media{
			Container: "matroska,webm", Video: &Video{Codec: "hevc", PixelFormat: "yuv420p10le", Width: 3840, Height: 2160, FramesPerSecond: 23.976, ColorTransfer: "smpte2084"},
			Audio: []Audio{{Codec: "aac", Profile: "LC", Channels: 6}},
		}
		change(&m)
		return m
	}
	none := Machine{Decoders: map[string]bool{"aac": true, "opus": true, "ac3": true, "mp3": true}}
	for _, x := range []struct {
		name   string
		change func(*Media)
		rung   Rung // "": no plan of its own
		code   string
	}{
		{"HEVC of 4K and HDR on a machine without a decoder or an encoder", func(*Media) {}, Direct, CodeModern},
		{"AV1 and Opus", func(m *Media) { m.Video.Codec, m.Audio[0].Codec = "av1", "opus" }, Direct, CodeModern},
		{"VP9 in MP4", func(m *Media) { m.Video.Codec, m.Container = "vp9", "mov,mp4,m4a,3gp,3g2,mj2" }, Direct, CodeModern},
		{"no sound", func(m *Media) { m.Audio = nil }, Direct, CodeModern},
		{"sound that nobody can decode", func(m *Media) { m.Audio[0].Codec = "dts" }, Direct, CodeNoSound},
		{"Dolby Digital", func(m *Media) { m.Audio[0].Codec = "ac3" }, AudioOnly, CodeAudioCodec},
		{"MP3", func(m *Media) { m.Audio[0] = Audio{Codec: "mp3", Channels: 2} }, AudioOnly, CodeAudioCodec},
		{"Opus of 8 channels", func(m *Media) { m.Audio[0] = Audio{Codec: "opus", Channels: 8} }, AudioOnly, CodeAudioCodec},
		{"a transport stream", func(m *Media) { m.Container = "mpegts" }, "", ""},
		{"H.264", func(m *Media) { m.Video.Codec = "h264" }, "", ""},
		{"4:4:4", func(m *Media) { m.Video.PixelFormat = "yuv444p10le" }, "", ""},
		{"a phone held upright", func(m *Media) { m.Video.RotationDegrees = 90 }, "", ""},
		{"interlaced", func(m *Media) { m.Video.FieldOrder = "tt" }, "", ""},
		{"copy-protected", func(m *Media) { m.Encrypted = true }, "", ""},
		{"no picture", func(m *Media) { m.Video = nil }, "", ""},
		{"wider than any phone shows", func(m *Media) { m.Video.Width = 16384 }, "", ""},
	} {
		plan, ok := Modern(changed(x.change), none)
		if ok != (x.rung != "") || plan.Rung != x.rung || plan.Reason.Code != x.code {
			t.Errorf("%s: %v %+v", x.name, ok, plan)
		}
	}
}
