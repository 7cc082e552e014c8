package segmenter

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"streambox.local/transcode/mpegts"
)

// FuzzSegmenter: whatever comes, it does not panic, holds no more than it may,
// and what it emits is what a segment must be.
func FuzzSegmenter(f *testing.F) {
	for _, pictures := range []string{"", "IPPIPPIPP", "PPIPPiPPIP", "bPP", "pPP", "I-b-I", "PPPP", "HbPPbPPbPP"} {
		for _, one := range []film{
			{size: 5},
			{size: 200, mute: true},
			{size: 5, muxer: muxer{most: 1}},
			{size: 5, muxer: muxer{fields: true}, ticks: 1<<33 - 8000},
		} {
			one.show(pictures)
			f.Add(one.Bytes(), uint16(100), true)
			f.Add(append(one.Bytes(), "garbage"...), uint16(1), false)
		}
	}
	long := film{}
	long.pat()
	long.pmt(900, audioStream, videoStream)
	long.show("IP")
	f.Add(long.Bytes(), uint16(188), true)
	f.Fuzz(func(t *testing.T, data []byte, piece uint16, mend bool) {
		if mend {
			data = slices.Clone(data)
			mendTables(data)
		}
		const most = 20_000
		o := Options{TargetSeconds: 0.1, MaxSeconds: 2, MaxBytes: most, RepeatHeaders: mend}
		segments, err := cutAll(o, data, max(int(piece), 1))
		if err == nil && len(segments) == 0 {
			t.Error("no segments and no error")
		}
		total := 0
		for i, s := range segments {
			total += len(s.Data)
			// The tables of a segment, 12 packets at most, are put before what was counted.
			if len(s.Data) > most+12*packetSize || cap(s.Data) > 3*most {
				t.Errorf("segment %d: %d bytes in a buffer of %d", i, len(s.Data), cap(s.Data))
			}
			if s.Number != i || !(s.DurationSeconds > 0) || math.IsInf(s.DurationSeconds, 0) {
				t.Errorf("segment %d: number %d, %g s", i, s.Number, s.DurationSeconds)
			}
			if len(s.Data)%packetSize != 0 {
				t.Errorf("segment %d has no whole packets", i)
			} else if err := checkStart(s.Data); err != nil {
				t.Errorf("segment %d: %v", i, err)
			}
		}
		if total > len(data)+12*packetSize*len(segments) {
			t.Errorf("%d bytes became %d", len(data), total)
		}
	})
}

// mendTables makes the CRCs of sections of one packet right, so that mutations
// of tables are not all turned away.
func mendTables(data []byte) {
	for ; len(data) >= packetSize; data = data[packetSize:] {
		payload := payloadOf(data[:packetSize])
		if !beginsUnit(data) || len(payload) < 1+sectionHeader+crcSize || payload[0] != 0 || payload[1] > tablePMT {
			continue
		}
		section := payload[1:]
		size := 3 + int(section[1]&0x0f)<<8 + int(section[2])
		if size > len(section) || size < sectionHeader+crcSize {
			continue
		}
		binary.BigEndian.PutUint32(section[size-crcSize:], mpegts.CRC32(section[:size-crcSize]))
	}
}
