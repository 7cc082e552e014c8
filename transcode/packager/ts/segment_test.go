package ts

import (
	"bytes"
	"slices"
	"testing"

	"streambox.local/transcode/mpegts"
)

var pictureAndSound = []Stream{{TypeH264, 0xe0}, {TypeADTS, 0xc0}}

func unit(stream, size int, pts, dts int64) Unit {
	data := bytes.Repeat([]byte{byte(0x30 + stream)}, size)
	return Unit{Stream: stream, PTS: pts, DTS: dts, Key: true, Parts: [][]byte{data[:size/3], data[size/3:]}, Size: size}
}

// payloads gathers what each PID's packets hold, and checks their counters.
func payloads(t *testing.T, data []byte) (all map[int][]byte, packets map[int]int) {
	t.Helper()
	all, packets = map[int][]byte{}, map[int]int{}
	for ; len(data) > 0; data = data[PacketSize:] {
		pid := int(data[1]&0x1f)<<8 | int(data[2])
		if data[0] != syncByte || data[3]&0x10 == 0 {
			t.Fatalf("PID %#x: a packet without sync or payload", pid)
		}
		if pid >= FirstPID && pid < pidPMT && int(data[3]&0x0f) != packets[pid]%16 {
			t.Errorf("PID %#x: packet %d has counter %d", pid, packets[pid], data[3]&0x0f)
		}
		packets[pid]++
		at := headerSize
		if data[3]&0x20 != 0 {
			at += 1 + int(data[4])
		}
		if at >= PacketSize {
			t.Fatalf("PID %#x: a packet without a byte", pid)
		}
		all[pid] = append(all[pid], data[at:PacketSize]...)
	}
	return all, packets
}

// Every size around the borders of packets, alone and in company: all bytes are
// there, in multiples of 16 packets.
func TestEverySizeFillsWholeSixteens(t *testing.T) {
	sizes := []int{2, 3, 7, 15, 16, 17, 100}
	for size := 140; size < 200; size++ {
		sizes = append(sizes, size, size+184, size+16*184)
	}
	for _, size := range append(sizes, 65_521, 65_522, 300_000) {
		for _, company := range []int{0, 1, 20} {
			units := []Unit{unit(0, size, 9000, 0)}
			want := size + 19
			for i := range company {
				units = append(units, unit(0, 5+i, int64(i), int64(i)))
				want += 5 + i + 14
			}
			units = append(units, unit(1, min(size, 8000), 5, 5))
			data := Append(nil, 3, pictureAndSound, units)
			if len(data) != Size(2, units) {
				t.Errorf("size %d: %d bytes, foretold were %d", size, len(data), Size(2, units))
			}
			all, packets := payloads(t, data)
			for pid := FirstPID; pid < FirstPID+2; pid++ {
				if packets[pid]%16 != 0 {
					t.Errorf("size %d with %d others: %d packets of PID %#x", size, company, packets[pid], pid)
				}
			}
			if len(all[FirstPID]) != want || bytes.Count(all[FirstPID], []byte("0")) < size {
				t.Errorf("size %d with %d others: %d bytes, want %d", size, company, len(all[FirstPID]), want)
			}
		}
	}
}

func TestTablesAreOfTheirSegment(t *testing.T) {
	for number, want := range map[int]byte{0: 0, 15: 15, 16: 0, 37: 5} {
		data := Append(nil, number, pictureAndSound, []Unit{unit(0, 100, 0, 0)})
		for packet := range slices.Chunk(data[:2*PacketSize], PacketSize) {
			if packet[3]&0x0f != want {
				t.Errorf("segment %d: counter %d", number, packet[3]&0x0f)
			}
			section := packet[5:]
			if whole := section[:3+int(section[2])]; mpegts.CRC32(whole) != 0 {
				t.Errorf("segment %d: the CRC of % x is wrong", number, whole)
			}
		}
	}
}

// Timestamps have 33 bits: after 26.5 hours they begin anew.
func TestTimestampsBeginAnew(t *testing.T) {
	const turn = 1 << 33
	near := Append(nil, 0, pictureAndSound, []Unit{unit(0, 100, 3600, 0), unit(1, 50, -1800, -1800)})
	for _, offset := range []int64{turn, 3 * turn, -turn} {
		far := Append(nil, 0, pictureAndSound, []Unit{unit(0, 100, 3600+offset, offset), unit(1, 50, offset-1800, offset-1800)})
		if !bytes.Equal(near, far) {
			t.Errorf("an offset of %d shows", offset)
		}
	}
}

func TestTheClockRunsAhead(t *testing.T) {
	data := Append(nil, 0, pictureAndSound, []Unit{unit(0, 100, 1_003_600, 1_000_000)})
	packet := data[2*PacketSize:]
	if packet[5] != 0x50 {
		t.Fatalf("flags %#x: no clock or no random access", packet[5])
	}
	clock := int64(packet[6])<<25 | int64(packet[7])<<17 | int64(packet[8])<<9 | int64(packet[9])<<1 | int64(packet[10])>>7
	if clock != 1_000_000-clockLead {
		t.Errorf("the clock is at %d", clock)
	}
}
