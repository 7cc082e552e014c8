package transcode

import (
	"bufio"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"streambox.local/transcode/v4l2sim"
)

// chip is what conversions by the simulated encoder are made with. The device is
// compiled and the films are made once for all of them.
type chip struct {
	library string   // the device
	run     []string // starts one version of ffmpeg
}

// raspberryPiOS makes the device answer as if ffmpeg were patched.
func raspberryPiOS() map[string]string {
	return map[string]string{"V4L2SIM_STRIDE": "client", "V4L2SIM_HEADERS": "joined", "V4L2SIM_REPEAT": "1"}
}

// TestTheChip: an unmodified ffmpeg really encodes by h264_v4l2m2m, which does
// everything that a Pi's is known to do wrong.
func TestTheChip(t *testing.T) {
	realTools(t)
	library, err := v4l2sim.Build(t.Context(), t.TempDir())
	if errors.Is(err, v4l2sim.ErrMissing) && os.Getenv("STREAMBOX_STRICT") != "1" {
		t.Skipf("not run here: %v", err)
	} else if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	film := filepath.Join(dir, "film.mkv")
	chipFilm(t, film, "390x202")
	upright := filepath.Join(dir, "upright.mkv")
	chipFilm(t, upright, "1080x1920")
	for _, version := range []string{"own", "7.1"} {
		t.Run(version, func(t *testing.T) {
			c := chip{library: library, run: versionOf(t, version)}
			if c.run == nil {
				return // it is this machine's own, which was run
			}
			t.Run("ways", func(t *testing.T) { testWays(t, c, film) })
			t.Run("long sound", func(t *testing.T) { testLongSound(t, c) })
			t.Run("limits", func(t *testing.T) { testLimits(t, c, upright) })
			t.Run("faults", func(t *testing.T) { testFaults(t, c, film) })
			t.Run("none that works", func(t *testing.T) { testUnusable(t, c) })
		})
	}
}

// versionOf are the words that start a version of ffmpeg: this machine's own, or
// Debian 13's; nil where that is the same.
func versionOf(t *testing.T, version string) []string {
	t.Helper()
	own, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	if version == "own" {
		return []string{own}
	}
	says, err := (&Tools{FFmpeg: own}).Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(says, "7.") {
		return nil
	}
	file, err := os.Open("../.cache/ffmpeg7/words")
	if err != nil && os.Getenv("STREAMBOX_STRICT") != "1" {
		t.Skip("not run here: ffmpeg 7.1 is missing (transcode/v4l2sim/ffmpeg7 .cache/ffmpeg7)")
	} else if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var run []string
	for lines := bufio.NewScanner(file); lines.Scan(); {
		run = append(run, lines.Text())
	}
	return run
}

// impatient is what those wait for who wait in vain.
const impatient = 3 * time.Second

// chipFilm is one that must be converted: 9 s with sound.
func chipFilm(t *testing.T, path, size string) {
	t.Helper()
	seconds := "9"
	if size != "390x202" {
		seconds = "1"
	}
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s="+size+":r=25", "-f", "lavfi", "-i", "sine=f=440:r=48000", "-t", seconds,
		"-c:v", "mpeg4", "-q:v", "2", "-bf", "0", "-c:a", "pcm_s16le", path) // no priming: both begin at 0
}

// tools are those of a machine with the device; tell changes what it is told.
func (c chip) tools(t *testing.T, told map[string]string) (tools *Tools, tell func(map[string]string)) {
	t.Helper()
	tools = realTools(t)
	tools.StateDir = t.TempDir()
	dir := t.TempDir()
	tell = func(more map[string]string) {
		all := map[string]string{"V4L2SIM_LOG": filepath.Join(dir, "log")}
		maps.Copy(all, told)
		maps.Copy(all, more)
		path, err := v4l2sim.Program(dir, c.library, all, c.run...)
		if err != nil {
			t.Fatal(err)
		}
		tools.FFmpeg = path
	}
	tell(nil)
	return tools, tell
}

// swallows: ffmpeg 7 takes an error of the queue for the end of the film.
func (c chip) swallows(t *testing.T) bool {
	t.Helper()
	tools, _ := c.tools(t, nil)
	says, err := tools.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return strings.HasPrefix(says, "7.")
}

// deviceLog is what the device said.
func deviceLog(t *testing.T, tools *Tools) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(filepath.Dir(tools.FFmpeg), "log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// likeness of two films of the same size, in dB, over all pictures.
func likeness(t *testing.T, one, other string) float64 {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-nostdin", "-hide_banner", "-i", one, "-i", other, "-lavfi", "[0:V]setpts=N/25/TB[a];[1:V]setpts=N/25/TB[b];[a][b]psnr", "-f", "null", "-").CombinedOutput()
	found := regexp.MustCompile(`PSNR .*average:(\S+)`).FindSubmatch(out)
	if err != nil || found == nil {
		t.Fatalf("compare the pictures: %v\n%s", err, out)
	}
	if string(found[1]) == "inf" {
		return 100
	}
	db, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// A conversion that is like its source is above goodLikeness; rows that begin at
// the wrong place are far below.
const goodLikeness, garbled = 30.0, 20.0

func testWays(t *testing.T, c chip, film string) {
	t.Helper()
	stock := V4L2Ways{HeadersOnce: true, RowsAsTheyAre: true}
	for name, tt := range map[string]struct {
		told map[string]string
		ways V4L2Ways
	}{
		"Debian's ffmpeg":                 {nil, stock},
		"Debian's, on an older kernel":    {map[string]string{"V4L2SIM_ALIGN": "32", "V4L2SIM_HALIGN": "16"}, stock},
		"Raspberry Pi OS's":               {raspberryPiOS(), V4L2Ways{}},
		"one that repeats headers only":   {map[string]string{"V4L2SIM_HEADERS": "joined", "V4L2SIM_REPEAT": "1"}, V4L2Ways{RowsAsTheyAre: true}},
		"headers once, in the first unit": {map[string]string{"V4L2SIM_HEADERS": "joined", "V4L2SIM_STRIDE": "client"}, V4L2Ways{HeadersOnce: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tools, _ := c.tools(t, tt.told)
			machine, err := tools.Machine(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if machine.V4L2 != tt.ways || len(machine.Encoders) != 2 || machine.Encoders[0] != V4L2 || tools.Hardware().State != HardwarePresent {
				t.Fatalf("it is taken for %+v (%+v, %v)", machine.V4L2, tools.Hardware(), machine.Encoders)
			}
			m, err := produce(t, tools, FileInput(film))
			if err != nil {
				t.Fatal(err)
			}
			if len(m.segments(t)) != 3 || len(m.warnings) != 0 {
				t.Errorf("%d segments, %v", len(m.manifest.SegmentBytes), m.warnings)
			}
			if got := likeness(t, m.playlist(), film); got < goodLikeness {
				t.Errorf("like its source by %.1f dB only", got)
			}
			if log := deviceLog(t, tools); !strings.Contains(log, "close frames_in=225 frames_out=225 keyframes=3") {
				t.Errorf("the device did not encode it:\n%s", log)
			}
		})
	}
	t.Run("not knowing Debian's ways garbles the picture", func(t *testing.T) {
		t.Parallel()
		tools, _ := c.tools(t, nil)
		if _, err := tools.Machine(t.Context()); err != nil {
			t.Fatal(err)
		}
		tools.machine.V4L2.RowsAsTheyAre = false
		m, err := produce(t, tools, FileInput(film))
		if err != nil {
			t.Fatal(err)
		}
		if got := likeness(t, m.playlist(), film); got > garbled {
			t.Errorf("like its source by %.1f dB: the test would not see it", got)
		}
	})
}

// testLimits: the level's limit of macroblocks, to which padding adds some.
func testLimits(t *testing.T, c chip, upright string) {
	t.Helper()
	for name, told := range map[string]map[string]string{"Debian's": nil, "Raspberry Pi OS's": raspberryPiOS()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tools, _ := c.tools(t, told)
			m, err := produce(t, tools, FileInput(upright))
			if err != nil {
				t.Fatal(err)
			}
			m.segments(t)
			if log := deviceLog(t, tools); strings.Contains(log, "level_refused") || !strings.Contains(log, "close frames_in=25") {
				t.Errorf("the device says\n%s", log)
			}
		})
	}
}

func testFaults(t *testing.T, c chip, film string) {
	t.Helper()
	gone := filepath.Join(t.TempDir(), "gone")
	lock := filepath.Join(t.TempDir(), "lock")
	holder, err := os.Create(lock)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = holder.Close() })
	if err = syscall.Flock(int(holder.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	after := func(kind, n string) map[string]string {
		return map[string]string{"V4L2SIM_ERR_KIND": kind, "V4L2SIM_ERR_AFTER": n}
	}
	first, _ := c.tools(t, nil)
	machine, err := first.Machine(t.Context()) // asked once for all: it takes a second
	if err != nil {
		t.Fatal(err)
	}
	fetching := FaultFailed
	if c.swallows(t) {
		fetching = FaultShort
	}
	for name, tt := range map[string]struct {
		told map[string]string
		kind FaultKind
	}{
		"takes no more pictures":            {map[string]string{"V4L2SIM_STALL_AFTER": "150"}, FaultStalled},
		"takes none at all":                 {map[string]string{"V4L2SIM_STALL_AFTER": "0"}, FaultStalled},
		"never says that it is done":        {map[string]string{"V4L2SIM_EOS_HANG": "1"}, FaultStalled},
		"fails when a picture is fetched":   {after("dqbuf", "60"), fetching},
		"fails when one is handed over":     {after("qbuf", "150"), FaultFailed},
		"fails when it is waited for":       {after("poll", "150"), FaultFailed},
		"makes broken pictures":             {after("flag", "150"), FaultCorrupt},
		"vanishes":                          {map[string]string{"V4L2SIM_VANISH_AFTER": "150", "V4L2SIM_GONE_FILE": gone}, FaultGone},
		"is in use by another program":      {map[string]string{"V4L2SIM_LOCK": lock}, FaultGone},
		"may no longer be opened":           {map[string]string{"V4L2SIM_OPEN_ERR": "EACCES"}, FaultGone},
		"has no memory for its own buffers": {map[string]string{"V4L2SIM_REQBUFS_ERR": "ENOMEM"}, FaultNoMemory},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tools, tell := c.tools(t, nil)
			tools.machine = &machine
			tools.setHardware(first.Hardware())
			tell(tt.told)
			if tt.kind == FaultStalled {
				tools.StallAfter = impatient
			}
			m, err := produce(t, tools, FileInput(film))
			if err != nil {
				t.Fatal(err)
			}
			if tt.kind == FaultShort { // it could be the film's: so far nothing is condemned
				if tools.Hardware().State != HardwarePresent {
					t.Errorf("after one: %+v", tools.Hardware())
				}
				if m, err = produce(t, tools, FileInput(film)); err != nil {
					t.Fatal(err)
				}
			}
			if len(m.warnings) != 1 || m.warnings[0].Code != CodeEncoderFailed {
				t.Errorf("the page says %v", m.warnings)
			}
			if want := condemnedHardware(faultSentence(&Fault{Kind: tt.kind})); tools.Hardware() != want {
				t.Errorf("it is said: %q, want %q", tools.Hardware().Text, want.Text)
			}
			if got := tools.encoders(machine, m.media); len(got) != 1 || got[0] != X264 {
				t.Errorf("the next film is encoded by %v", got)
			}
			if len(m.segments(t)) != 3 {
				t.Errorf("%d segments", len(m.manifest.SegmentBytes))
			}
			if got := likeness(t, m.playlist(), film); got < goodLikeness {
				t.Errorf("like its source by %.1f dB only", got)
			}
		})
	}
}

// testLongSound: such a film looks as if the chip had failed, to ffmpeg 7 at least,
// until software fares no better.
func testLongSound(t *testing.T, c chip) {
	t.Helper()
	long := filepath.Join(t.TempDir(), "long.mkv")
	ffmpeg(t, "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=5", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=9", "-c:v", "mpeg4", "-c:a", "pcm_s16le", long)
	tools, _ := c.tools(t, nil)
	for range 3 {
		if m, err := produce(t, tools, FileInput(long)); err != nil || len(m.segments(t)) != 2 {
			t.Fatalf("%d segments, %v", len(m.manifest.SegmentBytes), err)
		}
		if tools.Hardware().State != HardwarePresent {
			t.Fatalf("the chip is condemned: %+v", tools.Hardware())
		}
	}
}

// testUnusable: what shows when it is tried is not used, and nothing waits for it.
func testUnusable(t *testing.T, c chip) {
	t.Helper()
	for name, told := range map[string]map[string]string{
		"it never says that it is done": {"V4L2SIM_EOS_HANG": "1"},
		"it stalls":                     {"V4L2SIM_STALL_AFTER": "3"},
		"it makes broken pictures":      {"V4L2SIM_ERR_KIND": "flag", "V4L2SIM_ERR_AFTER": "0"},
		"it cannot be opened":           {"V4L2SIM_OPEN_ERR": "EBUSY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tools, _ := c.tools(t, told)
			tools.Root, tools.StallAfter = t.TempDir(), impatient
			files(t, tools.Root, map[string]string{"proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\x00"})
			machine, err := tools.Machine(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(machine.Encoders) != 1 || machine.Encoders[0] != X264 || !machine.H264 {
				t.Errorf("encoders %v", machine.Encoders)
			}
			if h := tools.Hardware(); h.State != HardwareBroken || h.Mend == "" {
				t.Errorf("it is said: %+v", h)
			}
		})
	}
}
