package clips

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// needFFmpeg leaves a test out on machines without ffmpeg, unless all must run.
func needFFmpeg(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("not run here: -short leaves out what starts other programs")
	}
	if _, err := exec.LookPath("ffmpeg"); err == nil {
		return
	}
	if os.Getenv("STREAMBOX_STRICT") == "1" {
		t.Fatal("ffmpeg is missing (apt-get install ffmpeg)")
	}
	t.Skip("not run here: ffmpeg is missing (apt-get install ffmpeg)")
}

func TestMakeWithoutFFmpegIsASentence(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Make(t.Context(), t.TempDir(), "ordinary")
	if !errors.Is(err, ErrNoFFmpeg) || !strings.Contains(err.Error(), "apt-get install ffmpeg") {
		t.Errorf("got %v", err)
	}
}

func TestMakeOfAnUnknownClip(t *testing.T) {
	if _, err := Make(t.Context(), t.TempDir(), "no such"); !errors.Is(err, ErrUnknownClip) {
		t.Errorf("got %v", err)
	}
}

// The picture tells the time: what comes out of an encoder and a decoder can
// be read back as the second it was made for.
func TestFramesCarryTheirSecond(t *testing.T) {
	needFFmpeg(t)
	dir := t.TempDir()
	made, err := Make(t.Context(), dir, "ordinary")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, made[0].FileName)
	for _, second := range []int{0, 3, 6} {
		if lit := readPattern(t, file, second); lit != Pattern(second) {
			t.Errorf("in second %d the picture shows %v, not %v", second, lit, Pattern(second))
		}
	}
	if readPattern(t, file, 3) == Pattern(4) {
		t.Error("a picture that is a second off is not told apart")
	}
}

// readPattern decodes the frame in the middle of a second down to one value
// per block: the mean of what is there, so lit blocks are light.
func readPattern(t *testing.T, file string, second int) (lit [PatternColumns * PatternRows]bool) {
	t.Helper()
	at := string(rune('0'+second)) + ".5"
	cmd := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-nostdin", "-ss", at, "-i", file, "-frames:v", "1",
		"-vf", "crop=iw:ih*9/10:0:0,scale=4:3:flags=area,format=gray", "-f", "rawvideo", "pipe:1")
	grey, err := cmd.Output()
	if err != nil || len(grey) != len(lit) {
		t.Fatalf("decode a frame: %v, %d bytes", err, len(grey))
	}
	const between = 60 // the dark is 16, the darkest lit block (red) about 90
	for i, light := range grey {
		lit[i] = light > between
	}
	return lit
}

func TestWriteKeepsWhatIsThereAndMendsWhatIsNot(t *testing.T) {
	dir := t.TempDir()
	all := []Clip{{Name: "a", FileName: "a.mp4"}, {Name: "b", FileName: "folder/b.mp4", finish: text("b"), how: "b"}}
	var asked []string
	makeThem := func(missing []Clip) error {
		for _, c := range missing {
			asked = append(asked, c.Name)
			path := filepath.Join(dir, filepath.FromSlash(c.FileName))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				return err
			}
		}
		return nil
	}
	steps := []struct {
		what   string
		before func()
		want   string
	}{
		{"an empty folder needs all", func() {}, "a b"},
		{"what is there by the same recipe is kept", func() {}, ""},
		{"a file that is gone is made again", func() { _ = os.Remove(filepath.Join(dir, "a.mp4")) }, "a"},
		{"another recipe makes the file anew", func() { all[1].how = "c" }, "b"},
		{"a damaged table knows nothing", func() { _ = os.WriteFile(filepath.Join(dir, ExpectFile), []byte("{"), 0o600) }, "a b"},
	}
	for _, step := range steps {
		asked = nil
		step.before()
		if err := Write(dir, all, makeThem); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		if got := strings.Join(asked, " "); got != step.want {
			t.Errorf("%s: made %q, not %q", step.what, got, step.want)
		}
	}
}

func TestWriteThatFailsLeavesNoTable(t *testing.T) {
	dir := t.TempDir()
	broken := errors.New("broken")
	err := Write(dir, []Clip{{Name: "a", FileName: "a.mp4"}}, func([]Clip) error { return broken })
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if exists(filepath.Join(dir, ExpectFile)) {
		t.Error("a table is there for clips that are not")
	}
}

// A failed run leaves neither the file nor its work folder.
func TestMakeThatFailsLeavesNothing(t *testing.T) {
	needFFmpeg(t)
	dir := t.TempDir()
	broken := Clip{Name: "broken", FileName: "broken.mp4", format: "mp4", args: []string{"-f", "lavfi", "-i", "nosuchsource"}}
	if err := MakeAll(t.Context(), dir, []Clip{broken}, nil); err == nil {
		t.Fatal("a broken graph made a film")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
