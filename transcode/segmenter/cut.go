package segmenter

import (
	"fmt"
	"slices"
)

// begin takes the programme's streams and opens the first segment.
func (s *Segmenter) begin(streams []stream) error {
	at := slices.IndexFunc(streams, func(one stream) bool { return one.kind == streamH264 })
	if at < 0 {
		return fmt.Errorf("%w: the programme has no H.264 stream", ErrNoVideo)
	}
	video := streams[at].pid
	for pid := range s.routes {
		s.routes[pid] = routePass
	}
	s.tracks = append(s.tracks, track{pid: video})
	for _, one := range streams {
		if one.pid != video && s.routes[one.pid] == routePass {
			s.tracks = append(s.tracks, track{pid: one.pid})
			s.routes[one.pid] = routeQuiet
		}
	}
	s.routes[video] = routeBusy // until the first IDR
	for _, pid := range []uint16{pidPAT, pidSDT, pidNull, s.tables.pmtPID} {
		s.routes[pid] = routeDrop
	}
	s.buf = s.tables.appendTo(make([]byte, 0, min(firstCapacity, s.maxBytes)))
	return nil
}

// video takes a packet of the picture.
func (s *Segmenter) video(t *track, packet []byte) error {
	if s.ended {
		return fmt.Errorf("%w: segment %d has sound but no picture for too long", ErrTooLong, s.number)
	}
	if beginsUnit(packet) {
		s.headers.learn() // of a unit without a slice
		s.forgetUnit()
		s.unitAt = len(s.buf)
		s.routes[t.pid] = routeBusy
		t.unit = unitScan{}
		t.pes.reset()
	}
	if s.unitAt < 0 {
		return nil // before the first IDR: the rest of a unit that is not wanted
	}
	if err := s.keep(packet); err != nil {
		return err
	}
	rest := t.pes.add(payloadOf(packet))
	if !t.pes.done {
		return nil
	}
	if !t.pes.hasTime {
		return s.decided() // more of the unit before: no place to cut
	}
	s.headers.scan(rest)
	if !t.unit.add(rest) {
		return nil
	}
	s.headers.learn()
	pts := t.time(&s.clock)
	s.clock.now = t.last // the picture is what all other times are near to
	for i := range s.tracks[1:] {
		s.tracks[1+i].heard = 0
	}
	return s.unit(t, pts)
}

// unit decides what the access unit at unitAt is: its first slice is known.
func (s *Segmenter) unit(t *track, pts int64) error {
	idr := t.unit.slice == nalIDR
	if s.firstVideo < 0 {
		s.firstVideo = pts
	}
	from, wanted := s.firstVideo, idr // the first segment begins at any IDR
	if s.started {
		from = s.start
		wanted = idr && pts > from && pts-from >= s.target-min(t.frame, maxTolerance)
	}
	if pts-from > s.maxTicks {
		return fmt.Errorf("%w: segment %d lasts more than %g s", ErrTooLong, s.number, seconds(s.maxTicks))
	}
	if !wanted {
		return s.decided()
	}
	if (!t.unit.sps || !t.unit.pps) && s.headers.known() {
		s.buf = s.headers.insert(s.buf, s.unitAt, t.pid)
	} else if !t.unit.sps || !t.unit.pps {
		return fmt.Errorf("%w: at %.3f s, where a segment would begin", ErrNoHeaders, seconds(pts-from))
	}
	if !s.started {
		s.started, s.origin, s.start = true, pts, pts
		return s.decided()
	}
	return s.cut(pts)
}

// decided ends the look at an access unit. Before the first IDR it is dropped.
func (s *Segmenter) decided() error {
	s.forgetUnit()
	if s.started {
		s.routes[s.tracks[0].pid] = routeQuiet
	}
	return nil
}

// forgetUnit removes the undecided access unit when no segment has begun yet.
func (s *Segmenter) forgetUnit() {
	if !s.started && s.unitAt >= 0 {
		kept := s.buf[:s.unitAt]
		for rest := s.buf[s.unitAt:]; len(rest) > 0; rest = rest[packetSize:] {
			if pidOf(rest) != s.tracks[0].pid {
				kept = append(kept, rest[:packetSize]...)
			}
		}
		s.buf = kept
	}
	s.unitAt = -1
}

// cut ends the segment before the access unit at unitAt, which is shown at pts.
func (s *Segmenter) cut(pts int64) error {
	data, rest := s.buf[:s.unitAt], s.buf[s.unitAt:]
	next := s.buffer(min(len(data)+len(data)/4+firstCapacity/4, s.maxBytes))
	s.buf = append(s.tables.appendTo(next), rest...)
	done := s.segment(data, pts)
	s.start = pts
	s.number++
	if err := s.decided(); err != nil {
		return err
	}
	return s.emit(done)
}

// buffer is an empty one with about this capacity.
func (s *Segmenter) buffer(capacity int) []byte {
	select {
	case buf := <-s.free:
		if cap(buf) >= capacity*3/4 {
			return buf
		}
	default:
	}
	return make([]byte, 0, capacity)
}

// last emits what is left. It ends with the sound, when that is the longer one.
func (s *Segmenter) last() error {
	end := s.tracks[0].end
	for _, t := range s.tracks[1:] {
		// Nonsense in the times of some other stream must not stretch the film.
		if t.timed && t.end-s.tracks[0].end <= 2*s.maxTicks {
			end = max(end, t.end)
		}
	}
	if end <= s.start { // a single picture whose length nobody tells
		end = s.start + ticksPerSecond/25
	}
	return s.emit(s.segment(s.buf, end))
}

func (s *Segmenter) segment(data []byte, end int64) Segment {
	if s.join != nil {
		s.join.patch(data)
	}
	return Segment{
		PTS:             s.start & (1<<33 - 1),
		free:            s.free,
		Number:          s.number,
		Data:            data,
		StartSeconds:    seconds(s.start - s.origin),
		DurationSeconds: seconds(end - s.start),
	}
}

// sound takes a packet of any stream but the picture.
func (s *Segmenter) sound(t *track, packet []byte) error {
	if beginsUnit(packet) {
		t.pes.reset()
		s.routes[t.pid] = routeBusy
	}
	if !t.pes.done {
		t.pes.add(payloadOf(packet))
		if t.pes.done {
			s.routes[t.pid] = routeQuiet
			end := t.end
			if t.pes.hasTime {
				t.time(&s.clock)
			}
			if s.started && t.heard > s.maxTicks {
				t.end = end
				s.endSound()
				return nil
			}
		}
	}
	return s.keep(packet)
}

// endSound drops all that comes now: there has been no picture for too long.
// Should one come after all, it is ErrTooLong.
func (s *Segmenter) endSound() {
	s.ended = true
	for pid := range s.routes {
		s.routes[pid] = routeDrop
	}
	s.routes[s.tracks[0].pid] = routeQuiet
}

func seconds(ticks int64) float64 { return float64(ticks) / ticksPerSecond }
