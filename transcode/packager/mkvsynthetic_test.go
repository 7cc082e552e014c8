package packager_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"slices"
	"sync/atomic"
)

// matroska is a film in Matroska that is made without ffmpeg and takes no room:
// all its clusters but for their times are one.
type matroska struct {
	clusters int // of 2.56 s: 64 pictures, an IDR first; 120 frames of sound
	picture  int // bytes; 0: 2000
	sound    int // bytes; 0: 200
	lacing   int // 0: none; 1: Xiph; 2: fixed; 3: EBML
	strip    bool
	noCues   bool
	noPlaces bool // in clusters
	endless  bool // sizes of segment and clusters are not told
	lead     int  // frames of sound that stand behind the next cluster's first picture

	emptyFrames bool // the last frame of each lace has no bytes
	oneKey      bool // only the first cluster begins with an IDR, whatever the index says
	moreTracks  int  // of sound, between the picture's and its sound

	head, cluster, tail []byte
	later               []byte // oneKey: the clusters behind the first
	timeAt              int    // of the cluster's time in it
	reads, loaded       atomic.Int64
}

const (
	clusterMilliseconds = 2560
	picturesInCluster   = 64
	soundsInCluster     = 120
)

// ebml makes an element with a size of 4 bytes.
func ebml(id uint32, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	return slices.Concat(elementID(id), binary.BigEndian.AppendUint32(nil, 0x10000000|uint32(len(body))), body)
}

func elementID(id uint32) []byte {
	return bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, id), "\x00")
}

func number(id uint32, v uint64) []byte {
	return ebml(id, binary.BigEndian.AppendUint64(nil, v))
}

func (m *matroska) build() *matroska {
	m.picture, m.sound = or(m.picture, 2000), or(m.sound, 200)
	size := func(id uint32, n int64) []byte {
		v := uint64(n) | 1<<56
		if m.endless {
			v = 1<<57 - 1
		}
		return binary.BigEndian.AppendUint64(elementID(id), v)
	}
	m.makeCluster(size)
	video := ebml(0xae, number(0xd7, 1), number(0x83, 1), ebml(0x86, []byte("V_MPEG4/ISO/AVC")), ebml(0x63a2, unhex(avcC)),
		number(0x23e383, 40_000_000), ebml(0xe0, number(0xb0, 640), number(0xba, 360)))
	encodings := []byte{}
	if m.strip {
		encodings = ebml(0x6d80, ebml(0x6240, ebml(0x5034, number(0x4254, 3), ebml(0x4255, []byte{0xaa, 0xbb}))))
	}
	audio := ebml(0xae, number(0xd7, 2), number(0x83, 2), ebml(0x86, []byte("A_AAC")), ebml(0x63a2, unhex("1190")),
		ebml(0xe1, ebml(0xb5, binary.BigEndian.AppendUint64(nil, math.Float64bits(48000)))), encodings)
	for n := range m.moreTracks {
		video = append(video, ebml(0xae, number(0xd7, uint64(100+n)), number(0x83, 2), ebml(0x86, []byte("A_AC3")))...)
	}
	start := ebml(0x1a45dfa3, ebml(0x4282, []byte("matroska")))
	body := len(start) + 12
	info := slices.Concat(ebml(0x1549a966, number(0x2ad7b1, 1_000_000)), ebml(0x1654ae6b, video, audio))
	seek := func(at uint64) []byte {
		return ebml(0x114d9b74, ebml(0x4dbb, ebml(0x53ab, elementID(0x1c53bb6b)), number(0x53ac, at)))
	}
	first := len(seek(0)) + len(info) // from the segment's body
	cuesAt := first + m.clusters*len(m.cluster)
	var cues [][]byte
	for n := range m.clusters {
		positions := [][]byte{number(0xf7, 1), number(0xf1, uint64(first+n*len(m.cluster)))}
		if !m.noPlaces {
			positions = append(positions, number(0xf0, uint64(len(number(0xe7, 0))))) // behind the cluster's time
		}
		cues = append(cues, ebml(0xbb, number(0xb3, uint64(n*clusterMilliseconds)), ebml(0xb7, positions...)))
	}
	m.tail = ebml(0x1c53bb6b, cues...)
	if m.noCues {
		m.tail = ebml(0x1254c367)
	}
	m.head = slices.Concat(start, size(0x18538067, int64(cuesAt+len(m.tail))), seek(uint64(cuesAt)), info)
	if len(m.head) != body+first {
		panic("the segment's body is elsewhere")
	}
	return m
}

// makeCluster makes the cluster that all are.
func (m *matroska) makeCluster(size func(uint32, int64) []byte) {
	var blocks []byte
	sound := 0
	for n := range picturesInCluster {
		for ; n > 0 && !m.early(sound-m.lead, n) && sound < soundsInCluster; sound += m.laced() {
			blocks = append(blocks, m.soundBlock(sound-m.lead)...)
		}
		nal, flags := byte(0x41), byte(0)
		if n == 0 {
			nal, flags = 0x65, 0x80
		}
		data := slices.Concat(words(uint32(m.picture-4)), []byte{nal}, bytes.Repeat([]byte{0x9a}, m.picture-5))
		blocks = append(blocks, ebml(0xa3, []byte{0x81, byte(n * 40 >> 8), byte(n * 40), flags}, data)...)
	}
	for ; sound < soundsInCluster; sound += m.laced() {
		blocks = append(blocks, m.soundBlock(sound-m.lead)...)
	}
	time := number(0xe7, 0)
	m.cluster = slices.Concat(size(0x1f43b675, int64(len(time)+len(blocks))), time)
	m.timeAt = len(m.cluster) - 8
	m.cluster = append(m.cluster, blocks...)
	m.later = m.cluster
	if first := m.timeAt + 8; m.oneKey {
		m.later = slices.Clone(m.cluster)
		m.later[first+1+4+3] = 0    // no key frame
		m.later[first+1+4+8] = 0x41 // nor an IDR
	}
}

// early tells whether a frame of sound comes behind picture n.
func (m *matroska) early(sound, n int) bool { return sound*1024*1000/48000 >= n*40 }

func (m *matroska) laced() int {
	if m.lacing == 0 {
		return 1
	}
	return 8
}

func (m *matroska) soundBlock(n int) []byte {
	at := int16(n * 1024 * 1000 / 48000)
	frame := bytes.Repeat([]byte{0xaa, 0xbb, 0xcc, 0xdd}, m.sound/4)
	if m.strip {
		frame = frame[2:]
	}
	head := []byte{0x82, byte(at >> 8), byte(at), 0x80 | byte(m.lacing<<1)}
	if m.lacing == 0 {
		return ebml(0xa3, head, frame)
	}
	sizes := []byte{7}
	var frames []byte
	for i := range 8 {
		one := frame[:len(frame)-i*btoi(m.lacing != 2)] // lengths differ where they may
		if i == 7 && m.emptyFrames {
			one = nil
		}
		frames = append(frames, one...)
		switch {
		case i == 7, m.lacing == 2:
		case m.lacing == 1:
			sizes = append(append(sizes, bytes.Repeat([]byte{255}, len(one)/255)...), byte(len(one)%255))
		case i == 0:
			sizes = append(sizes, 0x40|byte(len(one)>>8), byte(len(one)))
		default:
			sizes = append(sizes, 0x80|byte(63-1)) // a byte less than the one before
		}
	}
	return ebml(0xa3, head, sizes, frames)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (m *matroska) size() int64 {
	return int64(len(m.head)+len(m.tail)) + int64(m.clusters)*int64(len(m.cluster))
}

// ReadAt implements io.ReaderAt, and counts.
func (m *matroska) ReadAt(p []byte, at int64) (int, error) {
	m.reads.Add(1)
	m.loaded.Add(int64(len(p)))
	n := 0
	for n < len(p) && at < m.size() {
		var part []byte
		in := at - int64(len(m.head))
		cluster := in / int64(len(m.cluster))
		switch {
		case in < 0:
			part = m.head[at:]
		case cluster >= int64(m.clusters):
			part = m.tail[in-int64(m.clusters)*int64(len(m.cluster)):]
		default:
			in %= int64(len(m.cluster))
			whole := m.cluster
			if cluster > 0 {
				whole = m.later
			}
			part = whole[in:]
			if in < int64(m.timeAt+8) {
				part = slices.Clone(whole[:m.timeAt+8])
				binary.BigEndian.PutUint64(part[m.timeAt:], uint64(cluster*clusterMilliseconds))
				part = part[in:]
			}
		}
		c := copy(p[n:], part)
		n, at = n+c, at+int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// bytes is the whole file, of a small film.
func (m *matroska) bytes() []byte {
	data := make([]byte, m.size())
	if _, err := m.ReadAt(data, 0); err != nil {
		panic(err)
	}
	return data
}
