package packager_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"io"
	"slices"
	"sync/atomic"
)

// synthetic is a film in MP4 that is made without ffmpeg and takes no room: the
// samples are computed when they are read. It lets what needs no decoder run on
// every machine, and makes films of any length.
type synthetic struct {
	seconds   int  // rounded up to whole chunks of 0.64 s
	gopFrames int  // an IDR every so many pictures, 16 at least; 0: 50
	openFrom  int  // pictures flagged as key frames from this on are none; 0: all are
	picture   int  // bytes of each picture; 0: 2000
	sound     int  // bytes of each frame of sound; 0: 200
	modern    bool // its picture is HEVC

	moov          []byte
	chunk         []byte // what all are but for IDRs
	chunks        int
	moovAt        int64
	chunkBytes    int64
	reads, loaded atomic.Int64
}

const (
	picturesInChunk = 16 // at 25 a second: 0.64 s
	soundsInChunk   = 30 // of 1024 samples at 48 kHz: 0.64 s
	mediaAt         = 32 + 16
)

// avcC is that of x264 for 640 × 360 pixels with 2 frames of reordering.
const avcC = "0164001effe1001a6764001eacd940a02ff97011000003000100000300320f162d9601000468ef8fcbfdf8f800"

func box(kind string, parts ...[]byte) []byte {
	body := slices.Concat(parts...)
	out := binary.BigEndian.AppendUint32(nil, uint32(8+len(body)))
	return append(append(out, kind...), body...)
}

func words(all ...uint32) (out []byte) {
	for _, one := range all {
		out = binary.BigEndian.AppendUint32(out, one)
	}
	return out
}

func unhex(text string) []byte {
	data, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return data
}

// build makes the index. B-frames: pictures are stored in the order I P B B P B B….
func (s *synthetic) build() *synthetic {
	s.gopFrames, s.picture, s.sound = or(s.gopFrames, 50), or(s.picture, 2000), or(s.sound, 200)
	s.chunks = (s.seconds*25 + picturesInChunk - 1) / picturesInChunk
	s.chunkBytes = int64(picturesInChunk*s.picture + soundsInChunk*s.sound)
	s.moovAt = mediaAt + int64(s.chunks)*s.chunkBytes
	s.makeChunk()
	pictures := s.chunks * picturesInChunk
	var compositions, keys, sizes []byte
	for n := range pictures {
		at := n % s.gopFrames // I0 P3 B1 B2 P6 B4 B5 …, the last ones plain
		shift := uint32(1)
		if whole := 1 + (min(s.gopFrames, pictures-n+at)-1)/3*3; at > 0 && at < whole {
			shift = map[int]uint32{1: 3, 2: 0, 0: 0}[at%3]
		}
		compositions = append(compositions, words(1, shift*512)...)
		if at == 0 {
			keys = append(keys, words(uint32(n+1))...)
		}
		sizes = append(sizes, words(uint32(s.picture))...)
	}
	var pictureOffsets, soundOffsets []byte
	for n := range s.chunks {
		at := uint64(mediaAt + int64(n)*s.chunkBytes)
		pictureOffsets = binary.BigEndian.AppendUint64(pictureOffsets, at)
		soundOffsets = binary.BigEndian.AppendUint64(soundOffsets, at+uint64(picturesInChunk*s.picture))
	}
	video := box("stbl",
		box("stsd", words(0, 1), s.entry()),
		box("stts", words(0, 1, uint32(pictures), 512)),
		box("ctts", words(0, uint32(len(compositions)/8)), compositions),
		box("stss", words(0, uint32(len(keys)/4)), keys),
		box("stsc", words(0, 1, 1, picturesInChunk, 1)),
		box("stsz", words(0, 0, uint32(pictures)), sizes),
		box("co64", words(0, uint32(s.chunks)), pictureOffsets))
	sounds := uint32(s.chunks * soundsInChunk)
	esds := unhex("00000000" + "0319000000" + "0411" + "4015" + "000000" + "00000000" + "00000000" + "05021190" + "060102")
	audio := box("stbl",
		box("stsd", words(0, 1), box("mp4a", make([]byte, 28), box("esds", esds))),
		box("stts", words(0, 1, sounds, 1024)),
		box("stsc", words(0, 1, 1, soundsInChunk, 1)),
		box("stsz", words(0, uint32(s.sound), sounds)),
		box("co64", words(0, uint32(s.chunks)), soundOffsets))
	s.moov = box("moov",
		box("mvhd", words(0, 0, 0, 1000, uint32(s.chunks)*640), make([]byte, 80)),
		trak(1, "vide", 12800, words(0, 1, uint32(s.chunks)*640, 512, 1<<16), video),
		trak(2, "soun", 48000, words(0, 1, uint32(s.chunks)*640, 1024, 1<<16), audio))
	return s
}

func or(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}

func trak(id uint32, handler string, timescale uint32, edit, stbl []byte) []byte {
	return box("trak",
		box("tkhd", words(0, 0, 0, id, 0), make([]byte, 64)),
		box("edts", box("elst", edit)),
		box("mdia",
			box("mdhd", words(0, 0, 0, timescale, 0, 0)),
			box("hdlr", words(0, 0), []byte(handler), make([]byte, 13)),
			box("minf", stbl)))
}

func (s *synthetic) size() int64 { return s.moovAt + int64(len(s.moov)) }

// ReadAt implements io.ReaderAt, and counts.
func (s *synthetic) ReadAt(p []byte, at int64) (int, error) {
	s.reads.Add(1)
	s.loaded.Add(int64(len(p)))
	head := slices.Concat(box("ftyp", []byte("isom"), make([]byte, 20)), words(1), []byte("mdat"),
		binary.BigEndian.AppendUint64(nil, uint64(s.moovAt-32)))
	n := 0
	for n < len(p) && at < s.size() {
		var part []byte
		idr := int64(-1) // in part
		switch {
		case at < mediaAt:
			part = head[at:]
		case at >= s.moovAt:
			part = s.moov[at-s.moovAt:]
		default:
			chunk, in := (at-mediaAt)/s.chunkBytes, (at-mediaAt)%s.chunkBytes
			part = s.chunk[in:]
			idr = s.idr(int(chunk)) - in
		}
		c := copy(p[n:], part)
		if idr >= 0 && idr < int64(c) {
			p[n+int(idr)] = s.nal(true)
		}
		n, at = n+c, at+int64(c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// idr is where the byte in a chunk is that makes a picture an IDR; -1: nowhere.
func (s *synthetic) idr(chunk int) int64 {
	for n := chunk * picturesInChunk; n < (chunk+1)*picturesInChunk; n++ {
		if n%s.gopFrames == 0 && (s.openFrom == 0 || n < s.openFrom) {
			return int64(n%picturesInChunk*s.picture + 4)
		}
	}
	return -1
}

// makeChunk makes the chunk that all are, but for their IDRs.
func (s *synthetic) makeChunk() {
	for n := range picturesInChunk {
		s.chunk = append(append(s.chunk, words(uint32(s.picture-4))...), s.nal(false))
		s.chunk = append(s.chunk, bytes.Repeat([]byte{0x80 + byte(n)}, s.picture-5)...)
	}
	for n := range soundsInChunk {
		s.chunk = append(s.chunk, bytes.Repeat([]byte{0xc0 + byte(n)}, s.sound)...)
	}
}

// hvcC is that of x265 for 192 × 108 pixels, without its parameter sets.
const hvcC = "0101600000009000000000001ef000fcfdf8f800000f00"

// entry describes the picture.
func (s *synthetic) entry() []byte {
	if s.modern {
		size := slices.Concat(make([]byte, 24), []byte{0, 192, 0, 108}, make([]byte, 50))
		return box("hev1", size, box("hvcC", unhex(hvcC)))
	}
	return box("avc1", make([]byte, 78), box("avcC", unhex(avcC)))
}

// nal is the first byte of a picture.
func (s *synthetic) nal(idr bool) byte {
	if s.modern {
		return map[bool]byte{true: 19 << 1, false: 1 << 1}[idr]
	}
	return map[bool]byte{true: 0x65, false: 0x41}[idr]
}

// bytes is the whole file, of a small film.
func (s *synthetic) bytes() []byte {
	data := make([]byte, s.size())
	if _, err := s.ReadAt(data, 0); err != nil {
		panic(err)
	}
	return data
}
