package transcode

import (
	"errors"
	"slices"

	"streambox.local/transcode/segmenter"
	"streambox.local/transcode/worker"
)

// encoderFailed is what a film's page says when software had to go on.
func encoderFailed() Reason {
	return because(CodeEncoderFailed, "the box's video encoder failed; the film was converted more slowly, by software")
}

// choose is the encoder of the next run. A fault that may be the film's is followed
// by a run of software, which will tell.
func (c *conversion) choose(list []Encoder) Encoder {
	if i := slices.IndexFunc(list, func(e Encoder) bool { return !e.Hardware() }); c.doubtful && i >= 0 {
		return list[i]
	}
	return list[0]
}

// doubt is told of a fault, and what software did after one: when it fares no
// better, the chip was none the worse.
func (c *conversion) doubt(encoder Encoder, fault, err error) {
	if fault != nil {
		c.doubtful = !certain(fault)
		return
	}
	if c.doubtful && !encoder.Hardware() && (err != nil || c.outcome.short > mostShort) {
		c.tools.acquit(V4L2)
	}
	c.doubtful = false
}

// decoderFailed is asked when a piece has failed: where a chip decoded it, that may
// be why, and the piece is made again with software in its place, for the rest of
// this program's life. What the film deserves to hear, software will say.
func (c *conversion) decoderFailed(err error) bool {
	if err == nil || !decodedByChip(c.job.Media, c.machine) {
		return false
	}
	exited := c.outcome.state != nil && !c.outcome.state.Success() && !c.outcome.ended
	if !exited && !errors.Is(err, worker.ErrNoDevices) && !errors.Is(err, ErrStalled) && !errors.Is(err, errAbandoned) && !errors.Is(err, segmenter.ErrNoVideo) {
		return false
	}
	c.tools.Log.Warn("Decoding HEVC by the chip may have failed, is done in software from now on", "input", c.job.Input.Name, "error", err, "stderr", firstLines(c.outcome.stderr))
	c.machine.HEVC = false
	c.tools.mutex.Lock()
	defer c.tools.mutex.Unlock()
	if c.tools.machine != nil {
		c.tools.machine.HEVC = false
	}
	return true
}
