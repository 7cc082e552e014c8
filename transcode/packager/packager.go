package packager

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"streambox.local/transcode/packager/aac"
	"streambox.local/transcode/packager/h264"
	"streambox.local/transcode/packager/opus"
	"streambox.local/transcode/packager/sound"
	"streambox.local/transcode/packager/track"
	"streambox.local/transcode/packager/ts"
)

var (
	// ErrNotSegmentable means that the picture cannot be cut as it is: no IDR for
	// more than 20 s or 16 MB, or it begins within a group of pictures. The title must be converted.
	ErrNotSegmentable = errors.New("no place to cut the picture for too long")
	// ErrUnsupported is a container, or a use of one, that is not packaged here: the title must be converted.
	ErrUnsupported = track.ErrUnsupported
	// ErrDamaged is an index that contradicts itself or the file.
	ErrDamaged = track.ErrDamaged
	// ErrKeyFlags is a segment that does not begin with an IDR, though the container
	// says so and the places looked at by Open were true. Open must be called
	// again with Choice.Strict; the rendition gets another name by that.
	ErrKeyFlags = errors.New("the container calls a picture a key frame that is none")
)

// Version is part of every rendition's name. It must grow when the bytes of
// segments change for the same file; a golden test sees to it.
const Version = 2

// Limits of a segment (ARCHITECTURE.md, decision 2).
const (
	TargetSeconds = 4
	MaxSeconds    = 20
	MaxBytes      = 16 << 20
)

// Choice says what of a file a rendition has.
type Choice struct {
	// Sound is the position among the file's sound tracks, as ffprobe counts
	// them; NoSound: none.
	Sound int
	// Converted: the track of sound is converted apart from the film and joined to
	// it (Title.Join). Of the track itself only its beginning and end count.
	Converted bool
	// SoundOnly leaves the picture out: an alternate rendition of sound, cut at the
	// same places as the rendition with the picture, of which Beside is the sound
	// track and BesideConverted its Converted (alternate.go).
	SoundOnly       bool
	Beside          int
	BesideConverted bool
	// Strict reads the first bytes of every key frame before cutting there.
	Strict bool
	// Modern: the picture is HEVC, VP9 or AV1, for who can play it (modern.go).
	Modern bool
}

// NoSound is a Choice of no sound track.
const NoSound = -1

// Name is that of the rendition: the same choice by the same version of the
// packager gives the same bytes for the same file.
func (c Choice) Name() string {
	name := fmt.Sprintf("direct-%d-s%d", Version, c.Sound)
	if c.Sound < 0 {
		name = fmt.Sprintf("direct-%d-silent", Version)
	}
	if c.Converted {
		name += "-converted"
	}
	if c.SoundOnly {
		name += fmt.Sprintf("-beside-s%d", c.Beside)
		if c.BesideConverted {
			name += "-converted"
		}
	}
	if c.Strict {
		name += "-strict"
	}
	if c.Modern {
		name += fmt.Sprintf("-modern-%d", ModernVersion)
	}
	return name
}

// firstTicks is the time of the film's beginning in MPEG-TS: room for decoding
// times, the clock's lead and priming of sound before it.
const firstTicks = 10 * track.TicksPerSecond

// film is what a container knows: where the samples of each segment lie.
type film interface {
	// samples lists segment n's pictures and sound, each in decoding order. Parts
	// that are not wanted are left empty.
	samples(ctx context.Context, in io.ReaderAt, n int, pictures, sounds bool) (pics, snds []track.Sample, err error)
	// opening is the picture that segment n begins with.
	opening(in io.ReaderAt, n int) (track.Sample, error)
	// stretch is the part of the file that holds segment n; zeros when samples are
	// found without going through it.
	stretch(n int) (from, to int64)
	// memory is about how many bytes it keeps.
	memory() int64
	// beside is the same film with another sound track, in segments that begin as
	// these do, and what its container says of that track.
	beside(in io.ReaderAt, starts []int64, sound int) (film, *track.Info, error)
}

// Title is a file's index, ready to make any segment. It holds no reader: the
// file is opened anew by whoever asks, so that sticks can be pulled and put
// back. It can be used by several at once and never changes.
type Title struct {
	choice Choice
	film   film
	// starts are the segments' first times in ticks of the film's timeline, and
	// behind them its end.
	starts []int64
	ends   bool  // before what the index promises
	lead   int64 // ticks at the beginning that the file says are not to be shown
	// first is the MPEG-TS time of the film's beginning where somebody else decided
	// it (Alongside); 0: firstTicks.
	first int64

	coding       coding
	picture      *h264.Config // nil: it is modern
	sound        track.Codec  // Other: none
	adts         aac.Config
	silence      []byte      // a frame of it
	silenceTicks int64       // how long it lasts
	hole         int64       // ticks of the shortest hole in the sound that is filled
	prefixes     [2][]byte   // what the container took off pictures and sound
	streams      []ts.Stream // of a transport stream
	modern       modern      // of fragmented MP4

	converted *sound.Sound // nil until Join
	saved     []byte       // see Saved
}

// Segments is their number.
func (t *Title) Segments() int { return len(t.starts) - 1 }

// Choice is what Open was asked for; Strict may have been found necessary.
func (t *Title) Choice() Choice { return t.choice }

// EndsEarly tells that the file is shorter than its index says: a copy that was
// not finished. What is there can be played.
func (t *Title) EndsEarly() bool { return t.ends }

// StartSeconds is when segment n begins, from the beginning of the film; of
// Segments() it is the film's length.
func (t *Title) StartSeconds(n int) float64 {
	return float64(t.starts[n]-t.starts[0]) / track.TicksPerSecond
}

// FirstTicks is the MPEG-TS time of the film's beginning, for X-TIMESTAMP-MAP.
func (t *Title) FirstTicks() int64 {
	if t.first != 0 {
		return t.first
	}
	return firstTicks
}

// Open reads a file's index and plans all segments. in is only used during the
// call. Errors: ErrNotSegmentable, ErrUnsupported, ErrDamaged (all three about
// the file), what ctx or the device says.
func Open(ctx context.Context, in io.ReaderAt, sizeBytes int64, choice Choice) (*Title, error) {
	return OpenSaved(ctx, in, sizeBytes, choice, nil)
}

// OpenSaved is Open with what Title.Saved gave for the same content and choice;
// anything else, and nil, is passed over.
func OpenSaved(ctx context.Context, in io.ReaderAt, sizeBytes int64, choice Choice, saved []byte) (*Title, error) {
	in = &reader{ctx: ctx, in: in}
	var head [12]byte
	if err := track.ReadFull(in, head[:], 0); err != nil {
		return nil, fmt.Errorf("open title: %w", err)
	}
	var container func(context.Context, io.ReaderAt, int64, Choice) (*Title, error)
	switch kind := string(head[4:8]); {
	case string(head[:4]) == "\x1aE\xdf\xa3": // EBML
		container = func(ctx context.Context, in io.ReaderAt, size int64, choice Choice) (*Title, error) {
			return openMKV(ctx, in, size, choice, saved)
		}
	case slices.Contains([]string{"ftyp", "moov", "mdat", "free", "skip", "wide", "pnot", "uuid"}, kind):
		container = openMP4
	default:
		return nil, fmt.Errorf("open title: %w: neither MP4 nor Matroska", ErrUnsupported)
	}
	t, err := container(ctx, in, sizeBytes, choice.withPicture())
	if err == nil && choice.SoundOnly {
		t, err = t.alternate(in, choice)
	}
	if err != nil {
		return nil, fmt.Errorf("open title: %w", err)
	}
	return t, nil
}

// describe takes over what the tracks say of themselves. heard may be nil.
func (t *Title) describe(picture track.Info, heard *track.Info) (err error) {
	if t.choice.Modern {
		err = t.describeModern(picture)
	} else if t.picture, err = h264.ParseConfig(picture.Config, picture.Aspect); err == nil {
		t.coding = ofH264(t.picture)
		t.streams = append(t.streams, ts.Stream{Type: ts.TypeH264, ID: 0xe0})
	}
	if err != nil {
		return err
	}
	t.prefixes[0] = picture.Prefix
	if t.choice.Converted {
		heard = &track.Info{Kind: track.Sound, Codec: track.AAC, Config: sound.Config(), Rate: sound.RateHz, Channels: sound.Channels}
	}
	if heard == nil {
		return nil
	}
	if err = t.describeSound(heard); err == nil && t.choice.Modern {
		err = t.describeModernSound(heard)
	}
	return err
}

func (t *Title) describeSound(heard *track.Info) (err error) {
	t.sound, t.prefixes[1] = heard.Codec, heard.Prefix
	kind := byte(ts.TypeADTS)
	switch heard.Codec {
	case track.AAC:
		if t.adts, err = aac.ParseConfig(heard.Config); err == nil {
			t.silence, t.silenceTicks = t.adts.Silence(), t.adts.FrameTicks()
		}
	case track.MP3:
		kind = ts.TypeMPEG1Audio
	case track.Opus:
		if t.fragmented() {
			t.silence, t.silenceTicks = opus.Silence(), opus.SilenceSamples*track.TicksPerSecond/opus.SamplesPerSecond
			return nil
		}
		fallthrough // MPEG-TS has no place for it that players agree on
	default:
		err = fmt.Errorf("%w: its sound", ErrUnsupported)
	}
	t.streams = append(t.streams, ts.Stream{Type: kind, ID: 0xc0})
	return err
}

// reader makes reads end when the context does.
type reader struct {
	ctx context.Context //nolint:containedctx // io.ReaderAt has no other way; it lives for one call
	in  io.ReaderAt
}

func (r *reader) ReadAt(p []byte, at int64) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.ReadAt(p, at)
}
