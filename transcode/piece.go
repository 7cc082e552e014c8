package transcode

import (
	"fmt"
	"math"
	"strings"
)

// piece is the part of a film that one run of ffmpeg converts. It is counted in
// pictures of what is made, from the film's beginning: an encoder is given whole
// pictures, so that a joint can neither lose nor double one. The zero piece is
// the whole film.
type piece struct {
	from, until int // pictures; until 0: all that is left
	// sound is when the last frame of sound before it is heard, as in the stream; nil: there is none.
	sound *int64
	// seek: ffmpeg begins to read near the piece. Else it decodes all that lies before it.
	seek bool
}

// seekMargin is how many seconds before a piece ffmpeg is asked to begin. The
// demuxer goes to the key frame before that; from there all is decoded, so that
// what is shown and heard at the piece's beginning is what it would be in one run:
// pictures that refer to earlier ones, frames of sound that overlap, a
// deinterlacer's neighbours, a picture that stands for long.
const seekMargin = 1.0

// Sound is encoded in frames of so many samples. Pieces share the frames of one
// run from the film's beginning: each belongs to the piece in which it begins.
const (
	soundFrameSamples = 1024
	soundFrameTicks   = soundFrameSamples * ticksPerSecond / soundRate
	soundRate         = 48_000
	// Frames that are encoded before a piece's first one and after its last, and
	// dropped: an encoder's first frame is half empty, the one after it leans on
	// it, and the resampler wants a moment to get into step. And where a piece was
	// broken off, sound ends some pictures before the picture does.
	soundMarginFrames = 32
)

// muxerTicks is how far the muxer moves all times, by twice its -muxdelay.
const muxerTicks = 126_000

const stampMask = 1<<33 - 1 // times in a transport stream have 33 bits

// stamp is the time in the stream of a picture.
func (r rate) stamp(picture int) int64 { return (r.ticks(picture) + muxerTicks) & stampMask }

// ticks is the time of a picture.
func (r rate) ticks(picture int) int64 {
	return int64(math.Round(float64(picture) * float64(r.d) * ticksPerSecond / float64(r.n)))
}

// pictureAt is the picture that is nearest to a time.
func (r rate) pictureAt(seconds float64) int {
	return int(math.Round(seconds * float64(r.n) / float64(r.d)))
}

// seconds is the time of a picture.
func (r rate) seconds(picture int) float64 { return float64(picture) * float64(r.d) / float64(r.n) }

// soundFrame is the first frame of sound that belongs to a picture or one after it.
func (r rate) soundFrame(picture int) int64 {
	return int64(picture) * int64(r.d) * soundRate / (int64(r.n) * soundFrameSamples)
}

// apart is by how much one time of the stream is later than another.
func apart(stamp, than int64) int64 {
	return (stamp - than) << 31 >> 31 // the low 33 bits of the difference, signed
}

// firstSound is the first frame of sound that is encoded.
func (p piece) firstSound(r rate) int64 { return max(0, r.soundFrame(p.from)-soundMarginFrames) }

// keeps leaves of the sound that is encoded what is the piece's: it follows the last
// frame published, and begins before the next piece. It is done by ffmpeg, whose muxer
// puts several small frames into one packet, and by their number, which is known: in
// 5.1 times are in units that change while it runs.
func (p piece) keeps(r rate) []argument {
	number := func(frame int64) int64 { return frame - p.firstSound(r) + 1 } // the encoder begins with one that is empty
	var drops []string
	if p.sound != nil {
		at := float64(r.ticks(p.from) + apart(*p.sound, r.stamp(p.from))) // stamps begin anew every 26 hours
		last := int64(math.Round(at / soundFrameTicks))
		drops = append(drops, fmt.Sprintf("lte(n,%d)", number(last)))
	}
	if p.until > 0 {
		drops = append(drops, fmt.Sprintf("gte(n,%d)", number(r.soundFrame(p.until))))
	}
	if drops == nil {
		return nil
	}
	return []argument{{
		words("-bsf:a", "noise=drop='"+strings.Join(drops, "+")+"'"),
		"no noise: it drops the frames before and after the piece's own, which were encoded for these to lean on",
	}}
}

// begins tells whether a stream's first picture is the piece's.
func (p piece) begins(r rate, pts int64) bool {
	off := apart(pts, r.stamp(p.from))
	return max(off, -off) <= r.ticks(1)/2
}

// input are the arguments before and behind the input's name.
func (p piece) input(r rate) []argument {
	if !p.seek {
		return nil
	}
	list := []argument{{words("-copyts", "-start_at_zero"), "times are the source's from the film's beginning, in every piece: no piece is moved against another"}}
	if p.from > 0 {
		list = append(list, argument{
			words("-noaccurate_seek", "-ss", fmt.Sprintf("%.6f", max(0, r.seconds(p.from)-seekMargin))),
			"from a key frame before the piece; what lies before the piece is decoded and then dropped by number",
		})
	}
	return list
}

// pictures are the filters that make the film's pictures and leave the piece's.
func (p piece) pictures(r rate) (filters []string, reason string) {
	steady := "fps=fps=" + r.String()
	reason = "a constant rate of at most 30: a Pi converts 60 at half the speed, and cuts need a rhythm"
	if p.from == 0 || !p.seek {
		steady += ":start_time=0"
		reason += "; the first picture stands from the film's beginning, also when the sound is ahead of it: pieces count from there"
	}
	filters = []string{steady}
	switch {
	case p.from > 0 && p.until > 0:
		filters = append(filters, fmt.Sprintf("trim=start_pts=%d:end_pts=%d", p.from, p.until))
	case p.from > 0:
		filters = append(filters, fmt.Sprintf("trim=start_pts=%d", p.from))
	case p.until > 0:
		filters = append(filters, fmt.Sprintf("trim=end_pts=%d", p.until))
	default:
		return filters, reason
	}
	return filters, reason + "; of which the piece's, by number"
}

// soundFilter is that of the piece's sound, with some frames before and after it.
func (p piece) soundFilter(r rate) argument {
	filter, reason := "aresample=async=1000:first_pts=0:flags=res", "follows the times of the source: gaps become silence, drift is stretched, a late start is padded; resampling from the start, since beginning with it in mid-film would begin the sound anew"
	if p.from > 0 {
		first := p.firstSound(r) * soundFrameSamples
		filter = fmt.Sprintf("atrim=start=%.6f,aresample=async=1000:first_pts=%d:flags=res", float64(first)/soundRate, first)
		reason += "; frames begin where those of one run would"
	}
	if p.until > 0 {
		filter += fmt.Sprintf(",atrim=end_pts=%d", (r.soundFrame(p.until)+soundMarginFrames)*soundFrameSamples)
	}
	return argument{words("-af", filter), reason}
}
