package transcode

import (
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"testing"
)

// BenchmarkThumbnail is beside the plain command that a person would type for
// one frame of the same size from the same place.
func BenchmarkThumbnail(b *testing.B) {
	tools, err := FindTools(slog.New(slog.DiscardHandler))
	if err != nil {
		b.Skip("not run here: ffmpeg is missing (apt-get install ffmpeg)")
	}
	film := filepath.Join(b.TempDir(), "film.mp4")
	encode := exec.CommandContext(b.Context(), tools.FFmpeg, "-nostdin", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=60", "-f", "lavfi", "-i", "sine=d=60",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", film)
	said, err := encode.CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, said)
	}
	input := FileInput(film)
	media, err := tools.Probe(b.Context(), input)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		for b.Loop() {
			if _, err = tools.Thumbnail(b.Context(), input, media); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			at := fmt.Sprintf("%.3f", media.DurationSeconds/4)
			if said, err = exec.CommandContext(b.Context(), tools.FFmpeg, "-v", "error", "-ss", at, "-i", film, "-frames:v", "1", "-vf", "scale=640:-2", "-f", "image2pipe", "-c:v", "mjpeg", "pipe:1").Output(); err != nil {
				b.Fatalf("%v\n%s", err, said)
			}
		}
	})
}
