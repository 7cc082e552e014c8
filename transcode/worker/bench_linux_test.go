package worker_test

import (
	"testing"

	"streambox.local/transcode/worker"
	"streambox.local/transcode/worker/workertest"
)

// What the confinement costs: a probe and a thumbnail in an ordinary child and in
// a confined one.
func BenchmarkConfinement(b *testing.B) {
	ffmpeg, film := hevcFilm(b)
	for _, program := range []struct {
		name string
		worker.Command
	}{
		{"probe", worker.Command{Path: "/usr/bin/ffprobe", Arguments: []string{"-v", "error", "-show_format", "-show_streams", "file:/dev/fd/3"}}},
		{"thumbnail", worker.Command{Path: ffmpeg, Arguments: []string{
			"-nostdin", "-v", "error", "-skip_frame", "nokey", "-i", "file:/dev/fd/3",
			"-frames:v", "1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-f", "image2pipe", "pipe:1",
		}}},
	} {
		for name, launcher := range map[string]worker.Launcher{"plain": worker.Plain{}, "child": worker.NewChild()} {
			b.Run(program.name+"/"+name, func(b *testing.B) {
				for b.Loop() {
					if _, exit, err := workertest.Run(b.Context(), launcher, program.Command, film); err != nil || !exit.Success() {
						b.Fatal(exit, err)
					}
				}
			})
		}
	}
}
