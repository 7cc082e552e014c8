package transcode

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 100_000)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	blu := append([]byte{0xc0, 1, 2, 3, syncByte}, noise[:1000]...)
	blu[4+m2tsPacket] = 0
	for _, c := range []struct {
		name string
		data []byte
		code string // "": nothing against it
	}{
		{"an empty file", nil, CodeEmpty},
		{"a hole where a download was to be", make([]byte, 1<<20), CodeBlank},
		{"a letter called .mp4", []byte("Dear Ada,\nthis is no film.\n"), CodeText},
		{"a letter in Greek", []byte(strings.Repeat("Καλημέρα κόσμε ", 1000)), CodeText},
		{"a letter in UTF-16", []byte("\xff\xfeH\x00i\x00"), CodeText},
		{"a web page", []byte("<!DOCTYPE html><html>"), CodeText},
		{"a playlist called .avi", []byte("#EXTM3U\n#EXTINF:4,\nfile:///etc/passwd\n"), CodePlaylist},
		{"a playlist with a mark before it", []byte("\ufeff#EXTM3U\n"), CodePlaylist},
		{"a script that joins files", []byte("ffconcat version 1.0\nfile /etc/passwd\n"), CodePlaylist},
		{"a script that joins files, without its head", []byte("file '/etc/passwd'\n"), CodePlaylist},
		{"a playlist of old Winamp", []byte("[playlist]\nFile1=x"), CodePlaylist},
		{"a playlist of Windows", []byte("<ASX version=\"3.0\">"), CodePlaylist},
		{"DASH", []byte("<?xml version=\"1.0\"?>\n<MPD profiles=\"\">"), CodePlaylist},
		{"XML of another kind", []byte("<?xml version=\"1.0\"?>\n<note/>"), CodeText},
		{"a session description", []byte("v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"), CodePlaylist},
		{"a zip", []byte("PK\x03\x04rest"), CodeNotVideo},
		{"a photo", []byte("\xff\xd8\xff\xe0\x00\x10JFIF"), CodeNotVideo},
		{"what a Mac leaves", []byte("\x00\x05\x16\x07\x00\x02"), CodeNotVideo},
		{"a Blu-ray stream with its lock on", blu, CodeEncrypted},
		{"noise is for ffprobe to judge", noise, ""},
		{"an MP4", []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"), ""},
		{"a Matroska", []byte("\x1aE\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x23B\x86\x81\x01"), ""},
		{"an AVI", []byte("RIFF\x24\x10\x00\x00AVI LIST"), ""},
		{"one byte", []byte{7}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := sniff(bytes.NewReader(c.data), int64(len(c.data)))
			var refusal *Refusal
			switch {
			case c.code == "" && err != nil:
				t.Errorf("refused: %v", err)
			case c.code != "" && (!errors.As(err, &refusal) || refusal.Reason.Code != c.code):
				t.Errorf("got %v, want %s", err, c.code)
			}
		})
	}
}

func TestScrambled(t *testing.T) {
	t.Parallel()
	sector := func(control byte) []byte {
		s := make([]byte, psSector)
		copy(s, "\x00\x00\x01\xba")
		s[4], s[13] = 0x44, 0xf8
		copy(s[14:], "\x00\x00\x01\xe0\x07\xec")
		s[20] = 0x80 | control
		return s
	}
	packets := func(control byte) []byte {
		var all []byte
		for range 100 {
			p := make([]byte, tsPacket)
			p[0], p[3] = syncByte, 0x10|control
			all = append(all, p...)
		}
		return all
	}
	for _, c := range []struct {
		name string
		data []byte
		want bool
	}{
		{"a free DVD", bytes.Repeat(sector(0), 1000), false},
		{"a DVD whose later sectors are scrambled", append(bytes.Repeat(sector(0), 600), bytes.Repeat(sector(0x10), 600)...), true},
		{"a free broadcast", packets(0), false},
		{"a scrambled broadcast", packets(0x80), true},
		{"one odd packet in a free broadcast", append(packets(0), packets(0x80)[:tsPacket]...), false},
		{"nothing", nil, false},
		{"half a sector", sector(0x10)[:1000], false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := scrambled(bytes.NewReader(c.data), int64(len(c.data))); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func FuzzSniff(f *testing.F) {
	f.Add([]byte("#EXTM3U"))
	f.Add([]byte("\x00\x00\x01\xba\x44"))
	f.Fuzz(func(_ *testing.T, data []byte) {
		_ = sniff(bytes.NewReader(data), int64(len(data)))
		_ = scrambled(bytes.NewReader(data), int64(len(data)))
		_ = pictureKind(data)
		_, _, _ = countIDRs(bytes.NewReader(data))
		_, _ = parseProbe(data)
		_, _ = brightness(data)
	})
}
