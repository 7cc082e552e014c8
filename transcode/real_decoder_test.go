package transcode

import (
	"path/filepath"
	"slices"
	"testing"
)

// Stands for a Pi 4 whose ffmpeg decodes HEVC by the chip, and for those that only
// say so: arguments, trial and what comes after a failure are ours, the decoder is
// software in the chip's place (there is no simulated one).
func TestADecoderOfHEVC(t *testing.T) {
	realTools(t)
	dir := t.TempDir()
	hevc, other := filepath.Join(dir, "hevc.mkv"), filepath.Join(dir, "other.mkv")
	source := []string{"-f", "lavfi", "-i", "testsrc2=s=640x384:r=25", "-t", "6"}
	ffmpeg(t, append(slices.Clone(source), "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none", hevc)...)
	ffmpeg(t, append(slices.Clone(source), "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", other)...)
	for _, c := range []struct {
		how        string
		works      bool // it passes its trial
		afterwards bool // it is used for the next film, too
	}{
		{decodesWell, true, true},
		{decodesInSoftware, false, false},
		{decodesGarbled, false, false},
		{decodesAWhile, true, false},
	} {
		t.Run(c.how, func(t *testing.T) {
			tools, launcher := fakeTools(t, c.how), &countingLauncher{}
			tools.FFprobe, tools.Launcher, tools.Root, tools.StateDir = "ffprobe", launcher, t.TempDir(), t.TempDir()
			files(t, tools.Root, map[string]string{"proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\x00"})
			machine, err := tools.Machine(t.Context())
			if err != nil || machine.HEVC != c.works {
				t.Fatalf("it decodes HEVC: %t, %v", machine.HEVC, err)
			}
			m, err := produce(t, tools, FileInput(hevc))
			if err != nil {
				t.Fatal(err)
			}
			if len(m.segments(t)) != 2 || len(m.warnings) != 0 {
				t.Errorf("%d segments, %v", len(m.manifest.SegmentBytes), m.warnings)
			}
			if got := likeness(t, m.playlist(), hevc); got < goodLikeness {
				t.Errorf("like its source by %.1f dB only", got)
			}
			runs := launcher.ofFilms()
			if first := runs[0]; first.asks != c.works || first.devices != c.works {
				t.Errorf("the first run asks for the decoder: %t, and gets devices: %t", first.asks, first.devices)
			}
			if last := runs[len(runs)-1]; last.asks != c.afterwards || len(runs) > 1 != (c.works && !c.afterwards) {
				t.Errorf("%d runs, the last of which asks for the decoder: %t", len(runs), last.asks)
			}
			if machine, err = tools.Machine(t.Context()); err != nil || machine.HEVC != c.afterwards {
				t.Errorf("afterwards it decodes HEVC: %t, %v", machine.HEVC, err)
			}
			if c.how != decodesWell {
				return
			}
			if _, err = produce(t, tools, FileInput(other)); err != nil {
				t.Fatal(err)
			}
			if runs = launcher.ofFilms(); runs[len(runs)-1] != (filmRun{}) {
				t.Errorf("for a film that is no HEVC: %+v", runs[len(runs)-1])
			}
		})
	}
}

// filmRun is what counts of a conversion's command.
type filmRun struct{ asks, devices bool }

// ofFilms are the runs so far that converted a film.
func (l *countingLauncher) ofFilms() (runs []filmRun) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, c := range l.commands {
		if !slices.Contains(c.Arguments, "mpegts") {
			continue
		}
		at, input := slices.Index(c.Arguments, "-hwaccel"), slices.Index(c.Arguments, "-i")
		runs = append(runs, filmRun{asks: at >= 0 && at < input && slices.Equal(c.Arguments[at:at+2], hevcArguments()), devices: c.Hardware})
	}
	return runs
}
