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

// modernListens are the parts of GStreamer that read fragmented MP4.
const modernListens = "qtdemux:2,h265parse:2,codecparsers_h265:2,vp9parse:2,av1parse:2,baseparse:2,libav:2,vpxdec:2,videodecoder:2,audiodecoder:2"

// A second judge, from the start and after a seek: it warns of nothing and shows
// every picture from there on.
func TestGStreamerPlaysModernSegmentsWithoutAWarning(t *testing.T) {
	need(t, "ffmpeg", "ffprobe")
	if _, err := exec.LookPath("gst-launch-1.0"); err != nil {
		const how = "gst-launch-1.0 is missing (apt-get install gstreamer1.0-tools gstreamer1.0-plugins-bad gstreamer1.0-plugins-good gstreamer1.0-libav)"
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			t.Fatal(how)
		}
		t.Skip("not run here: " + how)
	}
	judged := []string{
		"mp4: HEVC, closed GOPs", "mp4: HEVC, open GOPs", "mkv: HEVC of 10 bits", "mp4: HEVC without sound", "mov: HEVC, QuickTime with MP3",
		"webm: VP9 and Opus", "webm: VP9 with hidden frames in superframes", "mp4: VP9 and AAC", "mp4: AV1 and AAC", "webm: AV1 and Opus",
	}
	for _, v := range modernVariants {
		if !slices.Contains(judged, v.label()) {
			continue
		}
		t.Run(v.label(), func(t *testing.T) {
			t.Parallel()
			source := v.write(t)
			p := pack(t, source, packager.Choice{Sound: v.sound, Modern: true})
			pictures, _ := units(t, source, 0)
			for _, from := range []int{0, len(p.segments) / 2} {
				at := pictures[0].seconds + p.title.StartSeconds(from) - 0.0006
				wanted := len(slices.DeleteFunc(slices.Clone(pictures), func(u unit) bool { return u.seconds < at }))
				data := slices.Concat(p.title.Init(), slices.Concat(p.segments[from:]...))
				if shown := gstreamerMP4(t, data, v.codecs); shown != wanted {
					t.Errorf("from segment %d: %d pictures of %d", from, shown, wanted)
				}
			}
		})
	}
}

// gstreamerMP4 decodes fragmented MP4 and returns how many pictures it shows.
func gstreamerMP4(t *testing.T, data []byte, codecs string) (pictures int) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "all.mp4")
	write(t, name, data)
	decoder := map[string]string{"hvc1": "h265parse ! avdec_h265", "hev1": "h265parse ! avdec_h265", "vp09": "vp9dec", "av01": "av1dec"}[codecs[:4]]
	line := "filesrc location=" + name + " ! qtdemux name=d d.video_0 ! queue max-size-buffers=0 max-size-bytes=0 max-size-time=0 ! " +
		decoder + " ! checksumsink sync=false async=false"
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "gst-launch-1.0", append([]string{"-v", "--no-position"}, strings.Fields(line)...)...)
	cmd.Env = append(os.Environ(), "GST_DEBUG="+modernListens, "GST_DEBUG_NO_COLOR=1", "LC_ALL=C")
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	err := cmd.Run()
	var complaints []string
	for text := range strings.Lines(says.String()) {
		// Its list of names for its own log lacks two that it plays.
		unlisted := strings.Contains(text, "unknown QuickTime node type vp09") || strings.Contains(text, "unknown QuickTime node type Opus")
		if (strings.Contains(text, "WARN") || strings.Contains(text, "ERROR")) && !unlisted {
			complaints = append(complaints, text)
		}
	}
	if err != nil || len(complaints) > 0 {
		t.Errorf("GStreamer: %v\n%s", err, strings.Join(complaints, ""))
	}
	for text := range strings.Lines(out.String()) {
		if len(text) > 40 && text[1] == ':' { // 0:00:00.040000000 and a hash
			pictures++
		}
	}
	return pictures
}
