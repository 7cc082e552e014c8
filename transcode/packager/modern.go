package packager

import (
	"fmt"
	"io"
	"strings"

	"streambox.local/transcode/packager/av1"
	"streambox.local/transcode/packager/fmp4"
	"streambox.local/transcode/packager/h264"
	"streambox.local/transcode/packager/hevc"
	"streambox.local/transcode/packager/mkv"
	"streambox.local/transcode/packager/opus"
	"streambox.local/transcode/packager/track"
	"streambox.local/transcode/packager/vp9"
)

// HEVC, VP9 and AV1 are passed on as they are, in fragmented MP4, to devices that
// play them (Choice.Modern): MPEG-TS has no place for two of them, and browsers
// take none of them from it. Samples are not looked into but for whether decoding
// may begin where a segment does; times, cuts, sound and its silence are those of
// other films.

// ModernVersion is Version of such renditions.
const ModernVersion = 1

// coding is what the packager must know of a picture's codec.
type coding struct {
	// begins tells whether decoding may begin with a sample of so many bytes. read
	// gives some of them from an offset.
	begins func(size int, read func(p []byte, at int) error) (bool, error)
	// reorder is the most pictures that precede one in decoding order and follow it in showing order.
	reorder int
	// leading: a segment may begin with pictures that are shown before it, and
	// cannot be decoded without the one before.
	leading bool
}

func ofH264(c *h264.Config) coding {
	return coding{reorder: c.Reorder, begins: func(size int, read func(p []byte, at int) error) (bool, error) {
		return h264.FirstSlice(size, c.LengthBytes, read)
	}}
}

func isModern(c track.Codec) bool { return c == track.HEVC || c == track.VP9 || c == track.AV1 }

// modern describes the tracks of fragmented MP4.
type modern struct {
	tracks []fmp4.Track
	codecs []string
}

// fragmented tells how segments are packed.
func (t *Title) fragmented() bool { return t.choice.Modern && !t.choice.SoundOnly }

// Codecs is what a player must know to play this rendition, as in the codecs
// parameter of RFC 6381; "": what every phone plays.
func (t *Title) Codecs() string { return strings.Join(t.modern.codecs, ",") }

// Init is the init segment; nil where there is none.
func (t *Title) Init() []byte {
	if !t.fragmented() {
		return nil
	}
	return fmp4.Init(t.modern.tracks)
}

func (t *Title) describeModern(picture track.Info) error {
	one := fmp4.Track{
		Timescale: track.TicksPerSecond, Picture: true, Config: picture.Config, Aspect: picture.Aspect, Colour: colr(picture.Colour),
		Width: uint16(picture.Width & 0xffff), Height: uint16(picture.Height & 0xffff),
	}
	var name string
	var err error
	switch picture.Codec {
	case track.HEVC:
		var c hevc.Config
		c, err = hevc.ParseConfig(picture.Config)
		one.Entry, one.ConfigBox, name = c.Entry, "hvcC", c.Codec
		t.coding = coding{begins: c.Begins, reorder: c.Reorder, leading: true}
	case track.VP9:
		name, err = vp9.Codec(picture.Config)
		one.Entry, one.ConfigBox = "vp09", "vpcC"
		t.coding = coding{begins: vp9.Begins}
	case track.AV1:
		name, err = av1.Codec(picture.Config, picture.Colour)
		one.Entry, one.ConfigBox = "av01", "av1C"
		t.coding = coding{begins: av1.Begins}
	default:
		err = fmt.Errorf("%w: its picture", ErrUnsupported)
	}
	if err == nil && (one.Width == 0 || one.Height == 0) {
		err = fmt.Errorf("%w: a picture without a size", ErrDamaged)
	}
	t.modern = modern{tracks: []fmp4.Track{one}, codecs: []string{name}}
	return err
}

// colr makes of QuickTime's box (nclc) that of MP4, which also tells the range.
func colr(body []byte) []byte {
	if len(body) == 10 && string(body[:4]) == "nclc" {
		return append(append([]byte("nclx"), body[4:]...), 0)
	}
	return body
}

// mostRate of sound whose clock can be its own; others have that of MPEG-TS.
const mostRate = 192_000

func (t *Title) describeModernSound(heard *track.Info) error {
	one := fmp4.Track{Timescale: heard.Rate, Rate: heard.Rate, Channels: uint16(min(heard.Channels, 255))}
	if one.Timescale < 1000 || one.Timescale > mostRate {
		one.Timescale = track.TicksPerSecond
	}
	var name string
	switch heard.Codec {
	case track.AAC:
		one.Entry, one.ConfigBox, one.Config = "mp4a", "esds", fmp4.ESDS(fmp4.ObjectAAC, heard.Config)
		name = fmt.Sprintf("mp4a.40.%d", heard.Config[0]>>3) // checked by package aac
	case track.MP3:
		one.Entry, one.ConfigBox, one.Config = "mp4a", "esds", fmp4.ESDS(fmp4.ObjectMP3, nil)
		name = "mp4a.6B"
	case track.Opus:
		if len(heard.Config) < 11 {
			return fmt.Errorf("%w: Opus without its header", ErrDamaged)
		}
		one.Entry, one.ConfigBox, one.Config = "Opus", "dOps", heard.Config
		one.Timescale, one.Rate, one.Channels = opus.SamplesPerSecond, opus.SamplesPerSecond, uint16(heard.Config[1])
		name = "opus"
	default:
		return fmt.Errorf("%w: its sound", ErrUnsupported)
	}
	t.modern.tracks = append(t.modern.tracks, one)
	t.modern.codecs = append(t.modern.codecs, name)
	return nil
}

// mp3OfLowRate: the first frame says that it is that of MPEG-2.
func (m *modern) mp3OfLowRate() {
	if len(m.tracks) == 2 {
		m.tracks[1].Config = fmp4.ESDS(fmp4.ObjectMP3OfLow, nil)
		m.codecs[1] = "mp4a.69"
	}
}

// vp9Box makes what Matroska does not hold: of the film's first key frame.
func (f *mkvFilm) vp9Box(in io.ReaderAt) ([]byte, error) {
	scan, err := f.file.Scan(in, mkv.Place{}, mkv.PlaceWindow)
	if err != nil {
		return nil, err
	}
	about := f.picture.Info
	perSecond := 30.0
	if f.picture.Frame > 0 {
		perSecond = 1e9 / float64(f.picture.Frame)
	}
	for range mostFirst {
		b, err := scan.Next()
		if err != nil {
			return nil, fmt.Errorf("look for a key frame: %w", err)
		}
		if b.Track != f.picture.Number || !b.Key || b.Size == 0 {
			continue
		}
		var head [vp9.HeaderBytes]byte
		prefix := copy(head[:], about.Prefix)
		n := int(min(int64(len(head)-prefix), b.Size))
		if err = track.ReadFull(in, head[prefix:prefix+n], b.Offset); err != nil {
			return nil, err
		}
		if header, ok := vp9.ParseKey(head[:prefix+n]); ok {
			return header.Box(perSecond, about.Colour), nil
		}
	}
	return nil, fmt.Errorf("%w: no VP9 key frame at the beginning", ErrNotSegmentable)
}
