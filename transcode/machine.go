package transcode

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Machine is what the planner must know of the machine it plans for.
type Machine struct {
	CPUs      int   `json:"cpus"`
	Board     Board `json:"board,omitempty"`
	H264      bool  `json:"h264"`      // an H.264 encoder that works: Encoders is not empty
	ToneMap   bool  `json:"toneMap"`   // zscale and tonemap filters: HDR to SDR
	MaxHeight int   `json:"maxHeight"` // of what this machine encodes (its shorter side), 0: 1080
	// Encoders are those of H.264 that work, best first.
	Encoders []Encoder `json:"encoders,omitempty"`
	// V4L2 is how the chip's encoder must be treated, if it is among Encoders.
	V4L2 V4L2Ways `json:"v4l2,omitzero"`
	// HEVC: a chip decodes it, bit by bit as software does.
	HEVC bool `json:"hevc,omitempty"`
	// Decoders are the codecs that ffmpeg can decode; nil: not asked, all.
	Decoders map[string]bool `json:"-"`
}

// Decodes tells whether ffmpeg can read a codec.
func (m Machine) Decodes(codec string) bool {
	return codec != "" && codec != "unknown" && codec != "none" && (m.Decoders == nil || m.Decoders[codec])
}

// Machine asks ffmpeg what it can do, once; later calls return the same. It is
// bounded in time. A hardware encoder is listed by ffmpeg on machines that do not
// have it, too: it counts when it has encoded something.
func (t *Tools) Machine(ctx context.Context) (Machine, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if t.machine != nil {
		return *t.machine, nil
	}
	var encoders, filters, codecs string
	group, asking := errgroup.WithContext(ctx)
	for question, answer := range map[string]*string{"-encoders": &encoders, "-filters": &filters, "-codecs": &codecs} {
		group.Go(func() (err error) { // side by side: starting ffmpeg is what takes time
			*answer, err = t.ask(asking, question)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return Machine{}, err
	}
	has, can := listed(filters), listed(encoders)
	m := Machine{
		CPUs:     runtime.NumCPU(),
		Board:    readBoard(t.root()),
		ToneMap:  has["zscale"] && has["tonemap"],
		Decoders: decodable(codecs),
	}
	if err := t.findHardware(ctx, &m, can); err != nil {
		return Machine{}, err
	}
	if can[string(X264)] {
		m.Encoders = append(m.Encoders, X264)
	}
	m.H264 = len(m.Encoders) > 0
	t.machine = &m
	return m, nil
}

// findHardware tries what a board may have. What fails is not used, and kept for
// those who ask; the only error is that of ctx.
func (t *Tools) findHardware(ctx context.Context, m *Machine, can map[string]bool) error {
	found := Hardware{State: HardwareAbsent, Text: "this ffmpeg knows none; films are converted in software"}
	switch why, condemned := t.readCondemned(); {
	case condemned:
		found = condemnedHardware(why)
	case can[string(V4L2)]:
		ways, err := t.tryV4L2(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("try the encoder %s: %w", V4L2, ctx.Err())
		}
		found = foundV4L2(m.Board, ways, err)
		if err == nil {
			m.Encoders, m.V4L2 = append(m.Encoders, V4L2), ways
		} else {
			t.Log.Debug("Hardware encoder not used", "encoder", string(V4L2), "error", err)
		}
	}
	t.setHardware(found)
	if m.Board.decodesHEVC() && can["libx265"] {
		err := t.tryHEVC(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("try to decode HEVC: %w", ctx.Err())
		}
		if m.HEVC = err == nil; err != nil {
			t.Log.Debug("HEVC is decoded in software", "error", err)
		}
	}
	return nil
}

// root is where proc, sys and dev lie.
func (t *Tools) root() string {
	if t.Root == "" {
		return "/"
	}
	return t.Root
}

// listed reads the second column of ffmpeg's lists.
func listed(list string) map[string]bool {
	names := make(map[string]bool)
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) > 1 {
			names[fields[1]] = true
		}
	}
	return names
}

// decodable reads "-codecs": " DEV.LS h264  H.264 …", D for decodable.
func decodable(list string) map[string]bool {
	names := make(map[string]bool)
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) > 1 && len(fields[0]) == 6 && fields[0][0] == 'D' && fields[1] != "=" {
			names[fields[1]] = true
		}
	}
	return names
}

// ask runs ffmpeg with one question and returns its answer.
func (t *Tools) ask(ctx context.Context, question string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, machineLimit)
	defer cancel()
	var answer []byte
	_, err := t.run(ctx, program{
		path: t.FFmpeg,
		args: []string{"-nostdin", "-hide_banner", "-v", "error", question},
		consume: func(r io.Reader) (err error) {
			answer, err = readBounded(r, 1<<20)
			return err
		},
	})
	if err != nil {
		return "", fmt.Errorf("ask ffmpeg for %s: %w", question, err)
	}
	return string(answer), nil
}
