package intake

import (
	"bytes"
	"errors"
	"io"
)

// sniffBytes is how much of a file's start is read: three transport stream
// packets with their time stamps (192 bytes each) fit.
const sniffBytes = 1024

// looksLikeVideo tells from a file's first bytes whether it is worth a probe.
// It knows the containers of videos, not codecs: what a container holds is for
// the probe to find out.
func looksLikeVideo(r io.ReaderAt) (bool, error) {
	b := make([]byte, sniffBytes)
	n, err := r.ReadAt(b, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return isVideoStart(b[:n]), nil
}

func isVideoStart(b []byte) bool {
	switch {
	case len(b) < 16:
		return false
	case bytes.Equal(b[4:8], []byte("ftyp")):
		return !isPictureOrSoundBrand(string(b[8:12]))
	case bytes.Equal(b[4:8], []byte("moov")), bytes.Equal(b[4:8], []byte("mdat")), bytes.Equal(b[4:8], []byte("wide")):
		return true // QuickTime from before ftyp
	case bytes.HasPrefix(b, []byte{0x1a, 0x45, 0xdf, 0xa3}): // Matroska, WebM
		return true
	case bytes.HasPrefix(b, []byte("RIFF")) && bytes.Equal(b[8:12], []byte("AVI ")):
		return true
	case bytes.HasPrefix(b, []byte("FLV\x01")):
		return true
	case bytes.HasPrefix(b, []byte{0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11}): // ASF: WMV
		return true
	case bytes.HasPrefix(b, []byte{0, 0, 1, 0xba}), bytes.HasPrefix(b, []byte{0, 0, 1, 0xb3}): // MPEG program or video stream
		return true
	case bytes.HasPrefix(b, []byte(".RMF")):
		return true
	default:
		return isTransportStream(b, 188, 0) || isTransportStream(b, 192, 4)
	}
}

// isTransportStream looks for the sync byte of several packets in a row.
func isTransportStream(b []byte, packet, offset int) bool {
	found := 0
	for at := offset; at < len(b); at += packet {
		if b[at] != 0x47 {
			return false
		}
		found++
	}
	return found >= 3
}

// isPictureOrSoundBrand knows the ftyp brands of HEIC pictures and M4A sound.
func isPictureOrSoundBrand(brand string) bool {
	switch brand {
	case "heic", "heix", "heif", "mif1", "msf1", "avif", "avis", "crx ", "M4A ", "M4B ", "M4P ":
		return true
	}
	return false
}
