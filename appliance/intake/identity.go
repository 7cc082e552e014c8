package intake

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// How a content identity is made. These numbers are for ever: another value
// makes every title on every stick another title.
const (
	sampleBytes = 64 << 10        // of each sample
	wholeBytes  = 5 * sampleBytes // below this size the whole content is hashed
	idLength    = 16              // characters of base32: 80 bits
)

// identify returns the identity of a film's bytes: parts are its files, in
// order, read as if they were one.
//
// The layout, exactly: SHA-256 over the total size in bytes as an unsigned 64-bit
// big-endian number, followed by
//
//   - all bytes, when size < 5 × 65,536;
//   - else five samples of 65,536 bytes, at ⌊size/4⌋·0, ⌊size/4⌋·1, ⌊size/4⌋·2,
//     ⌊size/4⌋·3 and size − 65,536, in this order.
//
// The digest in RFC 4648 base32, lower case, without padding, cut to its first
// 16 characters, is the identity.
func identify(parts []part) (string, error) {
	var size int64
	for _, p := range parts {
		if p.size < 0 {
			return "", errors.New("identify: negative size")
		}
		size += p.size
	}
	h := sha256.New()
	var head [8]byte
	binary.BigEndian.PutUint64(head[:], uint64(size))
	h.Write(head[:])
	joined := joinedReader{parts: parts}
	if size < wholeBytes {
		if err := copyExactly(h, joined, 0, size); err != nil {
			return "", err
		}
	} else {
		quarter := size / 4
		for _, at := range []int64{0, quarter, 2 * quarter, 3 * quarter, size - sampleBytes} {
			if err := copyExactly(h, joined, at, sampleBytes); err != nil {
				return "", err
			}
		}
	}
	return encodeID(h.Sum(nil)), nil
}

// identifyAt is identify for what lies at a path of a volume. Files without content
// have nothing in common but that: each is known by its place.
func identifyAt(parts []part, volume, memoryPath string) (string, error) {
	for _, p := range parts {
		if p.size != 0 {
			return identify(parts)
		}
	}
	sum := sha256.Sum256([]byte("empty\x00" + volume + "\x00" + memoryPath))
	return encodeID(sum[:]), nil
}

// encodeID is the text form of an identity's digest.
func encodeID(digest []byte) string {
	text := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(digest)
	return strings.ToLower(text[:idLength])
}

// part is one file of a film.
type part struct {
	r    io.ReaderAt
	size int64
}

// partsOf makes parts of opened files with their sizes of this moment.
func partsOf(files []*os.File) ([]part, error) {
	parts := make([]part, 0, len(files))
	for _, f := range files {
		info, err := f.Stat()
		if err != nil {
			return nil, fmt.Errorf("identify: %w", err)
		}
		parts = append(parts, part{f, info.Size()})
	}
	return parts, nil
}

// joinedReader reads parts as one.
type joinedReader struct{ parts []part }

// ReadAt reads from one part at most: short reads are the rule.
func (j joinedReader) ReadAt(b []byte, at int64) (int, error) {
	for _, p := range j.parts {
		if at >= p.size {
			at -= p.size
			continue
		}
		if left := p.size - at; int64(len(b)) > left {
			b = b[:left]
		}
		return p.r.ReadAt(b, at)
	}
	return 0, io.EOF
}

// copyExactly hashes n bytes from at on. A file that has become shorter is an error.
func copyExactly(w io.Writer, r joinedReader, at, n int64) error {
	buf := make([]byte, min(n, sampleBytes))
	for n > 0 {
		got, err := r.ReadAt(buf[:min(n, int64(len(buf)))], at)
		if got == 0 {
			if err == nil || errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("identify: read at %d: %w", at, err)
		}
		if _, err = w.Write(buf[:got]); err != nil {
			return fmt.Errorf("identify: %w", err)
		}
		at += int64(got)
		n -= int64(got)
	}
	return nil
}

// provisionalID names a file that is still being written and so has no
// identity of its own yet. The leading text keeps it apart from content.
func provisionalID(stick, path string) string {
	sum := sha256.Sum256([]byte("copying\x00" + stick + "\x00" + path))
	return encodeID(sum[:])
}
