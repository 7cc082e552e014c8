package transcode

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
)

func TestParseProbe(t *testing.T) {
	t.Parallel()
	stream := func(extra string) string {
		return `{"streams":[{"index":0,"codec_type":"video","codec_name":"h264","pix_fmt":"yuv420p","width":640,"height":360` + extra + `}],"format":{"format_name":"mov,mp4","duration":"12.5","start_time":"-0.5"}}`
	}
	for _, c := range []struct {
		name  string
		json  string
		check func(Media) bool
	}{
		{"times", stream(""), func(m Media) bool { return m.DurationSeconds == 12.5 && m.StartSeconds == -0.5 }},
		{"a cover is no video", stream(`,"disposition":{"attached_pic":1}`), func(m Media) bool { return m.Video == nil }},
		{"the film behind its cover", `{"streams":[{"index":0,"codec_type":"video","codec_name":"mjpeg","disposition":{"attached_pic":1}},
			{"index":1,"codec_type":"video","codec_name":"h264","width":640,"height":360}]}`, func(m Media) bool { return m.Video.Index == 1 }},
		{
			"a phone turned right", stream(`,"side_data_list":[{"side_data_type":"Display Matrix","rotation":-90,
			"displaymatrix":"\n00000000:            0       65536           0\n00000001:       -65536           0           0\n00000002:            0           0  1073741824\n"}]`),
			func(m Media) bool { return m.Video.RotationDegrees == 90 && !m.Video.Mirrored },
		},
		{
			"a mirrored selfie", stream(`,"side_data_list":[{"side_data_type":"Display Matrix","rotation":180,
			"displaymatrix":"\n00000000:        -65536       0           0\n00000001:       0           65536           0\n00000002:            0           0  1073741824\n"}]`),
			func(m Media) bool { return m.Video.Mirrored },
		},
		{"an old MOV names its turn in a tag", stream(`,"tags":{"rotate":"270"}`), func(m Media) bool { return m.Video.RotationDegrees == 270 }},
		{"pixels of a DVD", stream(`,"sample_aspect_ratio":"64:45"`), func(m Media) bool { return m.Video.SampleAspect == [2]int{64, 45} }},
		{"an unknown sample aspect is square", stream(`,"sample_aspect_ratio":"0:1"`), func(m Media) bool { return m.Video.SampleAspect == [2]int{1, 1} }},
		{"10 bits by the name of the pixels", stream(`,"pix_fmt":"yuv420p10le"`), func(m Media) bool { return m.Video.BitDepth == 10 }},
		{"10 bits of a camera", stream(`,"pix_fmt":"p010le"`), func(m Media) bool { return m.Video.BitDepth == 10 }},
		{"8 bits in four channels", stream(`,"pix_fmt":"yuva420p"`), func(m Media) bool { return m.Video.BitDepth == 8 }},
		{"HDR", stream(`,"color_transfer":"smpte2084","color_primaries":"bt2020"`), func(m Media) bool { return isHDR(*m.Video) }},
		{"an unknown field order is none", stream(`,"field_order":"unknown"`), func(m Media) bool { return m.Video.FieldOrder == "" }},
		{"an MP4 without one picture", stream(`,"nb_frames":"0"`), func(m Media) bool { return m.Video.Frames == -1 }},
		{"a sample of the standard's encryption", stream(`,"codec_tag_string":"encv"`), func(m Media) bool { return m.Encrypted }},
		{"a film of the Apple shop", stream(`,"codec_tag_string":"drmi"`), func(m Media) bool { return m.Encrypted }},
		{
			"a Matroska's length is a tag", `{"streams":[{"codec_type":"video","codec_name":"vp9","tags":{"DURATION":"01:02:03.500000000"}}],"format":{"format_name":"matroska,webm"}}`,
			func(m Media) bool { return m.DurationSeconds == 3723.5 },
		},
		{
			"the length of a stream", `{"streams":[{"codec_type":"audio","duration":"7"},{"codec_type":"video","duration":"8.5"},{"codec_type":"data","duration":"900"}]}`,
			func(m Media) bool { return m.DurationSeconds == 8.5 },
		},
		{
			"numbers that are none", stream(`,"duration":"NaN","r_frame_rate":"1/0","avg_frame_rate":"-3/x","nb_frames":"many"`),
			func(m Media) bool { return m.Video.FramesPerSecond == 0 && m.Video.Frames == 0 },
		},
		{"sound and its language", `{"streams":[{"index":2,"codec_type":"audio","codec_name":"aac","profile":"LC","channels":6,"sample_rate":"48000","bit_rate":"384000",
			"disposition":{"default":1},"tags":{"language":"ger","title":"Director"}}]}`, func(m Media) bool {
			return reflect.DeepEqual(m.Audio, []Audio{{Index: 2, Codec: "aac", Profile: "LC", Channels: 6, SampleRateHz: 48000, BitsPerSecond: 384000, Default: true, Language: "de", Name: "Director"}})
		}},
		{"subtitles, text and pictures", `{"streams":[{"index":3,"codec_type":"subtitle","codec_name":"subrip","disposition":{"forced":1},"tags":{"language":"fre"}},
			{"index":4,"codec_type":"subtitle","codec_name":"hdmv_pgs_subtitle"}]}`, func(m Media) bool {
			return reflect.DeepEqual(m.Subtitles, []Subtitle{{Index: 3, Codec: "subrip", Text: true, Forced: true, Language: "fr"}, {Index: 4, Codec: "hdmv_pgs_subtitle"}})
		}},
		{"nothing at all", `{}`, func(m Media) bool { return m.Video == nil && m.DurationSeconds == 0 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m, err := parseProbe([]byte(c.json))
			if err != nil || !c.check(m) {
				t.Errorf("%v\n%+v\n%+v", err, m, m.Video)
			}
		})
	}
	if _, err := parseProbe([]byte(`{"streams":`)); err == nil {
		t.Error("half an answer was taken for one")
	}
}

func TestFrameRate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		average, base string
		want          float64
		variable      bool
	}{
		{"constant", "25/1", "25/1", 25, false},
		{"NTSC", "30000/1001", "30000/1001", 30000.0 / 1001, false},
		{"fields counted as pictures", "25/1", "50/1", 25, false},
		{"a phone that saves light", "2750/100", "30/1", 27.5, true},
		{"a screen recording", "12/1", "1000/1", 12, true},
		{"no average", "0/0", "24/1", 24, false},
		{"nothing", "0/0", "0/0", 0, false},
	} {
		if got, variable := frameRate(c.average, c.base); got != c.want || variable != c.variable {
			t.Errorf("%s: got %g, %t", c.name, got, variable)
		}
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"eng": "en", "ger": "de", "deu": "de", "fre": "fr", "gre": "el", "chi": "zh", "pt-BR": "pt-BR", "jpn": "ja",
		"": "", "und": "", "mul": "", "zxx": "", "<script>": "", "xyz1": "", "English": "",
	} {
		if got := languageOf(map[string]string{"language": tag}); got != want {
			t.Errorf("%q: got %q, want %q", tag, got, want)
		}
	}
}

func TestCountIDRs(t *testing.T) {
	t.Parallel()
	number := 0
	packet := func(flags, dump string) string {
		number++
		return "[PACKET]\npts=" + strconv.Itoa(number) + "\nflags=" + flags + "\ndata=\n" + dump + "\n\n[/PACKET]\n"
	}
	const (
		avccIDR   = "00000000: 0000 0002 0910 0000 0004 6588 8040 0000  ..........e..@.."
		avccSlice = "00000000: 0000 0002 0910 0000 0004 4188 8040 0000  ..........A..@.."
		annexIDR  = "00000000: 0000 0001 09f0 0000 0165 8884            .........e.."
		short     = "00000000: 0003 0610 2000 0265 88                   .... ..e."
		twoLines  = "00000000: 0000 000c 0605 0000 0000 0000 0000 0000  ................\n00000010: 0000 0002 4188                           ....A."
	)
	for _, c := range []struct {
		name       string
		text       string
		read, idrs int
	}{
		{"lengths of four bytes", packet("K_", avccIDR), 1, 1},
		{"start codes", packet("K_", annexIDR), 1, 1},
		{"lengths of two bytes", packet("K_", short), 1, 1},
		{"a key frame that is none", packet("K_", avccIDR) + packet("K_", avccSlice), 2, 1},
		{"the slice on the second line", packet("K_", twoLines), 1, 0},
		{"other packets do not count", packet("__", avccSlice) + packet("K_", avccIDR), 1, 1},
		{"a packet without a slice does not count", packet("K_", "00000000: 0000 0002 0910"), 0, 0},
		{"the same key frame at two places", strings.Repeat(packet("K_", avccIDR), 2), 1, 1},
		{"nothing", "", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			read, idrs, err := countIDRs(strings.NewReader(c.text))
			if err != nil || read != c.read || idrs != c.idrs {
				t.Errorf("got %d of %d, %v", idrs, read, err)
			}
		})
	}
}
