package segmenter

import (
	"bytes"
	"errors"
	"fmt"
)

// Check says what is wrong with segments in a row, or nothing: each is made of
// whole packets and begins with PAT and PMT, its first picture is an IDR with
// SPS and PPS, and the continuity counters of every PID join over all of them.
// It is for tests, so it shares as little as possible with the segmenter.
func Check(segments ...[]byte) error {
	if len(segments) == 0 {
		return errors.New("no segments")
	}
	counters := map[uint16]uint8{}
	for i, data := range segments {
		if err := checkCounters(data, counters); err != nil {
			return fmt.Errorf("segment %d: %w", i, err)
		}
		if err := checkStart(data); err != nil {
			return fmt.Errorf("segment %d: %w", i, err)
		}
	}
	return nil
}

func checkCounters(data []byte, counters map[uint16]uint8) error {
	if len(data) == 0 || len(data)%packetSize != 0 {
		return fmt.Errorf("%d bytes are no whole packets", len(data))
	}
	for at := 0; at < len(data); at += packetSize {
		packet := data[at : at+packetSize]
		if packet[0] != syncByte {
			return fmt.Errorf("packet %d has no sync byte", at/packetSize)
		}
		pid := pidOf(packet)
		if pid == pidNull {
			continue
		}
		before, seen := counters[pid]
		want := before
		if hasPayload(packet) {
			want = (before + 1) & 0x0f
		}
		if got := counterOf(packet); seen && got != want && !discontinues(packet) {
			return fmt.Errorf("packet %d of PID %#x: continuity counter %d, want %d", at/packetSize, pid, got, want)
		}
		counters[pid] = counterOf(packet)
	}
	return nil
}

func checkStart(data []byte) error {
	var t tables
	if pidOf(data) != pidPAT {
		return fmt.Errorf("begins with PID %#x, not with a PAT", pidOf(data))
	}
	rest := data
	for ; len(rest) > 0 && t.pat == nil; rest = rest[packetSize:] {
		t.addPAT(rest[:packetSize])
	}
	var streams []stream
	for whole := false; len(rest) > 0 && !whole; rest = rest[packetSize:] {
		if pidOf(rest) != t.pmtPID {
			return fmt.Errorf("PID %#x after the PAT, not the PMT's", pidOf(rest))
		}
		streams, whole = t.addPMT(rest[:packetSize])
	}
	for _, one := range streams {
		if one.kind == streamH264 {
			return checkPicture(firstUnit(rest, one.pid))
		}
	}
	return errors.New("no PMT with an H.264 stream")
}

// firstUnit is the payload of the PID's first PES packet, without its header.
func firstUnit(data []byte, pid uint16) []byte {
	var unit []byte
	for ; len(data) > 0; data = data[packetSize:] {
		if pidOf(data) != pid {
			continue
		}
		if beginsUnit(data) && unit != nil {
			break
		}
		unit = append(unit, payloadOf(data[:packetSize])...)
	}
	if len(unit) < pesFixed || !bytes.HasPrefix(unit, []byte{0, 0, 1}) || len(unit) < pesFixed+int(unit[8]) {
		return nil
	}
	return unit[pesFixed+int(unit[8]):]
}

func checkPicture(unit []byte) error {
	var sps, pps bool
	for {
		_, after, found := bytes.Cut(unit, []byte{0, 0, 1})
		if !found || len(after) == 0 {
			return errors.New("no picture")
		}
		switch kind := after[0] & 0x1f; kind {
		case nalSPS:
			sps = true
		case nalPPS:
			pps = true
		case nalIDR:
			if !sps || !pps {
				return errors.New("no SPS or no PPS before the IDR")
			}
			return nil
		case 1, 2, 3, 4:
			return fmt.Errorf("the first picture is of NAL type %d, not an IDR", kind)
		}
		unit = after
	}
}
