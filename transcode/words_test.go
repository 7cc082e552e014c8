package transcode

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestProbeTellsSubtitlesAndChapters(t *testing.T) {
	m, err := parseProbe([]byte(`{"streams":[
		{"index":0,"codec_type":"video","codec_name":"h264"},
		{"index":1,"codec_type":"subtitle","codec_name":"subrip","disposition":{"forced":1},"tags":{"language":"ger","title":"Signs"}},
		{"index":2,"codec_type":"subtitle","codec_name":"hdmv_pgs_subtitle"},
		{"index":3,"codec_type":"subtitle","codec_name":"ttml","disposition":{"hearing_impaired":1}}],
		"chapters":[{"start_time":"60.5","tags":{"title":" Two "}},{"start_time":"0.000000","tags":{"title":"One"}},{"start_time":"60.5"},{"start_time":"NaN"}],
		"format":{"format_name":"matroska,webm"}}`))
	if err != nil {
		t.Fatal(err)
	}
	if want := []Chapter{{0, "One"}, {60.5, "Two"}}; !slices.Equal(m.Chapters, want) {
		t.Errorf("chapters %+v", m.Chapters)
	}
	for i, want := range []struct {
		sub  Subtitle
		code string
	}{
		{Subtitle{Index: 1, Codec: "subrip", Text: true, Language: "de", Name: "Signs", Forced: true}, ""},
		{Subtitle{Index: 2, Codec: "hdmv_pgs_subtitle"}, CodeSubtitlePictures},
		{Subtitle{Index: 3, Codec: "ttml", HearingImpaired: true}, CodeSubtitleFormat},
	} {
		if m.Subtitles[i] != want.sub {
			t.Errorf("%+v, want %+v", m.Subtitles[i], want.sub)
		}
		if why, never := m.Subtitles[i].Unshown(); why.Code != want.code || never != (want.code != "") {
			t.Errorf("%s: %v", want.sub.Codec, why)
		}
	}
	if m.SubtitlesIndexed() {
		t.Error("Matroska has no index of subtitles")
	}
	if one, _ := parseProbe([]byte(`{"chapters":[{"start_time":"0"}]}`)); len(one.Chapters) != 0 {
		t.Error("the film itself is no chapter")
	}
}

func TestSubtitlesAreAskedForByNumberOnly(t *testing.T) {
	m := Media{Subtitles: []Subtitle{{Codec: "dvd_subtitle"}, {Codec: "ass", Text: true, Name: "-f"}, {Codec: "mov_text", Text: true}}}
	line := strings.Join(flatten(subtitleArguments(m, textTracks(m), 1)), " ")
	for _, want := range []string{"-copyts", "-i file:/dev/fd/3", "-map 0:s:1 -c:s:0 copy", "-map 0:s:2 -c:s:1 srt", "-f matroska pipe:1"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q is missing in %s", want, line)
		}
	}
}

// Each form that ffmpeg can put into a container is read out of it again.
func TestRealSubtitlesAreRead(t *testing.T) {
	tools := realTools(t)
	dir := t.TempDir()
	srt := filepath.Join(dir, "a.srt")
	text := "1\n00:00:01,040 --> 00:00:02,000\n<i>Hello</i> & I <3 you\nAn other line\n\n2\n00:00:03,500 --> 00:00:04,123\n{\\an8}Ümläut 日本\n"
	if err := os.WriteFile(srt, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const first, second = "00:00:01.040 --> 00:00:02.000\n<i>Hello</i> &amp; I &lt;3 you\nAn other line\n", "00:00:03.500 --> 00:00:04.123"
	for _, c := range []struct{ name, codec string }{
		{"film.mkv", "srt"}, {"film.mkv", "ass"}, {"film.mkv", "webvtt"}, {"film.mp4", "mov_text"}, {"film.mov", "mov_text"},
	} {
		t.Run(c.name+" "+c.codec, func(t *testing.T) {
			film := filepath.Join(t.TempDir(), c.name)
			ffmpeg(t, both(join([]string{"-i", srt, "-map", "0", "-map", "1", "-map", "2"}, x264, []string{"-c:a", "aac", "-c:s", c.codec, film})...)...)
			in := FileInput(film)
			media, err := tools.Probe(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			// In Matroska sound's priming comes first, so the film itself begins a little late.
			texts, err := tools.Subtitles(t.Context(), SubtitleJob{Input: in, Media: media, StartSeconds: media.Video.StartSeconds})
			if err != nil {
				t.Fatal(err)
			}
			got := string(texts[0])
			if !strings.Contains(got, first) || !strings.Contains(got, second) || !strings.Contains(got, "Ümläut 日本") {
				t.Errorf("got %s", got)
			}
			if c.codec != "webvtt" && c.codec != "mov_text" && !strings.Contains(got, second+" line:0\n") { // into those two ffmpeg itself writes no places
				t.Errorf("the place is lost: %s", got)
			}
		})
	}
}

func TestRealSubtitlesOfADamagedFilmAreUsedAsFarAsTheyGo(t *testing.T) {
	tools := realTools(t)
	dir := t.TempDir()
	srt, film := filepath.Join(dir, "a.srt"), filepath.Join(dir, "film.mkv")
	if err := os.WriteFile(srt, []byte("1\n00:00:00,500 --> 00:00:01,000\nHello\n\n2\n00:00:05,500 --> 00:00:06,000\nBye\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ffmpeg(t, both(join([]string{"-i", srt, "-map", "0", "-map", "1", "-map", "2"}, x264, []string{"-c:a", "aac", "-c:s", "srt", film})...)...)
	whole, err := os.ReadFile(film)
	if err != nil {
		t.Fatal(err)
	}
	media, err := tools.Probe(t.Context(), FileInput(film))
	if err != nil {
		t.Fatal(err)
	}
	if err = os.WriteFile(film, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	texts, err := tools.Subtitles(t.Context(), SubtitleJob{Input: FileInput(film), Media: media})
	if err != nil || !strings.Contains(string(texts[0]), "Hello") || strings.Contains(string(texts[0]), "Bye") {
		t.Errorf("%q, %v", texts[0], err)
	}
	if err := os.WriteFile(film, []byte("no film at all, but something else"), 0o600); err != nil {
		t.Fatal(err)
	}
	var refusal *Refusal
	if _, err := tools.Subtitles(t.Context(), SubtitleJob{Input: FileInput(film), Media: media}); !errors.As(err, &refusal) {
		t.Errorf("something else: %v", err)
	}
}
