package transcode

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"streambox.local/transcode/publish"
	"streambox.local/transcode/segmenter"
	"streambox.local/transcode/worker"
)

// failedExit is a run that ended by itself.
func failedExit(stderr string) (outcome, error) {
	exit := worker.Exit{Code: 1}
	return outcome{state: &exit, stderr: stderr}, exit.Err()
}

func TestWhoseFaultAnEndIs(t *testing.T) {
	t.Parallel()
	exit := func(stderr string) func() (outcome, error) {
		return func() (outcome, error) { return failedExit(stderr) }
	}
	ends := func(err error) func() (outcome, error) { return func() (outcome, error) { return outcome{}, err } }
	died := func(signal syscall.Signal) func() (outcome, error) {
		return func() (outcome, error) {
			e := worker.Exit{Code: -1, Signal: signal}
			return outcome{state: &e}, e.Err()
		}
	}
	for name, c := range map[string]struct {
		end     func() (outcome, error)
		kind    FaultKind // "": none
		certain bool
	}{
		"a good end":                {ends(nil), "", false},
		"a good end that flags one": {func() (outcome, error) { return outcome{stderr: "[error] capture driver encode error"}, nil }, FaultCorrupt, true},
		"a stall":                   {ends(fmt.Errorf("x: %w", ErrStalled)), FaultStalled, true},
		"not even SIGKILL ends it":  {ends(errAbandoned), FaultStalled, true},
		"called off":                {ends(context.Canceled), "", false},
		"a full disk":               {ends(fmt.Errorf("publish: %w", publish.ErrNoSpace)), "", false},
		"no place to cut":           {ends(segmenter.ErrTooLong), FaultBadStream, true},
		"no headers":                {ends(segmenter.ErrNoHeaders), FaultBadStream, true},
		"nothing at all":            {func() (outcome, error) { return outcome{state: &worker.Exit{}}, segmenter.ErrNoVideo }, FaultFailed, false},
		"sound that goes on":        {func() (outcome, error) { return outcome{short: 24}, nil }, FaultShort, false},
		"sound a little longer":     {func() (outcome, error) { return outcome{short: 1.2}, nil }, "", false},
		"it cannot be opened": {func() (outcome, error) {
			r, _ := failedExit("[h264_v4l2m2m @ 0x1] [error] Could not find a valid device")
			return r, segmenter.ErrNoVideo
		}, FaultGone, true},
		"it cannot even be stopped": {exit("[h264_v4l2m2m @ 0x1] [error] VIDIOC_STREAMOFF output"), FaultGone, true},
		"no word":                   {exit(""), FaultFailed, true},
		"a word of the driver":      {exit("[h264_v4l2m2m @ 0x1] [error] VIDIOC_QBUF"), FaultFailed, true},
		"the device went":           {exit("[h264_v4l2m2m @ 0x1] [error] VIDIOC_DQBUF: No such device"), FaultGone, true},
		"another program has it":    {exit("[h264_v4l2m2m @ 0x1] [error] Could not find a valid device"), FaultGone, true},
		"no memory for its buffers": {exit("[h264_v4l2m2m @ 0x1] [error] VIDIOC_REQBUFS failed: Cannot allocate memory"), FaultNoMemory, true},
		"complaints about the film": {exit("[mpeg2video @ 0x2] [error] ac-tex damaged at 3 4"), FaultFailed, false},
		"a crash":                   {died(syscall.SIGSEGV), FaultFailed, false},
		"the out-of-memory killer":  {died(syscall.SIGKILL), "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := c.end()
			got := hardwareFault(V4L2, result, err)
			var fault *Fault
			if !errors.As(got, &fault) {
				fault = &Fault{}
			}
			if fault.Kind != c.kind || fault.Certain != c.certain {
				t.Errorf("%v: %q, certain %t; want %q, %t", got, fault.Kind, fault.Certain, c.kind, c.certain)
			}
			if err != nil && got != nil && !errors.Is(got, err) {
				t.Errorf("the cause is lost: %v", got)
			}
			if soft := hardwareFault(X264, result, err); soft != nil {
				t.Errorf("software is never at fault: %v", soft)
			}
		})
	}
}

// withChip are tools of a machine that has one, and its machine.
func withChip(t *testing.T, ways V4L2Ways) (*Tools, Machine) {
	t.Helper()
	root := t.TempDir()
	files(t, root, map[string]string{"proc/sys/kernel/random/boot_id": "first\n"})
	tools := &Tools{Log: slog.New(slog.DiscardHandler), Root: root, StateDir: t.TempDir()}
	tools.setHardware(foundV4L2(Pi4, ways, nil))
	return tools, Machine{CPUs: 4, Board: Pi4, H264: true, Encoders: []Encoder{V4L2, X264}, V4L2: ways}
}

func TestACondemnedEncoderIsNotUsedUntilTheNextReboot(t *testing.T) {
	t.Parallel()
	tools, machine := withChip(t, V4L2Ways{})
	both, software := []Encoder{V4L2, X264}, []Encoder{X264}
	if got := tools.encoders(machine, film(nil)); !slices.Equal(got, both) {
		t.Fatalf("at first: %v", got)
	}
	maybe := &Fault{Encoder: V4L2, Kind: FaultFailed, Err: errors.New("x")}
	tools.condemn(X264, maybe)
	tools.condemn(V4L2, nil)
	tools.condemn(V4L2, maybe)
	tools.acquit(V4L2)
	tools.condemn(V4L2, maybe)
	if got := tools.encoders(machine, film(nil)); !slices.Equal(got, both) {
		t.Errorf("failures that may be the films', with a success in between, condemn nothing: %v", got)
	}
	tools.condemn(V4L2, maybe)
	if got := tools.encoders(machine, film(nil)); !slices.Equal(got, software) {
		t.Errorf("two in a row do: %v", got)
	}
	if h := tools.Hardware(); h.State != HardwareBroken || !strings.Contains(h.Text, "gave up") || h.Mend == "" {
		t.Errorf("it says %+v", h)
	}
	again := &Tools{Log: tools.Log, Root: tools.Root, StateDir: tools.StateDir}
	if why, condemned := again.readCondemned(); !condemned || why == "" {
		t.Error("a restart of the program forgets it")
	}
	files(t, tools.Root, map[string]string{"proc/sys/kernel/random/boot_id": "second\n"})
	if _, condemned := again.readCondemned(); condemned {
		t.Error("a reboot does not forget it")
	}
}

func TestAStallCondemnsAtOnceAlsoWhereNothingCanBeKept(t *testing.T) {
	t.Parallel()
	tools, machine := withChip(t, V4L2Ways{})
	tools.StateDir = filepath.Join(tools.StateDir, "not", "there")
	tools.condemn(V4L2, &Fault{Encoder: V4L2, Kind: FaultStalled, Certain: true, Err: ErrStalled})
	if got := tools.encoders(machine, film(nil)); slices.Contains(got, V4L2) {
		t.Errorf("got %v", got)
	}
	for _, damaged := range []string{"", "{", `{"schema":1}`, `[]`} {
		dir := t.TempDir()
		files(t, dir, map[string]string{condemnationFile: damaged})
		if _, condemned := (&Tools{Root: tools.Root, StateDir: dir}).readCondemned(); condemned {
			t.Errorf("%q condemns", damaged)
		}
	}
}

func TestOneHardwareJobAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tools := &Tools{}
		release, err := tools.claimHardware(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err = tools.claimHardware(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second job: %v", err)
		}
		time.AfterFunc(time.Second, release)
		again, err := tools.claimHardware(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		again()
	})
}

func TestWhatTheChipIsGiven(t *testing.T) {
	t.Parallel()
	garbles := V4L2Ways{HeadersOnce: true, RowsAsTheyAre: true}
	for _, c := range []struct {
		name          string
		width, height int
		fps           float64
		ways          V4L2Ways
		want          picture // but for its rate
		holds         bool
	}{
		{"1080p", 1920, 1080, 25, V4L2Ways{}, picture{width: 1920, height: 1080}, true},
		{"4K is made smaller", 3840, 2160, 60, V4L2Ways{}, picture{width: 1920, height: 1080}, true},
		{"1080p by rows as they are", 1920, 1080, 30, garbles, picture{width: 1920, height: 1080, paddedWidth: 1920, paddedHeight: 1088}, true},
		{"a DVD by rows as they are", 1024, 576, 25, garbles, picture{width: 1024, height: 576, paddedWidth: 1024, paddedHeight: 576}, true},
		{"an odd width by rows as they are", 854, 480, 25, garbles, picture{width: 854, height: 480, paddedWidth: 896, paddedHeight: 480}, true},
		{"upright 1080p", 1080, 1920, 30, V4L2Ways{}, picture{width: 1080, height: 1920}, true},
		{"upright 1080p by rows as they are", 1080, 1920, 30, garbles, picture{width: 1024, height: 1820, paddedWidth: 1024, paddedHeight: 1824}, true},
		{"a postage stamp", 24, 18, 25, V4L2Ways{}, picture{width: 24, height: 18}, false},
		{"wider than the cinema", 1920, 20, 25, V4L2Ways{}, picture{width: 1920, height: 20}, false},
	} {
		m := film(func(m *Media) { m.Video.Width, m.Video.Height, m.Video.FramesPerSecond = c.width, c.height, c.fps })
		got := pictureFor(m, Machine{V4L2: c.ways, Encoders: []Encoder{V4L2}}, V4L2)
		want := c.want
		if want.rate = got.rate; got != want {
			t.Errorf("%s: %+v, want %+v", c.name, got, want)
		}
		if holds := c.ways.holds(got); holds != c.holds {
			t.Errorf("%s: within the limits: %t", c.name, holds)
		}
	}
	fast := picture{width: 1920, height: 1080, rate: rate{60, 1}}
	if (V4L2Ways{}).holds(fast) {
		t.Error("1080p60 is beyond level 4.0")
	}
	if fast.width, fast.height = 1280, 720; !(V4L2Ways{}).holds(fast) {
		t.Error("720p60 is not")
	}
}

func TestTheBytesTellTheWays(t *testing.T) {
	t.Parallel()
	const aud, sps, pps, idr, slice = "\x09\xf0", "\x67abc", "\x68d", "\x65data", "\x41data"
	stream := func(units ...string) []byte {
		var all []byte
		for _, u := range units {
			all = append(append(all, 0, 0, 0, 1), u...)
		}
		return all
	}
	for name, c := range map[string]struct {
		stream []byte
		once   bool
		err    error
	}{
		"before each":               {stream(aud, sps, pps, idr, slice, aud, sps, pps, idr, slice), false, nil},
		"once, by themselves":       {stream(sps, pps, aud, idr, slice, aud, idr, slice), true, nil},
		"never":                     {stream(idr, slice, idr), false, errNoHeaders},
		"one key frame for all":     {stream(sps, pps, idr, slice, slice, slice), false, errNoIDR},
		"nothing":                   {nil, false, errNoIDR},
		"a start code, and nothing": {[]byte{0, 0, 1}, false, errNoIDR},
	} {
		if once, err := headersOnce(c.stream); once != c.once || !errors.Is(err, c.err) {
			t.Errorf("%s: %t, %v", name, once, err)
		}
	}
}

func TestAPictureOfTwoColoursIsKnown(t *testing.T) {
	t.Parallel()
	const w, h = 16, 8
	plane := func(w, h int, left, right byte) []byte {
		row := append(bytes.Repeat([]byte{left}, w/2), bytes.Repeat([]byte{right}, w/2)...)
		return bytes.Repeat(row, h)
	}
	good := slices.Concat(plane(w, h, 205, 45), plane(w/2, h/2, 20, 236), plane(w/2, h/2, 150, 112))
	if !twoColours(good, w, h) {
		t.Error("a good picture is refused")
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"sheared": func(p []byte) []byte { return append(p[3:w*h:w*h], append(make([]byte, 3), p[w*h:]...)...) },
		"without its colours": func(p []byte) []byte {
			return append(p[:w*h:w*h], bytes.Repeat([]byte{128}, w*h/2)...)
		},
		"with a wrong last plane": func(p []byte) []byte { p[len(p)-1], p[len(p)-2], p[len(p)-3] = 0, 0, 0; return p },
		"too short":               func(p []byte) []byte { return p[1:] },
		"empty":                   func([]byte) []byte { return nil },
	} {
		if twoColours(spoil(slices.Clone(good)), w, h) {
			t.Errorf("a picture %s is taken", name)
		}
	}
}

func TestWhatIsSaidOfTheChip(t *testing.T) {
	t.Parallel()
	absent := errors.New("try ffmpeg: exit status 1: [h264_v4l2m2m] Could not find a valid device")
	for name, c := range map[string]struct {
		board Board
		err   error
		want  HardwareState
	}{
		"it works":                           {Pi4, nil, HardwarePresent},
		"a PC":                               {Computer, absent, HardwareAbsent},
		"a Pi 5":                             {Pi5, absent, HardwareAbsent},
		"a Pi 4 without it":                  {Pi4, absent, HardwareBroken},
		"a Pi 4 whose devices nobody guards": {Pi4, worker.ErrNoDevices, HardwareBroken},
		"a PC whose devices nobody guards":   {Computer, worker.ErrNoDevices, HardwareAbsent},
		"a Pi 3 that hangs":                  {Pi3, os.ErrDeadlineExceeded, HardwareBroken},
		"a board of our time":                {Computer, nil, HardwarePresent},
	} {
		if got := foundV4L2(c.board, V4L2Ways{}, c.err); got.State != c.want || got.Text == "" || (got.State == HardwareBroken) != (got.Mend != "") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestADecoderThatFailsIsReplacedBySoftware(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		codec string
		hevc  bool
		end   outcome
		err   error
		want  bool
	}{
		"ffmpeg gave up":               {"hevc", true, outcome{state: &worker.Exit{Code: 1}}, worker.Exit{Code: 1}.Err(), true},
		"it stalled":                   {"hevc", true, outcome{ended: true}, ErrStalled, true},
		"it went well":                 {"hevc", true, outcome{state: &worker.Exit{}}, nil, false},
		"the disk is full":             {"hevc", true, outcome{state: &worker.Exit{Code: 1}, ended: true}, publish.ErrNoSpace, false},
		"it was called off":            {"hevc", true, outcome{ended: true}, context.Canceled, false},
		"software decodes it":          {"hevc", false, outcome{state: &worker.Exit{Code: 1}}, worker.Exit{Code: 1}.Err(), false},
		"it is no HEVC: software does": {"vc1", true, outcome{state: &worker.Exit{Code: 1}}, worker.Exit{Code: 1}.Err(), false},
	} {
		machine := Machine{HEVC: c.hevc}
		tools := &Tools{Log: slog.New(slog.DiscardHandler), machine: &machine}
		conversion := &conversion{tools: tools, machine: machine, outcome: c.end, job: Job{Media: film(func(m *Media) { m.Video.Codec = c.codec })}}
		if got := conversion.decoderFailed(c.err); got != c.want || c.want && (conversion.machine.HEVC || machine.HEVC) {
			t.Errorf("%s: %t, HEVC %t and %t", name, got, conversion.machine.HEVC, machine.HEVC)
		}
	}
}
