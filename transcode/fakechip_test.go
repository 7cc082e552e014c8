package transcode

import (
	"io"
	"os"
	"os/exec"
	"slices"
)

// chipBytes is what the fake chip makes before it fails: some segments of a small film.
const chipBytes = 500_000

// fakeChip is ffmpeg with an encoder of its own, which is another one than it says,
// and fails in the middle: it ends, or its driver complains and it goes on.
func fakeChip(how string) int {
	args := slices.Clone(os.Args[1:])
	at := slices.Index(args, string(V4L2))
	if at >= 0 { // -c:v h264_v4l2m2m -b:v … : no B-frames, and headers that libx264 makes otherwise
		args = slices.Replace(args, at, at+1, string(X264), "-preset", "ultrafast", "-bf", "0", "-forced-idr", "1", "-x264-params", "scenecut=0")
	}
	command := exec.Command("ffmpeg", args...)
	command.Stderr = os.Stderr
	for fd := uintptr(firstDescriptor); fd <= firstDescriptor+1; fd++ {
		command.ExtraFiles = append(command.ExtraFiles, os.NewFile(fd, "given"))
	}
	if at < 0 {
		command.Stdout = os.Stdout
		if command.Run() != nil {
			return 1
		}
		return 0
	}
	out, err := command.StdoutPipe()
	if err != nil || command.Start() != nil {
		return 2
	}
	if _, err = io.CopyN(os.Stdout, out, chipBytes); err != nil {
		return 2
	}
	if how == "chip-exits" {
		_ = command.Process.Kill()
		_ = command.Wait()
		return 1
	}
	_, _ = os.Stderr.WriteString("[error] [h264_v4l2m2m @ 0x1] driver encode error\n")
	if _, err = io.Copy(os.Stdout, out); err != nil || command.Wait() != nil {
		return 2
	}
	return 0
}
