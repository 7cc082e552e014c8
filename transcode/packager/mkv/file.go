package mkv

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"streambox.local/transcode/packager/track"
)

// File is what is kept of a file's headers. It can be used by several at once.
type File struct {
	Tracks []*Track // in the order of the file, all kinds

	size     int64
	body     int64 // of the segment: positions count from here
	end      int64 // of the segment
	clusters int64 // the first one
	cues     int64 // 0: not known
	scale    int64 // nanoseconds per tick
	read     bool  // Tracks was there
}

const (
	headWindow   = 16 << 10
	defaultScale = 1_000_000
	mostScale    = 1_000_000_000 // a second
)

// Open reads the headers. in is not kept. Errors: track.ErrDamaged,
// track.ErrUnsupported, or what the device says.
func Open(in io.ReaderAt, size int64) (*File, error) {
	e := newElements(in, headWindow)
	f := &File{size: size, scale: defaultScale}
	head, err := e.next(0, size)
	if err != nil {
		return nil, err
	}
	if head.id != idEBML || head.unknown {
		return nil, fmt.Errorf("%w: no EBML header", track.ErrDamaged)
	}
	for at := head.end; ; {
		one, err := e.next(at, size)
		if one.id == idSegment && (err == nil || errors.Is(err, errCutOff)) {
			f.body, f.end = one.body, one.end // a file that is cut off ends where it ends
			break
		}
		if err != nil {
			return nil, err
		}
		at = one.end
	}
	if err := f.top(e); err != nil {
		return nil, err
	}
	if f.clusters == 0 || !f.read {
		return nil, fmt.Errorf("%w: no tracks or nothing in them", track.ErrDamaged)
	}
	return f, nil
}

// top reads what stands before the first cluster.
func (f *File) top(e *elements) error {
	var tracks int64 // where SeekHead says they are
	for at := f.body; at < f.end; {
		one, err := e.next(at, f.end)
		if err != nil && (one.id != idCluster || !errors.Is(err, errCutOff)) {
			return err
		}
		switch one.id {
		case idCluster:
			f.clusters = one.at
			if !f.read && tracks > 0 {
				if one, err = e.next(tracks, f.end); err != nil {
					return err
				}
				if one.id == idTracks {
					return f.tracks(e, one)
				}
			}
			return nil
		case idSeekHead:
			err = f.seekHead(e, one, &tracks)
		case idInfo:
			err = f.info(e, one)
		case idTracks:
			err = f.tracks(e, one)
		case idCues:
			f.cues = one.at
		}
		if err != nil {
			return err
		}
		at = one.end
	}
	return nil
}

// seekHead notes where the index is. Only this one is read: others that it may
// name are not followed.
func (f *File) seekHead(e *elements, head element, tracks *int64) error {
	return e.children(head, func(seek element) error {
		if seek.id != idSeek {
			return nil
		}
		var id, place uint64
		err := e.children(seek, func(one element) (err error) {
			switch one.id {
			case idSeekID:
				id, err = e.number(one)
			case idSeekPlace:
				place, err = e.number(one)
			}
			return err
		})
		if err != nil || place > uint64(f.end-f.body) { //nolint:gosec // not negative
			return err
		}
		switch at := f.body + int64(place); id {
		case idCues:
			f.cues = at
		case idTracks:
			*tracks = at
		}
		return nil
	})
}

func (f *File) info(e *elements, info element) error {
	return e.children(info, func(one element) error {
		if one.id != idScale {
			return nil
		}
		scale, err := e.number(one)
		if err != nil {
			return err
		}
		if scale == 0 || scale > mostScale {
			return fmt.Errorf("%w: a timestamp scale of %d", track.ErrDamaged, scale)
		}
		f.scale = int64(scale)
		return nil
	})
}

func (f *File) tracks(e *elements, tracks element) error {
	if f.read {
		return nil
	}
	f.read = true
	return e.children(tracks, func(one element) error {
		if one.id != idTrackEntry {
			return nil
		}
		if len(f.Tracks) >= mostTracks {
			return fmt.Errorf("%w: more than %d tracks", track.ErrDamaged, mostTracks)
		}
		t := &Track{}
		f.Tracks = append(f.Tracks, t)
		return t.parse(e, one)
	})
}

// Track describes a track.
type Track struct {
	Number uint64
	Info   track.Info
	// Err says why the track cannot be packaged; nil: it can.
	Err error
	// Frame is how long a frame lasts in nanoseconds; 0: not said.
	Frame int64

	delay int64 // nanoseconds that come off all times (CodecDelay)
	rate  float64
}

// nanosecondsLimit bounds DefaultDuration and CodecDelay.
const nanosecondsLimit = 60_000_000_000

func (t *Track) parse(e *elements, entry element) error {
	var kind uint64
	var codec string
	err := e.children(entry, func(one element) (err error) {
		var n uint64
		switch one.id {
		case idNumber:
			t.Number, err = e.number(one)
		case idType:
			kind, err = e.number(one)
		case idCodec:
			var name []byte
			name, err = e.data(one)
			codec = string(name)
		case idPrivate:
			if one.end-one.body <= mostConfig { // fonts of subtitles may be larger
				t.Info.Config, err = e.data(one)
			}
		case idDefaultDuration:
			n, err = e.number(one)
			t.Frame = int64(min(n, nanosecondsLimit))
		case idCodecDelay:
			n, err = e.number(one)
			t.delay = int64(min(n, nanosecondsLimit))
		case idVideo:
			err = t.video(e, one)
		case idAudio:
			err = t.audio(e, one)
		case idEncodings:
			err = t.encodings(e, one)
		}
		return err
	})
	switch kind {
	case 1:
		t.Info.Kind = track.Picture
	case 2:
		t.Info.Kind = track.Sound
	}
	switch codec {
	case "V_MPEG4/ISO/AVC":
		t.Info.Codec = track.H264
	case "A_AAC":
		t.Info.Codec = track.AAC
	case "A_MPEG/L3":
		t.Info.Codec = track.MP3
	default:
		t.modern(codec)
	}
	t.frame()
	return err
}

// frame derives how long a frame of sound lasts, which is needed for laced blocks.
func (t *Track) frame() {
	if t.Frame > 0 || !(t.rate >= 1000 && t.rate <= 200_000) {
		return
	}
	samples := 0.0
	switch t.Info.Codec {
	case track.AAC:
		samples = 1024
	case track.MP3:
		if samples = 1152; t.rate < 32_000 {
			samples = 576
		}
	default:
	}
	t.Frame = int64(math.Round(samples * 1e9 / t.rate))
}

// video reads the shape of a pixel: of the picture as shown, and as stored.
func (t *Track) video(e *elements, video element) error {
	var width, height, shownWidth, shownHeight, unit uint64
	err := e.children(video, func(one element) (err error) {
		switch one.id {
		case idPixelWidth:
			width, err = e.number(one)
		case idPixelHeight:
			height, err = e.number(one)
		case idDisplayWidth:
			shownWidth, err = e.number(one)
		case idDisplayHeight:
			shownHeight, err = e.number(one)
		case idDisplayUnit:
			unit, err = e.number(one)
		case idColour:
			err = t.colour(e, one)
		}
		return err
	})
	t.Info.Width, t.Info.Height = uint32(min(width, math.MaxUint16)), uint32(min(height, math.MaxUint16))
	const unknownUnit, most = 4, 1 << 16
	if err != nil || unit >= unknownUnit || max(width, height, shownWidth, shownHeight) > most || min(width, height, shownWidth, shownHeight) == 0 {
		return err
	}
	x, y := shownWidth*height, shownHeight*width
	for a, b := x, y; ; a, b = b, a%b {
		if b == 0 {
			x, y = x/a, y/a
			break
		}
	}
	t.Info.Aspect = [2]uint32{uint32(x & math.MaxUint32), uint32(y & math.MaxUint32)}
	return nil
}

// encodings reads how blocks are packed. One kind is supported: a prefix that
// all frames share is left out.
func (t *Track) encodings(e *elements, encodings element) error {
	const stripped = 3 // ContentCompAlgo: header stripping; 0 is zlib, the default
	count := 0
	return e.children(encodings, func(encoding element) error {
		if encoding.id != idEncoding {
			return nil
		}
		if count++; count > 1 {
			t.Err = fmt.Errorf("%w: blocks packed more than once", track.ErrUnsupported)
		}
		return e.children(encoding, func(one element) error {
			switch one.id {
			case idEncryption:
				t.Err = fmt.Errorf("%w: it is encrypted", track.ErrUnsupported)
			case idCompression:
				algorithm := uint64(0)
				err := e.children(one, func(one element) (err error) {
					switch one.id {
					case idAlgorithm:
						algorithm, err = e.number(one)
					case idSettings:
						t.Info.Prefix, err = e.data(one)
					}
					return err
				})
				if algorithm != stripped {
					t.Err = fmt.Errorf("%w: blocks are compressed", track.ErrUnsupported)
				}
				return err
			}
			return nil
		})
	})
}

// Size is that of the file in bytes.
func (f *File) Size() int64 { return f.size }

// latest is the latest time in the file's units with which can be reckoned: two years.
func (f *File) latest() uint64 { return uint64(1<<56) / uint64(f.scale) } //nolint:gosec // positive

// Ticks converts a time of a track in the file's units to those of MPEG-TS.
func (f *File) Ticks(t *Track, time int64) int64 { return scaleNanoseconds(time*f.scale - t.delay) }

// scaleNanoseconds rounds to the nearest tick of 90 kHz: 9 for 100,000 ns.
func scaleNanoseconds(ns int64) int64 {
	n := ns*9 + 50_000
	q := n / 100_000
	if n%100_000 < 0 {
		q--
	}
	return q
}

// be16 reads a signed 16-bit number.
func be16(b []byte) int64 { return int64(int16(binary.BigEndian.Uint16(b))) } //nolint:gosec // signed
