package transcode

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"streambox.local/transcode/publish"
)

// An hour of sound is 73 MB: it lies where there is room for it, and goes with
// its job however that ends.
func TestSoundLiesInTheFolderForWorkOnlyMeanwhile(t *testing.T) {
	tools := realTools(t)
	file := filepath.Join(t.TempDir(), "a.mkv")
	ffmpeg(t, join(both(), x264, []string{"-c:a", "ac3", file})...)
	machine, err := tools.Machine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	media, err := tools.Probe(t.Context(), FileInput(file))
	if err != nil {
		t.Fatal(err)
	}
	for name, fails := range map[string]bool{"a job that ends well": false, "a job that fails": true} {
		t.Run(name, func(t *testing.T) {
			work, seen := t.TempDir(), filepath.Join(t.TempDir(), "seen")
			mine := realTools(t)
			mine.FFmpeg = filepath.Join(t.TempDir(), "ffmpeg")
			script := "#!/bin/sh\n" // that it is asked what it can do comes before there is a folder
			if fails {
				script += "case \"$*\" in *adts*) ls '" + work + "' > '" + seen + "'; exit 1 ;; esac\n"
			} else {
				script += "case \"$*\" in *adts*) ls '" + work + "' > '" + seen + "' ;; esac\n"
			}
			script += "exec '" + tools.FFmpeg + "' \"$@\"\n"
			if err := os.WriteFile(mine.FFmpeg, []byte(script), 0o700); err != nil {
				t.Fatal(err)
			}
			out, err := publish.Create(filepath.Join(t.TempDir(), "rendition"))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = out.Discard() }()
			err = mine.Do(t.Context(), Job{Input: FileInput(file), Media: media, Plan: Decide(media, machine), Out: out, WorkDir: work})
			if fails != (err != nil) {
				t.Error(err)
			}
			meanwhile, err := os.ReadFile(seen)
			if err != nil || !strings.HasPrefix(string(meanwhile), "sound-") {
				t.Errorf("meanwhile there was %q: %v", meanwhile, err)
			}
			left, err := os.ReadDir(work)
			if err != nil || len(left) > 0 {
				t.Errorf("left there: %v, %v", left, err)
			}
			if open := openUnder(work); len(open) > 0 {
				t.Errorf("still open: %v", open)
			}
		})
	}
}

// openUnder lists what this process has open in a folder; nothing where the
// system does not tell.
func openUnder(dir string) (open []string) {
	list, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return nil
	}
	for _, one := range list {
		if name, err := os.Readlink(one); err == nil && strings.HasPrefix(name, dir) {
			open = append(open, name)
		}
	}
	return open
}
