package worker_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"streambox.local/transcode/worker"
)

// Stands for what the box does all day: inside, the real ffmpeg and ffprobe do
// all that they are needed for.
func TestFilmsAreReadInside(t *testing.T) {
	ffmpeg, film := hevcFilm(t)
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Fatal(err)
	}
	quiet := []string{"-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,concat", "-i", "file:/dev/fd/3"}
	for _, c := range []struct {
		sentence, path string
		arguments      []string
		says           string
		enough         int
	}{
		{"probing", ffprobe, []string{"-v", "warning", "-show_streams", "file:/dev/fd/3"}, "codec_name=hevc", 100},
		{"a decoder of libx265's HEVC", ffmpeg, append(quiet, "-f", "framemd5", "pipe:1"), "#format: frame checksums", 1000},
		{"a conversion by libx264", ffmpeg, append(quiet, "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-f", "mpegts", "pipe:1"), "\x47", 20_000},
		{"a thumbnail", ffmpeg, append(quiet, "-frames:v", "1", "-vf", "scale=w=64:h=-2:flags=fast_bilinear,format=yuvj420p", "-c:v", "mjpeg", "-f", "image2pipe", "pipe:1"), "\xff\xd8", 500},
		{"what ffmpeg can do", ffmpeg, []string{"-hide_banner", "-v", "error", "-encoders"}, "libx264", 1000},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			said, exit := run(t, worker.NewChild(), worker.Command{Path: c.path, Arguments: c.arguments, Background: true}, film)
			if !exit.Success() || len(said.Out) < c.enough || !strings.Contains(string(said.Out[:min(len(said.Out), 20_000)]), c.says) || len(said.Err) != 0 {
				t.Errorf("%+v: %d bytes; it said %s", exit, len(said.Out), said.Err)
			}
			if exit.MaxRSSBytes < 1<<20 || exit.User+exit.System == 0 {
				t.Errorf("what it took is not told: %+v", exit)
			}
		})
	}
	t.Run("the encoder is looked for among the devices", func(t *testing.T) {
		said, exit := run(t, worker.NewChild(), worker.Command{Path: ffmpeg, Hardware: true, Arguments: []string{
			"-nostdin", "-v", "error", "-i", "file:/dev/fd/3", "-pix_fmt", "yuv420p", "-c:v", "h264_v4l2m2m", "-f", "null", "-",
		}}, film)
		if !exit.Success() && !strings.Contains(string(said.Err), "Could not find a valid device") { // as outside, where there is none
			t.Errorf("%+v: %s", exit, said.Err)
		}
	})
	t.Run("other protocols are refused by ffmpeg itself", func(t *testing.T) {
		said, exit := run(t, worker.NewChild(), worker.Command{Path: ffmpeg, Arguments: append(quiet[:len(quiet)-1:len(quiet)-1], "http://127.0.0.1:9/film", "-f", "null", "-")}, film)
		if exit.Success() || !strings.Contains(string(said.Err), "whitelist") {
			t.Errorf("%+v: %s", exit, said.Err)
		}
	})
}

// hevcFilm is a second of HEVC of 10 bits with sound.
func hevcFilm(tb testing.TB) (ffmpeg, film string) {
	tb.Helper()
	if testing.Short() {
		tb.Skip("not run here: starts other programs, which -short leaves out")
	}
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		if os.Getenv("STREAMBOX_STRICT") == "1" {
			tb.Fatal("ffmpeg is missing")
		}
		tb.Skip("not run here: ffmpeg is missing (apt-get install ffmpeg)")
	}
	film = filepath.Join(tb.TempDir(), "film.mkv")
	out, err := exec.CommandContext(tb.Context(), ffmpeg, "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1", "-f", "lavfi", "-i", "sine=d=1",
		"-pix_fmt", "yuv420p10le", "-c:v", "libx265", "-x265-params", "log-level=error", "-c:a", "flac", film).CombinedOutput()
	if err != nil {
		tb.Fatalf("make a film: %v: %s", err, out)
	}
	return ffmpeg, film
}

func TestAProgramThatIsMissingIsNoFailureOfAFilm(t *testing.T) {
	if testing.Short() {
		t.Skip("not run here: starts this program again, which -short leaves out (and qemu-user cannot)")
	}
	if _, err := worker.NewChild().Launch(t.Context(), worker.Command{Path: "/nonexistent/ffmpeg"}); !errors.Is(err, worker.ErrNotStarted) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	// One that the kernel refuses to start is known only when the stage has ended.
	noProgram := filepath.Join(t.TempDir(), "ffmpeg")
	if err := os.WriteFile(noProgram, []byte("\x7fELF, but no more"), 0o755); err != nil {
		t.Fatal(err)
	}
	process, err := worker.NewChild().Launch(t.Context(), worker.Command{Path: noProgram})
	if err != nil {
		t.Fatal(err)
	}
	if exit, err := process.Wait(); !errors.Is(err, worker.ErrNotStarted) {
		t.Errorf("it ended with %+v, %v", exit, err)
	}
}

func TestTheEndOfAProgramIsKnown(t *testing.T) {
	program := standIn(t)
	for _, launcher := range []worker.Launcher{worker.Plain{}, worker.NewChild()} {
		process, err := launcher.Launch(t.Context(), worker.Command{Path: program, Arguments: []string{"only=hanging"}})
		if err != nil {
			t.Fatal(err)
		}
		process.Kill()
		exit, err := process.Wait()
		if err != nil || exit.Signal != syscall.SIGKILL || exit.Success() || exit.Err() == nil || exit.Err().Error() != "signal: killed" {
			t.Errorf("%T: %+v, %v, %v", launcher, exit, err, exit.Err())
		}
		process.Kill() // once more does nothing
	}
}
