package packager_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"streambox.local/transcode/packager"
)

func need(t *testing.T, tools ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: -short leaves out what starts other programs")
	}
	for _, tool := range tools {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("STREAMBOX_STRICT") == "1" {
				t.Fatalf("%s is missing (apt-get install ffmpeg)", tool)
			}
			t.Skipf("not run here: %s is missing (apt-get install ffmpeg)", tool)
		}
	}
}

// run starts a tool; what it says on standard error at this level fails the test.
func run(t *testing.T, tool, level string, arguments ...string) string {
	t.Helper()
	if tool == "ffmpeg" {
		arguments = append([]string{"-nostdin"}, arguments...)
	}
	cmd := exec.CommandContext(t.Context(), tool, append([]string{"-v", level}, arguments...)...)
	var out, says bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &says
	if err := cmd.Run(); err != nil || says.Len() > 0 {
		t.Fatalf("%s %v: %v\n%s", tool, arguments, err, says.String())
	}
	return out.String()
}

// frames are the hashes of each input's decoded pictures.
func frames(t *testing.T, level string, inputs ...string) [][]string {
	t.Helper()
	var arguments []string
	for _, one := range inputs {
		arguments = append(arguments, "-i", one)
	}
	for n := range inputs {
		arguments = append(arguments, "-map", fmt.Sprintf("%d:V:0", n))
	}
	arguments = append(arguments, "-fps_mode", "passthrough", "-f", "framemd5", "pipe:1")
	all := make([][]string, len(inputs))
	for line := range strings.Lines(run(t, "ffmpeg", level, arguments...)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, ",")
		n, err := strconv.Atoi(fields[0])
		if err != nil {
			t.Fatalf("ffmpeg says %q", line)
		}
		all[n] = append(all[n], strings.TrimSpace(fields[len(fields)-1]))
	}
	return all
}

// unit is a packet as ffprobe tells it.
type unit struct {
	seconds float64
	bytes   int
	stream  string // of sound
}

// units are the packets of a file's picture and of one of its sound tracks, in
// the order of their times.
func units(t *testing.T, input string, sound int) (pictures, sounds []unit) {
	t.Helper()
	text := run(t, "ffprobe", "error", "-show_entries", "packet=codec_type,stream_index,pts_time,size", "-of", "csv=p=0", input)
	var tracks []string // stream indexes of sound
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		if len(fields) < 4 {
			continue
		}
		seconds, err := strconv.ParseFloat(fields[2], 64)
		size, sizeErr := strconv.Atoi(fields[3])
		if err != nil || sizeErr != nil {
			t.Fatalf("ffprobe says %q", line)
		}
		if fields[0] == "video" {
			pictures = append(pictures, unit{seconds: seconds, bytes: size})
			continue
		}
		if !slices.Contains(tracks, fields[1]) {
			tracks = append(tracks, fields[1])
			slices.Sort(tracks)
		}
		sounds = append(sounds, unit{seconds: seconds, bytes: size})
		sounds[len(sounds)-1].stream = fields[1]
	}
	if sound >= 0 && sound < len(tracks) {
		sounds = slices.DeleteFunc(sounds, func(u unit) bool { return u.stream != tracks[sound] })
	}
	byTime := func(a, b unit) int { return int(1e6 * (a.seconds - b.seconds)) }
	slices.SortStableFunc(pictures, byTime)
	slices.SortStableFunc(sounds, byTime)
	return pictures, sounds
}

// packaged is a title on the disk, for tools that read files.
type packaged struct {
	title    *packager.Title
	segments [][]byte
	dir      string
	playlist string
}

// pack opens a film and makes all its segments, from the last to the first, and
// again by another Open: the bytes must be the same.
func pack(t *testing.T, name string, choice packager.Choice) packaged {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	p := packaged{dir: t.TempDir()}
	p.playlist = filepath.Join(p.dir, "index.m3u8")
	for again := range 2 {
		in := bytes.NewReader(data)
		title, err := packager.Open(context.Background(), in, int64(len(data)), choice)
		if err != nil {
			t.Fatal(err)
		}
		if choice.Converted {
			title = title.Join(converted(t, name, title))
		}
		if again == 0 {
			p.title, p.segments = title, make([][]byte, title.Segments())
		} else if !bytes.Equal(title.Playlist(), p.title.Playlist()) {
			t.Error("the second playlist is another")
		}
		for n := title.Segments() - 1; n >= 0; n-- {
			segment, err := title.Segment(context.Background(), in, n)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case again == 0:
				p.segments[n] = segment
			case !bytes.Equal(segment, p.segments[n]):
				t.Errorf("segment %d has other bytes the second time", n)
			}
		}
	}
	for n, segment := range p.segments {
		write(t, filepath.Join(p.dir, p.title.SegmentName(n)), segment)
	}
	if init := p.title.Init(); init != nil {
		write(t, filepath.Join(p.dir, packager.InitName), init)
	}
	write(t, p.playlist, p.title.Playlist())
	return p
}

func write(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// from writes a playlist that begins with segment n: what a player reads after a seek.
func (p packaged) from(t *testing.T, n int) string {
	t.Helper()
	head, rest, _ := strings.Cut(string(p.title.Playlist()), "#EXTINF")
	entries := strings.Split("#EXTINF"+rest, "#EXTINF")[1:]
	name := filepath.Join(p.dir, fmt.Sprintf("from%d.m3u8", n))
	write(t, name, []byte(head+"#EXTINF"+strings.Join(entries[n:], "#EXTINF")))
	return name
}

func lavfi(source string, seconds any) []string {
	return []string{"-f", "lavfi", "-i", fmt.Sprintf("%s:duration=%v", source, seconds)}
}

// picture and tone are a film of so many seconds, encoded quickly.
func picture(rate string, seconds any) []string {
	return lavfi("testsrc2=size=192x108:rate="+rate, seconds)
}

func tone(seconds any) []string { return lavfi("sine=frequency=440", seconds) }

func x264(options ...string) []string {
	return append([]string{"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1"}, options...)
}
