package transcode

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"

	"golang.org/x/text/language"
)

// What of ffprobe's JSON is read. Numbers come as text there, mostly.
type (
	probeJSON struct {
		Streams  []streamJSON  `json:"streams"`
		Chapters []chapterJSON `json:"chapters"`
		Format   struct {
			Name     string            `json:"format_name"`
			Duration string            `json:"duration"`
			Start    string            `json:"start_time"`
			BitRate  string            `json:"bit_rate"`
			Tags     map[string]string `json:"tags"`
		} `json:"format"`
	}
	streamJSON struct {
		Index        int               `json:"index"`
		Type         string            `json:"codec_type"`
		Codec        string            `json:"codec_name"`
		Tag          string            `json:"codec_tag_string"`
		Profile      string            `json:"profile"`
		PixelFormat  string            `json:"pix_fmt"`
		RawBits      string            `json:"bits_per_raw_sample"`
		Width        int               `json:"width"`
		Height       int               `json:"height"`
		Rate         string            `json:"r_frame_rate"`
		AverageRate  string            `json:"avg_frame_rate"`
		BFrames      int               `json:"has_b_frames"`
		FieldOrder   string            `json:"field_order"`
		SampleAspect string            `json:"sample_aspect_ratio"`
		Transfer     string            `json:"color_transfer"`
		Primaries    string            `json:"color_primaries"`
		Space        string            `json:"color_space"`
		Frames       string            `json:"nb_frames"`
		Duration     string            `json:"duration"`
		Start        string            `json:"start_time"`
		BitRate      string            `json:"bit_rate"`
		Channels     int               `json:"channels"`
		SampleRate   string            `json:"sample_rate"`
		Disposition  map[string]int    `json:"disposition"`
		Tags         map[string]string `json:"tags"`
		SideData     []sideDataJSON    `json:"side_data_list"`
	}
	sideDataJSON struct {
		Type     string      `json:"side_data_type"`
		Rotation json.Number `json:"rotation"`
		Matrix   string      `json:"displaymatrix"`
	}
)

// parseProbe turns ffprobe's answer into a Media. It is pure.
func parseProbe(answer []byte) (Media, error) {
	var p probeJSON
	if err := json.Unmarshal(answer, &p); err != nil {
		return Media{}, fmt.Errorf("read ffprobe's answer: %w", err)
	}
	m := Media{
		Container:       p.Format.Name,
		DurationSeconds: seconds(p.Format.Duration),
		StartSeconds:    seconds(p.Format.Start),
		BitsPerSecond:   integer(p.Format.BitRate),
	}
	for _, s := range p.Streams {
		m.Encrypted = m.Encrypted || encrypted(s)
		switch s.Type {
		case "video":
			if m.Video == nil && s.Disposition["attached_pic"] == 0 && s.Disposition["timed_thumbnails"] == 0 {
				m.Video = video(s, p.Format.Name) // as ffmpeg's 0:V:0 does
			}
		case "audio":
			m.Audio = append(m.Audio, audio(s))
		case "subtitle":
			m.Subtitles = append(m.Subtitles, subtitle(s))
		}
	}
	if m.DurationSeconds <= 0 {
		m.DurationSeconds = longest(p.Streams)
	}
	m.Chapters = chapters(p.Chapters)
	return m, nil
}

// encrypted: the tags of MP4 whose samples are encrypted, by the standard or by Apple.
func encrypted(s streamJSON) bool {
	switch s.Tag {
	case "encv", "enca", "enct", "encs", "drmi", "drms", "drmt":
		return true
	}
	for _, d := range s.SideData {
		if strings.HasPrefix(d.Type, "Encryption") {
			return true
		}
	}
	return false
}

// longest is the length of the longest stream, for containers that do not say
// theirs. Matroska has it as a tag, 01:23:45.678000000.
func longest(streams []streamJSON) float64 {
	most := 0.0
	for _, s := range streams {
		if s.Type != "video" && s.Type != "audio" {
			continue
		}
		most = max(most, seconds(s.Duration))
		for name, value := range s.Tags {
			if parts := strings.Split(value, ":"); strings.HasPrefix(name, "DURATION") && len(parts) == 3 {
				most = max(most, seconds(parts[0])*3600+seconds(parts[1])*60+seconds(parts[2]))
			}
		}
	}
	return most
}

func audio(s streamJSON) Audio {
	return Audio{
		Index: s.Index, Codec: s.Codec, Profile: known(s.Profile), Channels: s.Channels,
		SampleRateHz: int(integer(s.SampleRate)), Language: languageOf(s.Tags), Name: s.Tags["title"],
		Default: s.Disposition["default"] != 0, BitsPerSecond: integer(s.BitRate),
	}
}

func subtitle(s streamJSON) Subtitle {
	return Subtitle{
		Index: s.Index, Codec: s.Codec, Text: textCodec(s.Codec), Language: languageOf(s.Tags), Name: s.Tags["title"],
		Default: s.Disposition["default"] != 0, Forced: s.Disposition["forced"] != 0,
		HearingImpaired: s.Disposition["hearing_impaired"] != 0 || s.Disposition["captions"] != 0,
	}
}

// languageOf turns what containers write (ISO 639-2, both kinds, or BCP 47)
// into BCP 47; "" for none, many, or nonsense.
func languageOf(tags map[string]string) string {
	tag, err := language.Parse(tags["language"])
	if err != nil {
		return ""
	}
	switch text := tag.String(); text {
	case "und", "mul", "zxx", "mis":
		return ""
	default:
		return text
	}
}

func known(text string) string {
	if text == "unknown" {
		return ""
	}
	return text
}

// seconds is 0 for what is no finite number.
func seconds(text string) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
		return 0
	}
	return value
}

func integer(text string) int64 {
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return value
}

// fraction reads "30000/1001" or "16:15"; 0 for nonsense.
func fraction(text, separator string) *big.Rat {
	a, b, ok := strings.Cut(text, separator)
	n, d := integer(a), integer(b)
	if !ok || n <= 0 || d <= 0 {
		return new(big.Rat)
	}
	return big.NewRat(n, d)
}
