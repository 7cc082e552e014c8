package segmenter

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// cutAll gives the stream in pieces of the sizes, the last one repeated.
func cutAll(o Options, data []byte, sizes ...int) ([]Segment, error) {
	var all []Segment
	s := New(o, func(one Segment) error {
		all = append(all, one)
		return nil
	})
	for i := 0; len(data) > 0; i++ {
		n := len(data)
		if len(sizes) > 0 {
			n = min(n, sizes[min(i, len(sizes)-1)])
		}
		if _, err := s.Write(data[:n]); err != nil {
			if again := s.Close(); !errors.Is(again, err) {
				return nil, errors.New("Close after an error says something else")
			}
			return all, err
		}
		data = data[n:]
	}
	return all, s.Close()
}

func bytesOf(segments []Segment) [][]byte {
	var all [][]byte
	for _, s := range segments {
		all = append(all, s.Data)
	}
	return all
}

// payloadPackets are the packets that must pass unchanged.
func payloadPackets(data []byte) []byte {
	var out []byte
	for ; len(data) >= packetSize; data = data[packetSize:] {
		switch pidOf(data) {
		case pidPAT, pidSDT, pidNull, pmtPID:
		default:
			out = append(out, data[:packetSize]...)
		}
	}
	return out
}

func mustCut(t *testing.T, o Options, data []byte) []Segment {
	t.Helper()
	segments, err := cutAll(o, data)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(bytesOf(segments)...); err != nil {
		t.Fatal(err)
	}
	return segments
}

func starts(segments []Segment) (all []float64) {
	for _, s := range segments {
		all = append(all, math.Round(s.StartSeconds*1000)/1000)
	}
	return all
}

// gop is an IDR and the rest of n pictures.
func gop(n int) string { return string(idr) + strings.Repeat(string(predicted), n-1) }

func TestWhereItCuts(t *testing.T) {
	for name, c := range map[string]struct {
		film     film
		pictures string
		options  Options
		want     []float64 // starts of the segments
	}{
		"an IDR each second: every fourth":         {pictures: strings.Repeat(gop(25), 10), want: []float64{0, 4, 8}},
		"an IDR every 10.4 s: each":                {pictures: strings.Repeat(gop(260), 3), want: []float64{0, 10.4, 20.8}},
		"irregular: the first that is late enough": {pictures: gop(60) + gop(30) + gop(11) + gop(99) + gop(100), want: []float64{0, 4.04, 8}},
		"an IDR one frame early is late enough":    {pictures: gop(99) + gop(100), want: []float64{0, 3.96}},
		"an IDR two frames early is not":           {pictures: gop(98) + gop(100), want: []float64{0}},
		"forced IDRs at 23.976 make no double segment": {
			film: film{frame: 3754}, // 90,000 · 1001 / 24,000, in whole ticks
			pictures: func() (all string) {
				forced := 0
				for i := range 24 * 60 {
					if float64(i)*1001/24000 >= float64(forced)*4 {
						all += string(idr)
						forced++
					} else {
						all += string(predicted)
					}
				}
				return all
			}(),
			want: []float64{0, 4.004, 8.009, 12.013, 16.017, 20.021, 24.026, 28.03, 32.034, 36.038, 40.043, 44.005, 48.009, 52.014, 56.018, 60.022},
		},
		"I frames of an open GOP are no place to cut": {
			pictures: strings.Repeat(gop(50)+strings.Repeat("iPPPP", 20), 3), want: []float64{0, 6, 12},
		},
		"pictures before the first IDR are left out": {pictures: "iPPPP-P" + gop(100) + gop(100), want: []float64{0, 4}},
		"an IDR that is not cut at needs no headers": {pictures: gop(50) + "b" + gop(49) + gop(25), want: []float64{0, 4}},
		"another target":   {pictures: strings.Repeat(gop(25), 10), options: Options{TargetSeconds: 2}, want: []float64{0, 2, 4, 6, 8}},
		"a single picture": {pictures: "I", want: []float64{0}},
		"an IDR two frames early is not, with B-frames": {film: film{reorder: true}, pictures: gop(98) + gop(100), want: []float64{0}},
		"start codes of three bytes":                    {film: film{short: true}, pictures: gop(100) + gop(100), want: []float64{0, 4}},
		"the clock's 33 bits begin anew": {
			film: film{ticks: 1<<33 - 5*ticksPerSecond}, pictures: strings.Repeat(gop(100), 4), want: []float64{0, 4, 8, 12},
		},
		"packets with one byte of payload": {
			film: film{muxer: muxer{most: 1}, size: 20, mute: true}, pictures: gop(100) + gop(3), want: []float64{0, 4},
		},
		"start codes across packets": {
			film: film{muxer: muxer{most: 7}, size: 50}, pictures: gop(100) + gop(100) + gop(3), want: []float64{0, 4, 8},
		},
		"packets of nothing but an adaptation field": {
			film: film{muxer: muxer{fields: true}}, pictures: "PP" + gop(100) + gop(10), want: []float64{0, 4},
		},
		"huge pictures in PES packets without length": {
			film: film{size: 400_000, frame: ticksPerSecond}, pictures: gop(4) + gop(4), want: []float64{0, 4},
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.film
			f.show(c.pictures)
			segments := mustCut(t, c.options, f.Bytes())
			if got := starts(segments); !slices.EqualFunc(got, c.want, func(a, b float64) bool { return math.Abs(a-b) < 0.003 }) {
				t.Fatalf("cut at %v, want %v", got, c.want)
			}
			for i, s := range segments {
				next := segments[len(segments)-1].StartSeconds + segments[len(segments)-1].DurationSeconds
				if i+1 < len(segments) {
					next = segments[i+1].StartSeconds
				}
				if s.Number != i || math.Abs(s.StartSeconds+s.DurationSeconds-next) > 1e-6 || s.DurationSeconds <= 0 {
					t.Errorf("segment %d is numbered %d, %g + %g s", i, s.Number, s.StartSeconds, s.DurationSeconds)
				}
			}
			lead := strings.IndexRune(c.pictures, idr)
			length := float64(len(c.pictures)-lead) * float64(f.frame) / ticksPerSecond
			if last := segments[len(segments)-1]; math.Abs(last.StartSeconds+last.DurationSeconds-length-0.1) > 0.101 {
				// A unit of sound lasts 0.2 s and may be heard until after the last picture.
				t.Errorf("ends at %g s, want %g", last.StartSeconds+last.DurationSeconds, length)
			}
			out := payloadPackets(bytes.Join(bytesOf(segments), nil))
			if in := payloadPackets(f.Bytes()); lead == 0 && !bytes.Equal(in, out) {
				t.Error("packets were changed")
			}
		})
	}
}

func TestSplitsOfTheInputChangeNothing(t *testing.T) {
	f := film{size: 60}
	f.show("P" + gop(4) + gop(4))
	o := Options{TargetSeconds: 0.16, MaxBytes: 64 << 10} // small, for it is done thousands of times
	want := mustCut(t, o, f.Bytes())
	if len(want) != 2 {
		t.Fatalf("%d segments", len(want))
	}
	check := func(sizes ...int) {
		t.Helper()
		got, err := cutAll(o, f.Bytes(), sizes...)
		if err != nil || !slices.EqualFunc(got, want, func(a, b Segment) bool {
			return a.DurationSeconds == b.DurationSeconds && bytes.Equal(a.Data, b.Data)
		}) {
			t.Fatalf("in pieces of %v: %d segments, %v", sizes, len(got), err)
		}
	}
	for at := 1; at < f.Len(); at++ {
		check(at, f.Len())
	}
	for _, size := range []int{1, 2, 187, 189, 1000} {
		check(size)
	}
}

func TestSoundBeforeTheFirstPictureIsKept(t *testing.T) {
	f := film{}
	f.tables()
	f.sound()
	f.show("PP" + gop(100) + gop(5))
	segments := mustCut(t, Options{}, f.Bytes())
	first := payloadPackets(segments[0].Data)
	if pidOf(first) != audioPID || len(segments) != 2 {
		t.Errorf("begins with PID %#x, %d segments", pidOf(first), len(segments))
	}
	count := func(data []byte) (n int) {
		for ; len(data) > 0; data = data[packetSize:] {
			if pidOf(data) == audioPID {
				n++
			}
		}
		return n
	}
	if in, out := count(f.Bytes()), count(bytes.Join(bytesOf(segments), nil)); in != out {
		t.Errorf("%d packets of sound of %d", out, in)
	}
}

func TestSoundAfterTheLastPicture(t *testing.T) {
	for name, c := range map[string]struct {
		seconds int64
		want    float64 // length of all
	}{
		"a little counts":        {seconds: 2, want: 12},
		"without end is cut off": {seconds: 3600, want: 30},
	} {
		t.Run(name, func(t *testing.T) {
			f := film{}
			f.show(strings.Repeat(gop(100), 2) + gop(50))
			for range c.seconds * 5 {
				f.ticks += ticksPerSecond / 5
				f.sound()
			}
			segments := mustCut(t, Options{}, f.Bytes())
			last := segments[len(segments)-1]
			if got := last.StartSeconds + last.DurationSeconds; len(segments) != 3 || math.Abs(got-c.want) > 0.5 {
				t.Errorf("%d segments, %g s", len(segments), got)
			}
			if c.seconds > 100 {
				f.show("P")
				if _, err := cutAll(Options{}, f.Bytes()); !errors.Is(err, ErrTooLong) {
					t.Errorf("with a picture after it: %v", err)
				}
			}
		})
	}
}

func TestNonsenseInTheTimesOfAnotherStreamDoesNotStretchTheFilm(t *testing.T) {
	f := film{}
	f.show(gop(100))
	f.unit(audioPID, pes(0xc0, f.ticks+3600*ticksPerSecond, -1, []byte("sound")))
	f.show(gop(50))
	segments := mustCut(t, Options{}, f.Bytes())
	if last := segments[len(segments)-1]; last.DurationSeconds > 3 {
		t.Errorf("the last segment lasts %g s", last.DurationSeconds)
	}
}

func TestMemoryGivenBackIsUsedAgainAndNoOther(t *testing.T) {
	f := film{size: 2000}
	f.show(strings.Repeat(gop(100), 30))
	want := mustCut(t, Options{}, f.Bytes())
	held := make(chan Segment, 3) // what a publisher has under way
	buffers := map[*byte]bool{}
	got := 0
	s := New(Options{}, func(one Segment) error {
		buffers[&one.Data[0]] = true
		held <- one
		if len(held) < cap(held) {
			return nil
		}
		oldest := <-held
		if !bytes.Equal(oldest.Data, want[oldest.Number].Data) {
			t.Errorf("segment %d was overwritten", oldest.Number)
		}
		got++
		oldest.Release()
		return nil
	})
	if _, err := s.Write(f.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil || got != 28 || len(buffers) > 5 {
		t.Errorf("%d segments in %d buffers, %v", got, len(buffers), err)
	}
	Segment{}.Release() // does nothing
}

func TestACloseIsTheEnd(t *testing.T) {
	f := film{}
	f.show(gop(10))
	calls := 0
	s := New(Options{}, func(Segment) error { calls++; return nil })
	if _, err := s.Write(f.Bytes()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil || calls != 1 {
			t.Errorf("%d segments, %v", calls, err)
		}
	}
	if _, err := s.Write(f.Bytes()); err == nil {
		t.Error("wrote after Close")
	}
}

func TestTheCheckerFindsFaults(t *testing.T) {
	f := film{}
	f.show(gop(100) + gop(100) + gop(10))
	good := bytesOf(mustCut(t, Options{}, f.Bytes()))
	broken := func(change func(data []byte) []byte) [][]byte {
		return [][]byte{good[0], change(slices.Clone(good[1])), good[2]}
	}
	noHeaders := film{}
	noHeaders.tables()
	noHeaders.show("b")
	for name, c := range map[string]struct {
		segments [][]byte
		says     string
	}{
		"nothing":                   {nil, "no segments"},
		"an empty segment":          {[][]byte{{}}, "no whole packets"},
		"half a packet":             {broken(func(d []byte) []byte { return d[:len(d)-1] }), "no whole packets"},
		"no sync":                   {broken(func(d []byte) []byte { d[188] = 0; return d }), "no sync byte"},
		"a packet left out":         {broken(func(d []byte) []byte { return slices.Delete(d, 188*9, 188*10) }), "counter"},
		"a segment left out":        {[][]byte{good[0], good[2]}, "counter"},
		"no PAT":                    {[][]byte{good[0][188:]}, "not with a PAT"},
		"no PMT":                    {[][]byte{slices.Concat(good[0][:188], good[0][2*188:])}, "not the PMT"},
		"not an IDR":                {[][]byte{plain(recovery)}, "not an IDR"},
		"an IDR without parameters": {[][]byte{plain(bareIDR)}, "no SPS"},
		"no picture":                {[][]byte{plain(nothing)}, "no picture"},
	} {
		t.Run(name, func(t *testing.T) {
			if err := Check(c.segments...); err == nil || !strings.Contains(err.Error(), c.says) {
				t.Error(err)
			}
		})
	}
}

// plain is PAT, PMT and one picture.
func plain(kind rune) []byte {
	f := film{count: 1}
	f.pat()
	f.pmt(0, videoStream)
	f.show(string(kind))
	return f.Bytes()
}
