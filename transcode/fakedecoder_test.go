package transcode

import (
	"io"
	"os"
	"os/exec"
	"slices"
)

// How an ffmpeg is whose -hwaccel drm has a decoder of HEVC behind it, as Raspberry
// Pi OS's has, or seems to have.
const (
	decodesWell       = "decoder-of-hevc"
	decodesInSoftware = "decoder-that-is-none" // any other ffmpeg: it knows the option, and goes on without a word
	decodesGarbled    = "decoder-that-garbles"
	decodesAWhile     = "decoder-that-fails-in-the-middle" // of films; what it is tried with goes well
)

// fakeDecoder is the real ffmpeg; what the chip would decode software does.
func fakeDecoder(how string) int {
	args := slices.Clone(os.Args[1:])
	at := slices.Index(args, "-hwaccel")
	asked := at >= 0 && slices.Equal(args[at:at+2], hevcArguments())
	if asked {
		args = slices.Delete(args, at, at+2)
	}
	stays := slices.Index(args, "-hwaccel_output_format")
	if stays >= 0 {
		if asked && how != decodesInSoftware {
			_, _ = os.Stderr.WriteString("  Stream #0:0: Video: wrapped_avframe, drm_prime(tv, progressive), 640x384, 30 fps\n")
		}
		args = slices.Delete(args, stays, stays+2)
	}
	command := exec.Command("ffmpeg", args...)
	command.Stderr = os.Stderr
	for fd := uintptr(firstDescriptor); fd <= firstDescriptor+1; fd++ {
		command.ExtraFiles = append(command.ExtraFiles, os.NewFile(fd, "given"))
	}
	out, err := command.StdoutPipe()
	if err != nil || command.Start() != nil {
		return 2
	}
	defer func() { _ = command.Wait() }()
	if asked && how == decodesAWhile && slices.Contains(args, "mpegts") {
		if _, err = io.CopyN(os.Stdout, out, chipBytes); err == nil {
			_ = command.Process.Kill()
			_, _ = os.Stderr.WriteString("[hevc @ 0x1] [error] Failed to end picture: Invalid data found when processing input\n")
			return 1
		}
		return 2
	}
	if asked && how == decodesGarbled && slices.Contains(args, "rawvideo") {
		picture := make([]byte, 1000)
		if _, err = io.ReadFull(out, picture); err != nil {
			return 2
		}
		picture[500] ^= 1
		_, _ = os.Stdout.Write(picture)
	}
	if _, err = io.Copy(os.Stdout, out); err != nil || command.Wait() != nil {
		return 1
	}
	return 0
}
