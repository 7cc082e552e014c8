package stun

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"
)

// Sample request, RFC 5769, section 2.1: with SOFTWARE, PRIORITY,
// ICE-CONTROLLED, USERNAME, MESSAGE-INTEGRITY and FINGERPRINT.
const sampleRequest = `000100582112a442b7e7a701bc34d686fa87dfae
802200105354554e207465737420636c69656e74
002400046e0001ff
80290008932ff9b151263b36
000600096576746a3a68367659202020
000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
80280004e57a3bcf`

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, "\n", ""))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// request is a Binding request with the given attributes.
func request(attributes ...[]byte) []byte {
	out := []byte{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}
	for _, a := range attributes {
		out = append(out, a...)
	}
	binary.BigEndian.PutUint16(out[2:], uint16(len(out)-headerBytes))
	return out
}

func attribute(kind uint16, value ...byte) []byte {
	out := binary.BigEndian.AppendUint16(nil, kind)
	out = binary.BigEndian.AppendUint16(out, uint16(len(value)))
	out = append(out, value...)
	for len(out)%4 != 0 {
		out = append(out, 0)
	}
	return out
}

func edited(b []byte, at int, value byte) []byte {
	b = bytes.Clone(b)
	b[at] = value
	return b
}

func TestOnlyWholeBindingRequestsAreAnswered(t *testing.T) {
	plain := request()
	sample := unhex(t, sampleRequest)
	tests := []struct {
		name   string
		packet []byte
		want   bool
	}{
		{"a bare request", plain, true},
		{"the sample of RFC 5769 with a right fingerprint", sample, true},
		{"an attribute that may be ignored", request(attribute(0xC057, 0, 1)), true},
		{"nothing", nil, false},
		{"a header cut short", plain[:19], false},
		{"a response", edited(plain, 0, 1), false},
		{"an indication", edited(plain, 1, 0x11), false},
		{"another method", edited(plain, 1, 3), false},
		{"the first two bits set", edited(plain, 0, 0xc0), false},
		{"RFC 3489 without the cookie", edited(plain, 4, 0), false},
		{"a length beyond the packet", edited(plain, 3, 4), false},
		{"bytes after the message", append(bytes.Clone(plain), 0, 0, 0, 0), false},
		{"a length that is no multiple of four", append(edited(plain, 3, 2), 0, 0), false},
		{"an attribute cut short", request([]byte{0x80, 0x22, 0, 8, 1, 2, 3, 4}), false},
		{"an attribute of 64 KiB", request([]byte{0x80, 0x22, 0xff, 0xff}), false},
		{"an attribute that must be understood and is not", request(attribute(0x0003, 0, 0, 0, 6)), false},
		{"a wrong fingerprint", edited(sample, len(sample)-1, 0), false},
		{"a changed message under a fingerprint", edited(sample, 30, 'x'), false},
		{"a fingerprint that is not last", request(attribute(fingerprint, 0, 0, 0, 0), attribute(0x8022, 'a')), false},
		{"a fingerprint of the wrong size", request(attribute(fingerprint, 0, 0)), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := isRequest(tt.packet); got != tt.want {
				t.Errorf("answered = %v, want %v", got, tt.want)
			}
		})
	}
}

// The values are those of the sample responses of RFC 5769, sections 2.2 and 2.3.
func TestAnswersAreThoseOfTheRFC(t *testing.T) {
	asked := unhex(t, sampleRequest)
	for _, tt := range []struct{ from, want string }{
		{"192.0.2.1:32853", "002000080001a147e112a643"},
		{"[::ffff:192.0.2.1]:32853", "002000080001a147e112a643"},
		{"[2001:db8:1234:5678:11:2233:4455:6677]:32853", "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"},
	} {
		got := appendAnswer(nil, asked, netip.MustParseAddrPort(tt.from))
		want := unhex(t, "01010000"+"2112a442b7e7a701bc34d686fa87dfae"+tt.want)
		want[3] = byte(len(tt.want) / 2)
		if !bytes.Equal(got, want) {
			t.Errorf("%s: answer %x, want %x", tt.from, got, want)
		}
	}
}

func FuzzIsRequest(f *testing.F) {
	f.Add(request())
	f.Add(unhex(f, sampleRequest))
	f.Add(request(attribute(0x8022, 1, 2, 3)))
	f.Fuzz(func(t *testing.T, packet []byte) {
		if !isRequest(packet) {
			return
		}
		if len(packet) < headerBytes || packet[0] != 0 || packet[1] != 1 {
			t.Errorf("%x is answered", packet)
		}
		answer := appendAnswer(nil, packet, netip.MustParseAddrPort("[fd00::1]:9"))
		if len(answer) != 44 || !bytes.Equal(answer[4:20], packet[4:20]) {
			t.Errorf("answer %x to %x", answer, packet)
		}
	})
}
