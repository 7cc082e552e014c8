package segmenter

import (
	"bytes"
	"strings"
	"testing"
)

// bareGOP is one of 100 pictures without SPS and PPS.
func bareGOP() string { return string(bareIDR) + strings.Repeat(string(predicted), 99) }

// elementary is what the picture's PES packets hold, in order, without their headers.
func elementary(segments []Segment) (all []byte) {
	data := bytes.Join(bytesOf(segments), nil)
	var head pesHeader
	for ; len(data) > 0; data = data[packetSize:] {
		if pidOf(data) != videoPID {
			continue
		}
		if beginsUnit(data) {
			head.reset()
		}
		all = append(all, head.add(payloadOf(data[:packetSize]))...)
	}
	return all
}

func TestHeadersWrittenOnceAreRepeated(t *testing.T) {
	const gops = 5
	headersOf := func(short bool) []byte {
		unit := picture(heading, 0)
		if short {
			unit = bytes.ReplaceAll(unit, []byte{0, 0, 0, 1}, []byte{0, 0, 1})
		}
		_, after, _ := bytes.Cut(unit[4:], []byte{0, 0, 1}) // behind the delimiter
		return after
	}
	for name, c := range map[string]struct {
		film   film
		before string
	}{
		"as a unit of their own":                {film{}, "H"},
		"before the first picture":              {film{}, "I" + strings.Repeat("P", 99)},
		"with start codes of three bytes":       {film{short: true}, "H"},
		"in small packets":                      {film{muxer: muxer{most: 11}}, "H"},
		"with packets of nothing but a field":   {film{muxer: muxer{fields: true}}, "H"},
		"of pictures that fill many packets":    {film{size: 5000}, "H"},
		"in packets that headers fill entirely": {film{muxer: muxer{most: 160}}, "H"},
	} {
		t.Run(name, func(t *testing.T) {
			f := c.film
			f.show(c.before + strings.Repeat(bareGOP(), gops))
			segments := mustCut(t, Options{RepeatHeaders: true}, f.Bytes()) // Check looks for SPS, PPS and joining counters
			want := gops
			if strings.HasPrefix(c.before, "I") {
				want++
			}
			if len(segments) != want {
				t.Fatalf("%d segments, want %d", len(segments), want)
			}
			all := elementary(segments)
			if got := bytes.Count(all, headersOf(c.film.short)[:20]); got != want {
				t.Errorf("SPS %d times, want %d", got, want)
			}
			// Nothing else is changed: without the headers it is the stream as it came.
			one := film{size: c.film.size, short: c.film.short}
			one.show(string(bareIDR))
			idr := elementary([]Segment{{Data: payloadPackets(one.Bytes())}})
			if got := bytes.Count(all, idr[delimiter(idr):]); got != want {
				t.Errorf("%d of %d IDRs came through whole", got, want)
			}
		})
	}
}

func TestHeadersAreRepeatedOnlyWhenAsked(t *testing.T) {
	var f film
	f.show("H" + bareGOP() + bareGOP())
	if _, err := cutAll(Options{}, f.Bytes()); err == nil || !strings.Contains(err.Error(), ErrNoHeaders.Error()) {
		t.Errorf("got %v", err)
	}
	var none film
	none.show(bareGOP())
	if _, err := cutAll(Options{RepeatHeaders: true}, none.Bytes()); err == nil || !strings.Contains(err.Error(), ErrNoHeaders.Error()) {
		t.Errorf("no headers anywhere: got %v", err)
	}
}

func TestTheClockOfAPictureStays(t *testing.T) {
	// A first packet as ffmpeg writes it: random access, and the programme's clock.
	field := []byte{0x50, 1, 2, 3, 4, 0x7e, 5}
	packet := append([]byte{syncByte, 0x41, 0x00, 0x30, byte(len(field))}, field...)
	payload := pes(0xe0, 9000, -1, picture(bareIDR, 3000))
	packet = append(packet, payload[:packetSize-len(packet)]...)
	h := headers{wanted: true, sps: bytes.Repeat([]byte{7}, 30), pps: bytes.Repeat([]byte{8}, 10)}
	buf := h.insert(append([]byte("before"), packet...), len("before"), videoPID)
	out := buf[len("before"):]
	if len(out) != 2*packetSize || h.added != 1 {
		t.Fatalf("%d bytes, %d packets more", len(out), h.added)
	}
	if got := usedField(out[:packetSize]); !bytes.Equal(got, field) {
		t.Errorf("the field became %x, want %x", got, field)
	}
	if hasField(out[packetSize:]) && beginsUnit(out[packetSize:]) {
		t.Error("the second packet begins a unit, too")
	}
	var whole []byte
	for rest := out; len(rest) > 0; rest = rest[packetSize:] {
		whole = append(whole, payloadOf(rest[:packetSize])...)
	}
	if want := packetSize - 5 - len(field) + 40; len(whole) != want {
		t.Errorf("%d bytes of payload, want %d", len(whole), want)
	}
}
