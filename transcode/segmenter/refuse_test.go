package segmenter

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestWhatCannotBeCut(t *testing.T) {
	show := func(pictures string) []byte {
		f := film{}
		f.show(pictures)
		return f.Bytes()
	}
	long := strings.Repeat(string(predicted), 600)
	for name, c := range map[string]struct {
		data []byte
		want error
		says string
	}{
		"no IDR for more than 20 s":             {show(gop(100) + "I" + long), ErrTooLong, "segment 1 lasts more than 20 s"},
		"the next IDR comes after 20.04 s":      {show(gop(501) + gop(10)), ErrTooLong, "segment 0"},
		"open GOPs only":                        {show(gop(50) + strings.Repeat("iPPPP", 200)), ErrTooLong, "segment 0"},
		"no IDR at all, and no end of pictures": {show(long), ErrTooLong, "segment 0"},
		"no IDR at all":                         {show("iPPPPiPPPP"), ErrNoVideo, "without an IDR"},
		"no SPS at the start":                   {show("bPPP"), ErrNoHeaders, "at 0.000 s"},
		"no PPS at the second segment":          {show(gop(100) + "pPPP"), ErrNoHeaders, "at 4.000 s"},
		"no pictures": {func() []byte {
			m := muxer{}
			m.tables()
			return m.Bytes()
		}(), ErrNoVideo, "without a picture"},
		"sound only": {func() []byte {
			m := muxer{}
			m.pat()
			m.pmt(0, audioStream)
			return m.Bytes()
		}(), ErrNoVideo, "no H.264"},
		"HEVC": {func() []byte {
			m := muxer{}
			m.pat()
			m.pmt(0, stream{0x24, videoPID}, audioStream)
			return m.Bytes()
		}(), ErrNoVideo, "no H.264"},
		"nothing":                     {nil, ErrNoVideo, "without naming its parts"},
		"null packets only":           {bytes.Repeat(func() []byte { m := muxer{}; m.null(); return m.Bytes() }(), 9), ErrNoVideo, "without naming"},
		"text":                        {bytes.Repeat([]byte("Hello, world. "), 100), ErrNotTS, "at byte 0"},
		"a few letters":               {[]byte("ftyp"), ErrNotTS, "at byte 0"},
		"zeros":                       {make([]byte, 10000), ErrNotTS, "at byte 0"},
		"text after a stream":         {append(show(gop(5)), "Hello"...), ErrNotTS, "at byte"},
		"a byte lost in the middle":   {slices.Delete(show(gop(50)), 1000, 1001), ErrNotTS, "at byte 1128"},
		"a PMT with a damaged CRC":    {damaged(show(gop(5)), pmtPID, 20), ErrNoVideo, "without naming"},
		"a PAT with a damaged CRC":    {damaged(show(gop(5)), pidPAT, 14), ErrNoVideo, "without naming"},
		"a PMT longer than it may be": {damaged(show(gop(5)), pmtPID, 6), ErrNoVideo, "without naming"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1 << 20, 100} {
				_, err := cutAll(Options{}, c.data, size)
				if !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

// damaged flips a bit in every packet of the PID.
func damaged(data []byte, pid uint16, at int) []byte {
	for rest := data; len(rest) > 0; rest = rest[packetSize:] {
		if pidOf(rest) == pid {
			rest[at] ^= 4
		}
	}
	return data
}

func TestTooManyBytes(t *testing.T) {
	f := film{size: 40_000}
	f.show(strings.Repeat(gop(100), 3)) // 4 MB each
	mustCut(t, Options{}, f.Bytes())
	if _, err := cutAll(Options{MaxBytes: 4_000_000}, f.Bytes()); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}

func TestAPacketThatIsNotWholeIsDropped(t *testing.T) {
	f := film{}
	f.show(gop(50))
	want := mustCut(t, Options{}, f.Bytes())
	got := mustCut(t, Options{}, append(f.Bytes(), syncByte, 1, 0))
	if !bytes.Equal(want[0].Data, got[0].Data) {
		t.Error("the segment is another")
	}
}

func TestTablesInSeveralPackets(t *testing.T) {
	for _, descriptors := range []int{0, 150, 160, 164, 170, 900} {
		m := film{mute: true}
		m.pat()
		m.pmt(descriptors, audioStream, videoStream)
		m.count = 1
		m.show(gop(8) + gop(1))
		segments := mustCut(t, Options{TargetSeconds: 0.2}, m.Bytes())
		if len(segments) != 2 {
			t.Errorf("with %d bytes of descriptors: %d segments", descriptors, len(segments))
		}
	}
}

func TestOtherTablesAreNotTakenForThese(t *testing.T) {
	m := film{mute: true}
	m.section(pidPAT, 0xc0, []byte{0, 1, 0xe1, 0})                                                              // another table where the PAT is
	m.pat()                                                                                                     //
	m.section(pmtPID, 0xc0, []byte{0xe1, 0, 0xf0, 0, streamH264, 0xe1, 0x23, 0xf0, 0})                          // another one where the PMT is
	m.section(pmtPID, tablePMT, []byte{0xe1, 0, 0xf0, 0, streamH264, 0xe1, 0x23, 0xf0, 9, streamH264, 0xe1, 0}) // lengths that contradict one another
	m.pmt(0, audioStream, videoStream)
	m.count = 1
	m.show(gop(8))
	mustCut(t, Options{}, m.Bytes())
}

func TestAnErrorOfTheReceiverEndsIt(t *testing.T) {
	f := film{}
	f.show(strings.Repeat(gop(100), 4))
	full := errors.New("full")
	calls := 0
	s := New(Options{}, func(Segment) error {
		calls++
		return full
	})
	for range 2 {
		if n, err := s.Write(f.Bytes()); n != 0 || !errors.Is(err, full) {
			t.Errorf("wrote %d, %v", n, err)
		}
	}
	for range 2 {
		if err := s.Close(); !errors.Is(err, full) || calls != 1 {
			t.Errorf("%d calls, %v", calls, err)
		}
	}
}
