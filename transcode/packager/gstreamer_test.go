package packager_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"streambox.local/transcode/packager"
)

// gstreamerListens are the parts of GStreamer whose warnings count: those that
// read the stream, not those that look for hardware.
const gstreamerListens = "mpegtsbase:2,mpegtspacketizer:2,tsdemux:2,pesparser:2,h264parse:2,codecparsers_h264:2,aacparse:2,mpegaudioparse:2,baseparse:2,libav:2,videodecoder:2,audiodecoder:2"

// gstreamer decodes a stream with a demuxer and parsers that share nothing with
// ffmpeg's or ours, and returns how many pictures and buffers of sound it shows.
func gstreamer(t *testing.T, stream []byte, soundParser, soundDecoder string) (pictures, sounds int) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "all.ts")
	write(t, name, stream)
	// Pushed, as it comes over a network, not looked for in a file. Neither may wait for the other: where sound begins late, there is much picture before it.
	const queue = " ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! "
	line := "filesrc location=" + name + queue + "tsdemux name=d" +
		" d." + queue + "h264parse ! avdec_h264 ! checksumsink name=picture sync=false async=false"
	if soundParser != "" {
		line += " d." + queue + soundParser + " ! " + soundDecoder + " ! fakesink name=sound sync=false async=false silent=false"
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // it takes half a second
	defer cancel()
	cmd := exec.CommandContext(ctx, "gst-launch-1.0", append([]string{"-v", "--no-position"}, strings.Fields(line)...)...)
	cmd.Env = append(os.Environ(), "GST_DEBUG="+gstreamerListens, "GST_DEBUG_NO_COLOR=1", "LC_ALL=C")
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil || strings.Contains(says.String(), "WARN") || strings.Contains(says.String(), "ERROR") {
		t.Errorf("GStreamer: %v\n%s", err, says.String())
	}
	for text := range strings.Lines(out.String()) {
		switch {
		case len(text) > 40 && text[1] == ':': // 0:00:00.040000000 and a hash
			pictures++
		case strings.Contains(text, "last-message = chain"):
			sounds++
		}
	}
	return pictures, sounds
}

// A second judge, from the start and after a seek: no warning, every picture, and sound.
func TestGStreamerPlaysSegmentsWithoutAWarning(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	if _, err := exec.LookPath("gst-launch-1.0"); err != nil {
		const how = "gst-launch-1.0 is missing (apt-get install gstreamer1.0-tools gstreamer1.0-plugins-bad gstreamer1.0-libav)"
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			t.Fatal(how)
		}
		t.Skip("not run here: " + how)
	}
	judged := []string{
		"B-frames and AAC, index at the end", "fragments at key frames", "MP3", "AAC of 5.1 channels", "Baseline without B-frames",
		"open GOPs with an IDR every 5 s", "several slices and delimiters", "sound that ends early", "sound 1.5 s late", "a start of 27 hours", "no sound",
		"both ends cut off, in QuickTime", "pyramids of B-frames, 60 frames a second", "no index: saved from a stream",
		"Dolby Digital in Matroska", "DTS in Matroska", "FLAC that ends early", "uncompressed sound in QuickTime",
	}
	seen := map[string]bool{}
	for i, list := range [][]variant{mp4Variants, mkvVariants, joinedVariants} {
		for _, v := range list {
			if !slices.Contains(judged, v.name) {
				continue
			}
			seen[v.name] = true
			t.Run(strings.TrimPrefix(filepath.Ext(v.file), ".")+": "+v.name, func(t *testing.T) {
				t.Parallel()
				p := pack(t, v.write(t), packager.Choice{Sound: v.sound, Converted: i == 2})
				parser, decoder := "aacparse", "avdec_aac"
				switch {
				case v.sound < 0:
					parser = ""
				case strings.Contains(v.name, "MP3"):
					parser, decoder = "mpegaudioparse", "avdec_mp3"
				}
				for _, from := range []int{0, len(p.segments) / 2} {
					wanted, _ := units(t, p.from(t, from), 0)
					pictures, sounds := gstreamer(t, slices.Concat(p.segments[from:]...), parser, decoder)
					if pictures != len(wanted) || parser != "" && sounds < 20 {
						t.Errorf("from segment %d: %d pictures of %d, %d buffers of sound", from, pictures, len(wanted), sounds)
					}
				}
			})
		}
	}
	if len(seen) != len(judged) {
		t.Errorf("%d variants of %d are there", len(seen), len(judged))
	}
}
