package transcode

import (
	"bytes"
	"image/jpeg"
	"math"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

// beeps are the seconds at which sound begins in a file, from its first picture.
func beeps(t *testing.T, file string) []float64 {
	t.Helper()
	command := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-hide_banner", "-v", "info", "-nostats", "-copyts", "-i", file,
		"-map", "0:a:0", "-af", "silencedetect=n=-30dB:d=0.3", "-f", "null", "-")
	text, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var times []float64
	for _, found := range regexp.MustCompile(`silence_end: ([\d.]+)`).FindAllSubmatch(text, -1) {
		times = append(times, seconds(string(found[1])))
	}
	return times
}

// flashes are the seconds at which the picture turns from black to white.
func flashes(t *testing.T, file string) []float64 {
	t.Helper()
	text, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-hide_banner", "-v", "info", "-nostats", "-copyts", "-i", file,
		"-map", "0:V:0", "-vf", "blackdetect=d=0.3:pix_th=0.3", "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var times []float64
	for _, found := range regexp.MustCompile(`black_end:([\d.]+)`).FindAllSubmatch(text, -1) {
		times = append(times, seconds(string(found[1])))
	}
	return times
}

// Sound and picture start together at every second of these films; whatever is
// done to them, they must still do so.
func TestSoundStaysInStep(t *testing.T) {
	tools := realTools(t)
	flash := "color=black:s=160x90:r=25:d=9,drawbox=c=white:t=fill:enable='lt(mod(t,2),0.5)'"
	beep := "aevalsrc='0.5*sin(880*PI*t)*lt(mod(t,2),0.5)':s=48000:d=9"
	for _, c := range []struct {
		name, file string
		args       []string
		rung       Rung
	}{
		{"copied", "a.mp4", []string{"-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "aac"}, Direct},
		{"copied from MP3", "a.mkv", []string{"-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "libmp3lame"}, Direct},
		{"sound converted", "a.mkv", []string{"-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "ac3"}, AudioOnly},
		{"sound converted, from below zero", "a.mkv", []string{
			"-c:v", "libx264", "-bf", "0", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "ac3", "-output_ts_offset", "-0.3", "-avoid_negative_ts", "disabled",
		}, AudioOnly},
		{"sound converted, of pictures that lack times below zero, which ffmpeg does not copy", "a.mkv", []string{
			"-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "ac3", "-output_ts_offset", "-0.3", "-avoid_negative_ts", "disabled",
		}, AudioOnly},
		{"both converted", "a.avi", []string{"-c:v", "mpeg4", "-q:v", "4", "-c:a", "libmp3lame"}, Convert},
		{"both converted from Opus, which starts below zero", "a.webm", []string{"-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"}, Convert},
		{"both converted from 60 pictures a second", "a.mkv", []string{"-r", "60", "-c:v", "mpeg4", "-q:v", "4", "-c:a", "ac3"}, Convert},
		{"sound that starts late", "a.mkv", []string{"-af", "atrim=start=1", "-c:v", "libx264", "-g", "25", "-pix_fmt", "yuv420p", "-c:a", "ac3"}, AudioOnly},
		{"sound with a hole", "a.mkv", []string{"-af", "aselect='not(between(t,3,5))'", "-c:v", "mpeg4", "-q:v", "4", "-c:a", "ac3"}, Convert},
		{"a picture that starts late", "a.mkv", []string{"-vf", "trim=start=1.5", "-c:v", "mpeg4", "-q:v", "4", "-c:a", "ac3"}, Convert},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), c.file)
			ffmpeg(t, join([]string{"-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep}, c.args, []string{file})...)
			m, err := produce(t, tools, FileInput(file))
			if err != nil || m.plan.Rung != c.rung {
				t.Fatalf("%+v, %v", m.plan, err)
			}
			if _, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", m.playlist(), "-c", "copy", "-copyts", filepath.Join(m.dir, "all.ts")).Output(); err != nil {
				t.Fatal(err)
			}
			light, sound := flashes(t, filepath.Join(m.dir, "all.ts")), beeps(t, filepath.Join(m.dir, "all.ts"))
			together := 0
			for _, at := range light {
				if slices.ContainsFunc(sound, func(s float64) bool { return math.Abs(s-at) < 0.06 }) {
					together++
				}
			}
			if len(light) < 3 || together < 3 {
				t.Errorf("flashes at %v, beeps at %v", light, sound)
			}
		})
	}
}

func TestThumbnailSkipsBlack(t *testing.T) {
	tools := realTools(t)
	for _, c := range []struct {
		name, filter string
		want         bool // bright
	}{
		{"black at a quarter, light later", "testsrc2=s=320x180:r=25:d=8,drawbox=c=black:t=fill:enable='lt(t,3.2)'", true},
		{"black but for its start", "testsrc2=s=320x180:r=25:d=8,drawbox=c=black:t=fill:enable='gt(t,0.5)'", true},
		{"black all along", "color=black:s=320x180:r=25:d=4", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "a.mp4")
			ffmpeg(t, append(join([]string{"-f", "lavfi", "-i", c.filter}, x264), file)...)
			m, err := tools.Probe(t.Context(), FileInput(file))
			if err != nil {
				t.Fatal(err)
			}
			data, err := tools.Thumbnail(t.Context(), FileInput(file), m)
			if err != nil {
				t.Fatal(err)
			}
			if light, err := brightness(data); err != nil || light >= darkest != c.want {
				t.Errorf("brightness %g, %v", light, err)
			}
		})
	}
}

// A phone held upright, and what its pixels are stretched to.
func TestThumbnailAndConversionAreUpright(t *testing.T) {
	tools := realTools(t)
	dir := t.TempDir()
	lying, file := filepath.Join(dir, "lying.mp4"), filepath.Join(dir, "a.mov")
	// Red is on the left of what the sensor saw: turned clockwise it is on top.
	ffmpeg(t, append(join([]string{"-f", "lavfi", "-i", "color=blue:s=320x180:r=25:d=5,drawbox=w=160:c=red:t=fill"}, x264), lying)...)
	ffmpeg(t, "-i", lying, "-c", "copy", "-metadata:s:v:0", "rotate="+strconv.Itoa(270), file)
	in := FileInput(file)
	m, err := produce(t, tools, in)
	if err != nil || m.plan.Reason.Code != CodeRotated || m.media.Video.RotationDegrees%180 != 90 {
		t.Fatalf("%+v, %v, %+v", m.plan, err, m.media.Video)
	}
	data, err := tools.Thumbnail(t.Context(), in, m.media)
	if err != nil {
		t.Fatal(err)
	}
	check := func(name string, data []byte) {
		t.Helper()
		picture, err := jpeg.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		size := picture.Bounds()
		topRed, _, topBlue, _ := picture.At(size.Dx()/2, size.Dy()/8).RGBA()
		endRed, _, endBlue, _ := picture.At(size.Dx()/2, size.Dy()*7/8).RGBA()
		redOnTop := m.media.Video.RotationDegrees == 90
		if size.Dx() >= size.Dy() || (topRed > topBlue) != redOnTop || (endRed > endBlue) == redOnTop {
			t.Errorf("%s: %v, top %d/%d, end %d/%d", name, size, topRed, topBlue, endRed, endBlue)
		}
	}
	check("thumbnail", data)
	check("film", []byte(ffmpeg(t, "-i", m.segments(t)[0], "-frames:v", "1", "-f", "image2pipe", "-c:v", "mjpeg", "pipe:1")))
}
