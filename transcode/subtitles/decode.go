package subtitles

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// Decode makes text of a file's bytes. language (BCP 47, "": not known) is that of
// the file's name; encoding is what the text was taken for, for the log. What no
// encoding explains becomes U+FFFD.
func Decode(data []byte, language string) (text, name string) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		return valid(data[3:]), "utf-8"
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return converted(data, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)), "utf-16le"
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return converted(data, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)), "utf-16be"
	}
	if order, found := withoutMark(data); found != "" {
		return converted(data, unicode.UTF16(order, unicode.IgnoreBOM)), found
	}
	if mostlyUTF8(data) {
		return valid(data), "utf-8"
	}
	name = guess(data, candidates(language))
	e, err := htmlindex.Get(name)
	if err != nil { // none of those that are looked for
		return valid(data), "utf-8"
	}
	return converted(data, e), name
}

func valid(data []byte) string { return string(bytes.ToValidUTF8(data, []byte("\ufffd"))) }

// converted never fails: a decoder puts U+FFFD where it does not understand.
func converted(data []byte, e encoding.Encoding) string {
	text, err := e.NewDecoder().Bytes(data)
	if err != nil {
		return valid(data)
	}
	return string(text)
}

const sampleBytes = 64 << 10

// withoutMark tells UTF-16 without a byte order mark by its NULs: digits, blanks
// and line ends have one each, whatever the language.
func withoutMark(data []byte) (unicode.Endianness, string) {
	data = data[:min(len(data), sampleBytes)]
	var nuls [2]int
	for i, c := range data {
		if c == 0 {
			nuls[i%2]++
		}
	}
	few := len(data) / 20
	switch {
	case nuls[1] > few && nuls[1] > 8*nuls[0]:
		return unicode.LittleEndian, "utf-16le"
	case nuls[0] > few && nuls[0] > 8*nuls[1]:
		return unicode.BigEndian, "utf-16be"
	}
	return unicode.BigEndian, ""
}

// mostlyUTF8 forgives one broken character in fifty: programs cut lines in the middle of one.
func mostlyUTF8(data []byte) bool {
	good, bad := 0, 0
	for len(data) > 0 {
		if data[0] < utf8.RuneSelf {
			data = data[1:]
			continue
		}
		r, n := utf8.DecodeRune(data)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		data = data[n:]
	}
	return bad == 0 || good >= 50*bad
}

// guess picks an encoding. among are those that the language is written in; nil:
// any. It looks at lines that are not all ASCII: times and tags say nothing.
func guess(data []byte, among []string) string {
	sample := telling(data)
	results, err := chardet.NewTextDetector().DetectAll(sample)
	if err != nil {
		results = nil
	}
	best, confidence := "windows-1252", 0
	if len(among) > 0 {
		best = among[0]
	}
	for _, r := range results {
		name := canonical(r.Charset)
		rank := slices.Index(preferred, name)
		if rank < 0 || len(among) > 0 && !slices.Contains(among, name) {
			continue
		}
		// Equals come in any order.
		if r.Confidence > confidence || r.Confidence == confidence && rank < slices.Index(preferred, best) {
			best, confidence = name, r.Confidence
		}
	}
	return best
}

// telling is a sample of the lines that are not all ASCII. Its length is a
// multiple of four: the detector also tries characters of that width.
func telling(data []byte) []byte {
	sample := make([]byte, 0, min(len(data), sampleBytes))
	for len(data) > 0 && len(sample) < sampleBytes {
		line := data
		if at := bytes.IndexByte(data, '\n'); at >= 0 {
			line = data[:at+1]
		}
		data = data[len(line):]
		if slices.ContainsFunc(line, func(c byte) bool { return c >= utf8.RuneSelf || c == '\x1b' }) {
			sample = append(sample, line[:min(len(line), sampleBytes-len(sample))]...)
		}
	}
	for len(sample)%4 != 0 {
		sample = append(sample, '\n')
	}
	return sample
}

// canonical is the name in x/text of a name of ICU's. Windows' encodings hold
// all that is printed of the ISO ones: and films' subtitles are made on Windows.
func canonical(charset string) string {
	switch charset {
	case "ISO-8859-1":
		return "windows-1252"
	case "ISO-8859-8-I", "ISO-8859-8":
		return "windows-1255"
	case "ISO-8859-9":
		return "windows-1254"
	case "ISO-8859-7":
		return "windows-1253"
	case "GB-18030", "GB18030":
		return "gb18030"
	}
	e, err := htmlindex.Get(charset)
	if err != nil {
		return ""
	}
	name, err := htmlindex.Name(e)
	if err != nil {
		return ""
	}
	return name
}
