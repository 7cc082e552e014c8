package transcode

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// strain is what speaks against converting at this moment.
type strain struct {
	late         bool // somebody's segment comes late
	throttled    bool // the firmware slows the processor down, or the voltage is too low
	milliCelsius int  // of the processor; 0: not known
}

// A Raspberry Pi slows itself down at 80 °C (a 3B+ a little at 60), and by half at
// 85. Below coolAgain there is room for some minutes of work.
const (
	tooHot    = 80_000
	coolAgain = 74_000
)

const (
	senseEvery = time.Second
	// leastRest: heat goes slowly, and a room is well again when it was for a while.
	leastRest = 5 * time.Second
	// mostRest and leastWork: a film gets on, a quarter of the time, also in a room
	// whose air is bad all evening and in a box that stands in the sun.
	mostRest  = 60 * time.Second
	leastWork = 20 * time.Second
)

// pace decides when a conversion rests. The zero value works. It is pure.
type pace struct {
	resting bool
	hot     bool
	since   time.Time // of resting, or of working again
	bad     time.Time // when something last spoke against it
}

// decide is asked about once a second.
func (p *pace) decide(now time.Time, s strain) (rest bool) {
	limit := tooHot
	if p.hot {
		limit = coolAgain
	}
	p.hot = s.milliCelsius >= limit
	bad := s.late || s.throttled || p.hot
	if bad {
		p.bad = now
	}
	switch {
	case p.resting && (now.Sub(p.bad) >= leastRest || now.Sub(p.since) >= mostRest):
		p.resting, p.since = false, now
	case !p.resting && bad && (p.since.IsZero() || now.Sub(p.since) >= leastWork):
		p.resting, p.since = true, now
	}
	return p.resting
}

// yielding is what a conversion writes, read only while nothing more important
// goes on. What is not read holds ffmpeg back as soon as its pipe is full, some
// seconds of film later: no signal is needed, which the worker of a service could
// not be sent, and to the watchdog the time is ours, not ffmpeg's.
func (t *Tools) yielding(ctx context.Context, r io.Reader, watched func() bool) io.Reader {
	return &yieldingReader{Reader: r, ctx: ctx, now: time.Now, log: t.Log, sense: func() strain {
		s := t.strain()
		if watched != nil && watched() { // who waits for this film is helped by a warm box
			s.throttled, s.milliCelsius = false, 0
		}
		return s
	}}
}

type yieldingReader struct {
	io.Reader
	ctx    context.Context //nolint:containedctx // a Reader cannot be given one
	now    func() time.Time
	log    *slog.Logger
	sense  func() strain
	pace   pace
	sensed time.Time
}

func (y *yieldingReader) Read(p []byte) (int, error) {
	for y.rest() {
		timer := time.NewTimer(senseEvery)
		select {
		case <-y.ctx.Done():
			timer.Stop()
			return y.Reader.Read(p) // which ends, as ffmpeg is killed
		case <-timer.C:
		}
	}
	return y.Reader.Read(p)
}

// rest looks once a second.
func (y *yieldingReader) rest() bool {
	now := y.now()
	if now.Sub(y.sensed) < senseEvery {
		return y.pace.resting
	}
	y.sensed = now
	before, s := y.pace.resting, y.sense()
	if y.pace.decide(now, s) != before {
		y.log.Debug("Conversion pauses or goes on", "rests", !before, "late", s.late, "throttled", s.throttled, "celsius", s.milliCelsius/1000)
	}
	return y.pace.resting
}
