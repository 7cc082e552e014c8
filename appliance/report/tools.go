package report

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
)

const (
	installFFmpeg = "install it: sudo apt-get install ffmpeg"
	fullFFmpeg    = "this ffmpeg was built without it; Debian's has it: sudo apt-get install ffmpeg"
)

// tools checks ffmpeg, ffprobe, and what of ffmpeg is used.
func (d *Doctor) tools(ctx context.Context, box Box) []Check {
	checks := []Check{d.program(ctx, "ffmpeg"), d.program(ctx, "ffprobe")}
	if checks[0].State != Present {
		return checks
	}
	path, err := d.ToolPaths("ffmpeg")
	if err != nil {
		return checks
	}
	encoders := names(d.ToolOutput(ctx, path, "-hide_banner", "-encoders"))
	filters := names(d.ToolOutput(ctx, path, "-hide_banner", "-filters"))
	return append(checks,
		has("encoder libx264", encoders, "H.264 video in software", "libx264"),
		has("encoder aac", encoders, "AAC sound", "aac"),
		d.hardwareEncoder(ctx, path, encoders, box),
		has("filters for HDR", filters, "HDR films get right colours", "zscale", "tonemap"),
	)
}

func (d *Doctor) program(ctx context.Context, name string) Check {
	c := Check{Name: name, State: Broken}
	path, err := d.ToolPaths(name)
	if err != nil {
		c.Detail, c.Mend = "not installed", installFFmpeg
		return c
	}
	out, err := d.ToolOutput(ctx, path, "-version")
	if err != nil {
		c.Detail, c.Mend = fmt.Sprintf("%s does not run: %v", path, err), "install it anew: sudo apt-get install --reinstall ffmpeg"
		return c
	}
	c.State, c.Detail = Present, version(string(out))+" ("+path+")"
	return c
}

// has checks that all of wanted are among what ffmpeg listed.
func has(name string, listed map[string]bool, detail string, wanted ...string) Check {
	missing := slices.DeleteFunc(slices.Clone(wanted), func(w string) bool { return listed[w] })
	if len(missing) == 0 {
		return Check{Name: name, State: Present, Detail: detail}
	}
	return Check{Name: name, State: Broken, Detail: "no " + strings.Join(missing, ", "), Mend: fullFFmpeg}
}

// version is the third word of "ffmpeg version 5.1.9-0+deb12u1 Copyright …".
func version(out string) string {
	words := strings.Fields(out)
	if len(words) < 3 || words[1] != "version" {
		return "unknown version"
	}
	return words[2]
}

// names reads the second column of ffmpeg's lists: " V..... libx264  text".
// (Package transcode reads them as well: doctor imports nothing of the box, so
// that it can also tell when that is what is wrong.)
func names(out []byte, err error) map[string]bool {
	found := map[string]bool{}
	if err != nil {
		return found
	}
	for line := range bytes.Lines(out) {
		if words := strings.Fields(string(line)); len(words) >= 2 {
			found[words[1]] = true
		}
	}
	return found
}

// toolOutput runs a program that prints something about itself.
func toolOutput(ctx context.Context, path string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"} // with FFREPORT, for instance, ffmpeg would write a file
	cmd.WaitDelay = time.Second
	return cmd.Output()
}
