package main

import (
	"fmt"
	"strconv"
	"strings"

	"streambox.local/appliance/report"
	"streambox.local/transcode"
)

func containerText(m transcode.Media) string {
	length := "length unknown"
	if m.DurationSeconds > 0 {
		length = clock(m.DurationSeconds)
	}
	rate := ""
	if m.BitsPerSecond > 0 {
		rate = fmt.Sprintf("%.1f Mbit/s", float64(m.BitsPerSecond)/1e6)
	}
	encrypted := ""
	if m.Encrypted {
		encrypted = "encrypted"
	}
	return list(m.Container, length, report.Size(m.SizeBytes), rate, encrypted)
}

func videoText(v transcode.Video) string {
	codec := strings.TrimSpace(v.Codec + " " + v.Profile)
	size := fmt.Sprintf("%d×%d", v.Width, v.Height)
	rate := ""
	if v.FramesPerSecond > 0 {
		rate = strconv.FormatFloat(float64(int(v.FramesPerSecond*1000+0.5))/1000, 'f', -1, 64) + " fps"
		if v.VariableRate {
			rate += " on average (varies)"
		}
	}
	depth := ""
	if v.BitDepth > 8 {
		depth = fmt.Sprintf("%d bit", v.BitDepth)
	}
	interlaced := ""
	if v.FieldOrder != "" && v.FieldOrder != "progressive" {
		interlaced = "interlaced"
	}
	turned := ""
	if v.RotationDegrees != 0 {
		turned = fmt.Sprintf("turned by %d°", v.RotationDegrees)
	}
	aspect := ""
	if a := v.SampleAspect; a[0] > 0 && a[1] > 0 && a[0] != a[1] {
		aspect = fmt.Sprintf("pixels %d:%d", a[0], a[1])
	}
	hdr := ""
	if v.ColorTransfer == "smpte2084" || v.ColorTransfer == "arib-std-b67" {
		hdr = "HDR"
	}
	return list(codec, size, rate, v.PixelFormat, depth, interlaced, turned, aspect, hdr)
}

func audioText(s transcode.Audio) string {
	channels := map[int]string{1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"}[s.Channels]
	if channels == "" && s.Channels > 0 {
		channels = fmt.Sprintf("%d channels", s.Channels)
	}
	rate := ""
	if s.SampleRateHz > 0 {
		rate = strconv.FormatFloat(float64(s.SampleRateHz)/1000, 'f', -1, 64) + " kHz"
	}
	return list(strings.TrimSpace(s.Codec+" "+s.Profile), channels, rate, s.Language, s.Name, when(s.Default, "default"))
}

func subtitleText(s transcode.Subtitle) string {
	kind := "pictures"
	if s.Text {
		kind = "text"
	}
	return list(s.Codec, kind, s.Language, s.Name, when(s.Default, "default"), when(s.Forced, "forced"))
}

func when(set bool, text string) string {
	if set {
		return text
	}
	return ""
}

// clock writes seconds as 1:02:03.
func clock(seconds float64) string {
	s := int(seconds + 0.5)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}
