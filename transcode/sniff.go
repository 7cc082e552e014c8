package transcode

import (
	"bytes"
	"errors"
	"io"
	"unicode/utf8"
)

// sniffBytes are enough for every signature; the pieces looked at for
// scrambling are larger.
const sniffBytes = 64 << 10

// sniff is a verdict on the first bytes, before any other program sees them.
// Nil: nothing against it. It names what a person would otherwise only hear
// called invalid data.
func sniff(in io.ReaderAt, size int64) error {
	if size == 0 {
		return refuse(nil, CodeEmpty, "the file is empty")
	}
	head := make([]byte, min(size, sniffBytes))
	n, err := in.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return errors.Join(ErrInputGone, err)
	}
	head = head[:n]
	if len(bytes.Trim(head, "\x00")) == 0 {
		return refuse(nil, CodeBlank, "the file holds nothing yet: a download or copy that was not finished")
	}
	if kind := foreign(head); kind != "" {
		return refuse(nil, CodeNotVideo, "not a video but "+kind, "kind", kind)
	}
	if bluRayEncrypted(head) {
		return refuse(nil, CodeEncrypted, "copy-protected: it can only be played with the key of whoever sold it")
	}
	if isText(head) {
		if isPlaylist(head) {
			return refuse(nil, CodePlaylist, "a playlist, not a video: it only names other files")
		}
		return refuse(nil, CodeText, "a text, not a video")
	}
	return nil
}

// signatures of files that are no films, whatever they are called.
var signatures = []struct{ magic, kind string }{
	{"PK\x03\x04", "an archive or document (zip)"},
	{"Rar!\x1a\x07", "an archive (rar)"},
	{"7z\xbc\xaf\x27\x1c", "an archive (7z)"},
	{"\x1f\x8b", "an archive (gzip)"},
	{"%PDF-", "a document (PDF)"},
	{"\xd0\xcf\x11\xe0", "a document (Office)"},
	{"\xff\xd8\xff", "a picture (JPEG)"},
	{"\x89PNG\r\n", "a picture (PNG)"},
	{"GIF8", "a picture (GIF)"},
	{"MZ", "a Windows program"},
	{"\x7fELF", "a program"},
	{"\x00\x05\x16\x07", "what a Mac leaves beside a file"},
	{"SQLite format 3", "a database"},
	{"FWS", "a Flash programme"},
	{"CWS", "a Flash programme"},
}

func foreign(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.magic)) {
			return s.kind
		}
	}
	return ""
}

// isText: valid UTF-8 (or UTF-16 with its mark) without control characters. No
// container of films starts so for long.
func isText(head []byte) bool {
	if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
		return bytes.IndexByte(head, 0) >= 0
	}
	head = head[:min(len(head), 4096)]
	for cut := 0; cut < utf8.UTFMax-1 && len(head) > 0 && !utf8.Valid(head); cut++ {
		head = head[:len(head)-1] // a character may be cut in two
	}
	if !utf8.Valid(head) {
		return false
	}
	for _, b := range head {
		if b < ' ' && b != '\n' && b != '\r' && b != '\t' && b != '\f' && b != 0x1b {
			return false
		}
	}
	return true
}

func isPlaylist(head []byte) bool {
	head = bytes.ToLower(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), " \t\r\n"))
	for _, start := range []string{"#extm3u", "ffconcat", "[playlist]", "[reference]", "<asx", "<mpd", "<?xml", "<smil", "v=0", "rtsp://", "http://", "https://", "file "} {
		if bytes.HasPrefix(head, []byte(start)) {
			return start != "<?xml" || bytes.Contains(head, []byte("<mpd")) || bytes.Contains(head, []byte("<playlist"))
		}
	}
	return false
}
