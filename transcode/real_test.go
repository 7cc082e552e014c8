package transcode

import (
	"bytes"
	"errors"
	"image/jpeg"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"streambox.local/transcode/publish"
)

// realTools are ffmpeg and ffprobe of this machine.
func realTools(t *testing.T) *Tools {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: -short leaves out what starts other programs (half a minute of two cores)")
	}
	tools, err := FindTools(slog.New(slog.DiscardHandler))
	if err != nil {
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			t.Fatal(err)
		}
		t.Skip("not run here: ffmpeg is missing (apt-get install ffmpeg)")
	}
	return tools
}

// ffmpeg runs the bare tool and returns what it wrote; it must not complain.
func ffmpeg(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), "ffmpeg", append([]string{"-nostdin", "-hide_banner", "-v", "error", "-y"}, args...)...)
	var out, complaints bytes.Buffer
	command.Stdout, command.Stderr = &out, &complaints
	if err := command.Run(); err != nil || complaints.Len() > 0 {
		t.Fatalf("ffmpeg %s: %v\n%s", strings.Join(args, " "), err, &complaints)
	}
	return out.String()
}

const (
	testPicture = "testsrc2=s=320x180:r=25:d=6"
	testTone    = "sine=f=440:r=48000:d=6"
)

// both are a picture and a sound as inputs.
func both(more ...string) []string {
	return append([]string{"-f", "lavfi", "-i", testPicture, "-f", "lavfi", "-i", testTone}, more...)
}

var x264 = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "25"}

func join(lists ...[]string) []string { return slices.Concat(lists...) }

// made is a title that Do has finished.
type made struct {
	media    Media
	plan     Plan
	dir      string
	manifest publish.Manifest
	warnings []Reason
}

// make probes, plans and does a file; a remux that cannot be cut is converted.
func produce(t *testing.T, tools *Tools, in Input) (made, error) {
	t.Helper()
	machine, err := tools.Machine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var m made
	if m.media, err = tools.Probe(t.Context(), in); err != nil {
		return m, err
	}
	m.plan = Decide(m.media, machine)
	if m.plan.Rung == None {
		return m, nil
	}
	for {
		m.dir = filepath.Join(t.TempDir(), "rendition")
		out, err := publish.Create(m.dir)
		if err != nil {
			t.Fatal(err)
		}
		m.warnings = nil
		err = tools.Do(t.Context(), Job{
			Input: in, Media: m.media, Plan: m.plan, Out: out,
			OnWarning: func(r Reason) { m.warnings = append(m.warnings, r) },
		})
		if err != nil {
			if discardErr := out.Discard(); discardErr != nil {
				t.Error(discardErr)
			}
		}
		if errors.Is(err, ErrNotSegmentable) && m.plan.Rung != Convert {
			m.plan = Reclassify(machine)
			continue
		}
		m.manifest = out.Manifest()
		return m, err
	}
}

func (m made) playlist() string { return filepath.Join(m.dir, "index.m3u8") }

// segments are checked one by one: each must decode alone, without a complaint.
func (m made) segments(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(m.dir, "seg*.ts"))
	if err != nil || len(names) == 0 || len(names) != len(m.manifest.SegmentBytes) {
		t.Fatalf("%d segments, the manifest has %d: %v", len(names), len(m.manifest.SegmentBytes), err)
	}
	for _, name := range names {
		ffmpeg(t, "-i", name, "-f", "null", "-")
	}
	return names
}

// pictures are the hashes of all decoded pictures of a file.
func pictures(t *testing.T, file string) []string {
	t.Helper()
	var hashes []string
	for line := range strings.Lines(ffmpeg(t, "-i", file, "-map", "0:V:0", "-fps_mode", "passthrough", "-f", "framemd5", "-")) {
		if fields := strings.Split(line, ","); len(fields) == 6 {
			hashes = append(hashes, strings.TrimSpace(fields[5]))
		}
	}
	return hashes
}

func TestLadderWithRealFiles(t *testing.T) {
	tools := realTools(t)
	for _, c := range []struct {
		name, file string
		args       []string
		rung       Rung
		code       string
		width      int // of what is published
		height     int
		silent     bool
	}{
		{"H.264 and AAC in MP4", "a.mp4", join(both(), x264, []string{"-c:a", "aac"}), Direct, CodeAsIs, 320, 180, false},
		{"H.264 without sound", "a.mp4", join([]string{"-f", "lavfi", "-i", testPicture}, x264), Direct, CodeAsIs, 320, 180, true},
		{"H.264 and MP3 in AVI", "a.avi", join(both(), x264, []string{"-bf", "0", "-c:a", "libmp3lame"}), Direct, CodeAsIs, 320, 180, false},
		{"H.264 with B pictures in AVI, without times", "a.avi", join(both(), x264, []string{"-bf", "2", "-c:a", "libmp3lame"}), Convert, CodeUntimed, 320, 180, false},
		{"H.264 and AC-3 in Matroska", "a.mkv", join(both(), x264, []string{"-c:a", "ac3", "-ac", "6"}), AudioOnly, CodeAudioCodec, 320, 180, false},
		{"H.264 in a broadcast", "a.ts", join(both(), x264, []string{"-c:a", "mp2"}), AudioOnly, CodeAudioCodec, 320, 180, false},
		{
			"a cover picture before the film", "a.mp4", join(both("-f", "lavfi", "-i", "color=red:s=64x64:d=0.1:r=10", "-map", "2", "-map", "0", "-map", "1",
				"-c:v:0", "png", "-disposition:v:0", "attached_pic", "-c:v:1", "libx264", "-preset:v:1", "ultrafast", "-pix_fmt:v:1", "yuv420p", "-g", "25", "-c:a", "aac")),
			Direct, CodeAsIs, 320, 180, false,
		},
		{"pixels that are not square", "a.mkv", join(both("-vf", "setsar=4/3"), x264, []string{"-c:a", "aac"}), Direct, CodeAsIs, 320, 180, false},
		{
			"a variable rate", "a.mp4", join(both("-vf", "select='not(eq(mod(n,5),1))+gt(t,4)'", "-fps_mode", "vfr"), x264, []string{"-c:a", "aac"}),
			Direct, CodeAsIs, 320, 180, false,
		},
		{"key frames further apart than a segment", "a.mp4", join(both(), x264, []string{"-g", "125", "-keyint_min", "125", "-c:a", "aac"}), Direct, CodeAsIs, 320, 180, false},
		{"open GOP", "a.mkv", join(both(), x264, []string{"-bf", "3", "-x264-params", "open-gop=1:keyint=25:scenecut=0", "-c:a", "aac"}), Convert, CodeOpenGOP, 320, 180, false},
		{
			"HEVC with 10 bits", "a.mkv", join(both("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none", "-c:a", "aac")),
			Convert, CodeVideoCodec, 320, 180, false,
		},
		{
			"HDR", "a.mkv", join(both("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le",
				"-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc",
				"-x265-params", "log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc", "-c:a", "aac")),
			Convert, CodeVideoCodec, 320, 180, false,
		},
		{"MPEG-4 and MP3 in AVI", "a.avi", join(both("-c:v", "mpeg4", "-q:v", "4", "-c:a", "libmp3lame")), Convert, CodeVideoCodec, 320, 180, false},
		{
			"interlaced MPEG-2", "a.mpg", join(both("-vf", "interlace,setsar=16/11", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", "4", "-c:a", "mp2")),
			Convert, CodeVideoCodec, 398, 180, false,
		},
		{
			"interlaced H.264", "a.ts", join(both("-vf", "interlace"), x264, []string{"-flags", "+ildct+ilme", "-x264-params", "tff=1", "-c:a", "aac"}),
			Convert, CodeInterlaced, 320, 180, false,
		},
		{
			"VP9 and Opus", "a.webm", join(both("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k", "-c:a", "libopus")),
			Convert, CodeVideoCodec, 320, 180, false,
		},
		{"odd sides", "a.avi", join(both("-vf", "crop=319:179:0:0:exact=1", "-c:v", "mpeg4", "-c:a", "libmp3lame")), Convert, CodeVideoCodec, 320, 180, false},
		{"one pixel", "a.avi", join([]string{"-f", "lavfi", "-i", "color=red:s=16x16:r=25:d=5,format=bgr24,crop=1:1", "-c:v", "png"}), Convert, CodeVideoCodec, 16, 16, true},
		{"one picture a second", "a.avi", join([]string{"-f", "lavfi", "-i", "testsrc2=s=320x180:r=1:d=9", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p"}), Convert, CodeVideoCodec, 320, 180, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), c.file)
			ffmpeg(t, append(c.args, file)...)
			m, err := produce(t, tools, FileInput(file))
			if err != nil || m.plan.Rung != c.rung || m.plan.Reason.Code != c.code {
				t.Fatalf("got %s (%s), %v; want %s (%s)\n%+v\n%+v", m.plan.Rung, m.plan.Reason.Code, err, c.rung, c.code, m.media, m.media.Video)
			}
			if len(m.warnings) > 0 {
				t.Errorf("warned: %v", m.warnings)
			}
			names := m.segments(t)
			if seconds := m.manifest.DurationSeconds; seconds < m.media.DurationSeconds-0.3 || seconds > m.media.DurationSeconds+0.3 {
				t.Errorf("%g s became %g s", m.media.DurationSeconds, seconds)
			}
			if c.rung == Direct || c.rung == AudioOnly {
				if source, copied := pictures(t, file), pictures(t, m.playlist()); !slices.Equal(source, copied) {
					t.Errorf("%d pictures became %d others", len(source), len(copied))
				}
			}
			published, err := tools.Probe(t.Context(), FileInput(names[0]))
			if err != nil {
				t.Fatal(err)
			}
			v := published.Video
			if v.Codec != "h264" || v.PixelFormat != "yuv420p" && v.PixelFormat != "yuvj420p" || v.Width != c.width || v.Height != c.height || isHDR(*v) || interlaced(*v) {
				t.Errorf("published %+v", v)
			}
			if c.rung != Convert && v.SampleAspect != m.media.Video.SampleAspect || c.rung == Convert && v.SampleAspect != [2]int{1, 1} {
				t.Errorf("pixels of %v became %v", m.media.Video.SampleAspect, v.SampleAspect)
			}
			if (len(published.Audio) == 0) != c.silent {
				t.Errorf("sound: %+v", published.Audio)
			}
			if c.rung == Convert {
				if _, again := videoNeedsWork(published); again {
					t.Errorf("what was converted would be converted again: %+v", v)
				}
			}
			thumbnail(t, tools, FileInput(file), m.media)
		})
	}
}

func thumbnail(t *testing.T, tools *Tools, in Input, m Media) {
	t.Helper()
	data, err := tools.Thumbnail(t.Context(), in, m)
	if err != nil {
		t.Fatal(err)
	}
	size, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil || size.Width != thumbnailWidth {
		t.Errorf("a thumbnail of %d × %d: %v", size.Width, size.Height, err)
	}
}
