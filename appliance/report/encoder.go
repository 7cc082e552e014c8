package report

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// VideoEncoder is the part by which a running box speaks of its chip.
const VideoEncoder = "videoEncoder"

// hardwareEncoder is what a running box says of the chip, which it watches: it
// may have failed in the middle of a film. Without one it is tried here, by
// encoding a few pictures: by its name every ffmpeg knows it.
func (d *Doctor) hardwareEncoder(ctx context.Context, path string, listed map[string]bool, box Box) Check {
	c := Check{Name: "encoder h264_v4l2m2m", State: Absent}
	if i := slices.IndexFunc(box.Parts, func(p Check) bool { return p.Name == VideoEncoder }); i >= 0 {
		part := box.Parts[i]
		c.State, c.Detail, c.Mend = part.State, part.Detail, part.Mend
		return c
	}
	const software = "films are converted in software"
	switch {
	case !listed["h264_v4l2m2m"]:
		c.Detail = "this ffmpeg knows no hardware encoder of a Pi; " + software
		return c
	case !d.boardEncodes():
		c.Detail = "this machine has none; " + software
		return c
	}
	_, err := d.ToolOutput(ctx, path, "-nostdin", "-hide_banner", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30",
		"-frames:v", "8", "-pix_fmt", "yuv420p", "-c:v", "h264_v4l2m2m", "-num_output_buffers", "6", "-num_capture_buffers", "8", "-b:v", "4M", "-f", "null", "-")
	if err != nil {
		c.State, c.Detail = Broken, "this board has one, but it does not encode; "+software
		c.Mend = "let this user open /dev/video11 (sudo usermod -aG video $USER), or start the machine anew: a reboot resets it"
		return c
	}
	c.State, c.Detail = Present, "encodes"
	return c
}

// boardEncodes: all Raspberry Pis but the 5 and its kin have the chip.
func (d *Doctor) boardEncodes() bool {
	data, err := os.ReadFile(filepath.Join(d.Hardware, "proc/device-tree/model"))
	model, isPi := strings.CutPrefix(string(data), "Raspberry Pi ")
	return err == nil && isPi && !strings.HasPrefix(model, "5") && !strings.HasPrefix(model, "Compute Module 5")
}
