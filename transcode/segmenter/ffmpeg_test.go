package segmenter

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func needFFmpeg(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			t.Fatal("ffmpeg is missing (apt-get install ffmpeg)")
		}
		t.Skip("not run here: ffmpeg is missing (apt-get install ffmpeg)")
	}
}

// ffmpeg runs it and returns what it writes; warnings fail the test.
func ffmpeg(t *testing.T, input []byte, arguments ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-nostdin", "-v", "warning"}, arguments...)...)
	if input != nil {
		cmd.Args = slices.DeleteFunc(cmd.Args, func(a string) bool { return a == "-nostdin" })
		cmd.Stdin = bytes.NewReader(input)
	}
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil || says.Len() > 0 {
		t.Fatalf("ffmpeg %v: %v\n%s", arguments, err, says.String())
	}
	return out.Bytes()
}

// frames are the hashes of the decoded pictures or of the sound.
func frames(t *testing.T, input, which string) []string {
	t.Helper()
	arguments := []string{"-i", input, "-map", which}
	if which == "0:v" {
		arguments = append(arguments, "-fps_mode", "passthrough")
	}
	var all []string
	for line := range strings.Lines(string(ffmpeg(t, nil, append(arguments, "-f", "framemd5", "pipe:1")...))) {
		if !strings.HasPrefix(line, "#") {
			fields := strings.Split(line, ",")
			all = append(all, strings.TrimSpace(fields[len(fields)-1]))
		}
	}
	return all
}

// What the synthetic streams cannot tell: that a real decoder takes each segment
// alone, all of them in a row, and finds every picture of the source.
func TestFFmpegPlaysEverySegment(t *testing.T) {
	needFFmpeg(t)
	picture := func(rate string, seconds int) []string {
		return []string{
			"-f", "lavfi", "-i", fmt.Sprintf("testsrc2=size=320x180:rate=%s:duration=%d", rate, seconds),
			"-f", "lavfi", "-i", fmt.Sprintf("sine=duration=%d", seconds), "-c:v", "libx264", "-preset", "ultrafast",
		}
	}
	for name, c := range map[string]struct {
		make     []string
		file     string
		segments int
	}{
		"closed GOPs and B-frames in MP4": {append(picture("25", 21), "-bf", "3", "-g", "50", "-c:a", "aac"), "a.mp4", 6},
		"open GOPs with an IDR every 5 s": {
			append(picture("25", 21), "-bf", "3", "-x264-params", "open-gop=1:keyint=25:bframes=3",
				"-force_key_frames", "expr:gte(t,n_forced*5)", "-forced-idr", "1", "-c:a", "ac3"), "a.mkv", 5,
		},
		"key frames 10.4 s apart":  {append(picture("24000/1001", 32), "-bf", "2", "-g", "250", "-sc_threshold", "0", "-c:a", "libmp3lame"), "a.mkv", 4},
		"forced IDRs at 23.976":    {append(picture("24000/1001", 50), "-g", "250", "-force_key_frames", "expr:gte(t,n_forced*4)", "-c:a", "aac"), "a.mp4", 13},
		"several slices, no sound": {append(picture("30", 13), "-an", "-g", "30", "-slices", "4", "-bsf:v", "h264_mp4toannexb"), "a.ts", 4},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			source := filepath.Join(dir, c.file)
			ffmpeg(t, nil, append(slices.Clone(c.make), source)...)
			stream := ffmpeg(t, nil, "-i", source, "-map", "0:v:0", "-map", "0:a?", "-c", "copy", "-f", "mpegts", "pipe:1")
			segments, err := cutAll(Options{}, stream, 32<<10)
			if err != nil {
				t.Fatal(err)
			}
			if err := Check(bytesOf(segments)...); err != nil {
				t.Error(err)
			}
			if len(segments) != c.segments {
				t.Errorf("%d segments at %v, want %d", len(segments), starts(segments), c.segments)
			}
			playlist := "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:20\n"
			for _, s := range segments {
				segment := fmt.Sprintf("%d.ts", s.Number)
				playlist += fmt.Sprintf("#EXTINF:%f,\n%s\n", s.DurationSeconds, segment)
				if err := os.WriteFile(filepath.Join(dir, segment), s.Data, 0o600); err != nil {
					t.Fatal(err)
				}
				ffmpeg(t, nil, "-i", filepath.Join(dir, segment), "-f", "null", "-")
			}
			all := bytes.Join(bytesOf(segments), nil)
			if !bytes.Equal(payloadPackets(stream), payloadPackets(all)) {
				t.Error("packets were changed")
			}
			ffmpeg(t, all, "-i", "pipe:0", "-f", "null", "-")
			list := filepath.Join(dir, "index.m3u8")
			if err := os.WriteFile(list, []byte(playlist+"#EXT-X-ENDLIST\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			want, got := frames(t, source, "0:v"), frames(t, list, "0:v")
			if !slices.Equal(want, got) || len(want) < 300 {
				t.Errorf("%d pictures of %d, or others", len(got), len(want))
			}
		})
	}
}
