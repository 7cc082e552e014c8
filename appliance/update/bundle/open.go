package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Of the file's form, see doc.go.
const (
	magic          = "streambox-update"
	frontBytes     = len(magic) + 8
	signatureBytes = 8 + ed25519.SignatureSize
	maxManifest    = 64 << 10
	maxSignatures  = 8
)

// Bundle is one whose manifest is believed. Its images are not yet: their bytes must
// be hashed as they are read.
type Bundle struct {
	Manifest Manifest
	ID       string // SHA-256 of the manifest's bytes, hexadecimal: which bundle this is, whoever signed it
	Front    []byte // everything before the images: enough to be believed again later
	boot     int64  // where they begin
	root     int64  //
	file     io.ReaderAt
}

// Open reads the front of a file of size bytes; a *Refusal when it is not believed, or its
// size is not what it says. Other errors are the reader's. At most 64 KiB and a little are read.
func Open(file io.ReaderAt, size int64, keys Keys) (*Bundle, error) {
	front, err := readFront(file, size)
	if err != nil {
		return nil, err
	}
	b, err := Believe(front, keys)
	if err != nil {
		return nil, err
	}
	b.file = file
	if end := b.root + b.Manifest.Root.Bytes; size < end {
		return nil, b.Manifest.refuse(CodeTruncated)
	} else if size > end {
		return nil, b.Manifest.refuse(CodeTampered)
	}
	return b, nil
}

// readFront reads magic, signatures and manifest, and not a byte more than they say.
func readFront(file io.ReaderAt, size int64) ([]byte, error) {
	front := make([]byte, min(size, int64(frontBytes)))
	if err := readAt(file, front, 0); err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(front, []byte(magic)[:min(len(front), len(magic))]) || len(front) == 0 {
		return nil, refuse(CodeNoBundle)
	}
	if len(front) < frontBytes {
		return nil, refuse(CodeTruncated)
	}
	length, err := frontLength(front)
	if err != nil {
		return nil, err
	}
	if size < int64(length) {
		return nil, refuse(CodeTruncated)
	}
	whole := make([]byte, length)
	if err := readAt(file, whole, 0); err != nil {
		return nil, err
	}
	return whole, nil
}

func readAt(file io.ReaderAt, data []byte, at int64) error {
	if n, err := file.ReadAt(data, at); n < len(data) {
		if err == nil || errors.Is(err, io.EOF) {
			return refuse(CodeTruncated) // it has become shorter
		}
		return fmt.Errorf("reading the bundle: %w", err)
	}
	return nil
}

// frontLength is how long a front is, by its first 24 bytes.
func frontLength(front []byte) (int, error) {
	manifest, signatures := binary.BigEndian.Uint32(front[len(magic):]), binary.BigEndian.Uint32(front[len(magic)+4:])
	if manifest == 0 || manifest > maxManifest || signatures > maxSignatures {
		return 0, refuse(CodeNoBundle)
	}
	return frontBytes + int(signatures)*signatureBytes + int(manifest), nil
}

// Believe checks the front of a bundle that was kept (Bundle.Front). Its images cannot be read.
func Believe(front []byte, keys Keys) (*Bundle, error) {
	if len(front) < frontBytes || string(front[:len(magic)]) != magic {
		return nil, refuse(CodeNoBundle)
	}
	length, err := frontLength(front)
	if err != nil {
		return nil, err
	}
	if len(front) != length {
		return nil, refuse(CodeTruncated)
	}
	signatures := int(binary.BigEndian.Uint32(front[len(magic)+4:]))
	data := front[frontBytes+signatures*signatureBytes:]
	if err = keys.signed(data, front[frontBytes:frontBytes+signatures*signatureBytes]); err != nil {
		return nil, err
	}
	m, err := parse(data)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	boot := int64(length)
	return &Bundle{Manifest: m, ID: hex.EncodeToString(sum[:]), Front: bytes.Clone(front), boot: boot, root: boot + m.Boot.Bytes}, nil
}

// signed is nil when one of the signatures is good. One of a key that we know and that is
// not good tells of damage; keys that we do not know tell nothing.
func (keys Keys) signed(data, signatures []byte) error {
	verdict := refuse(CodeUnsigned)
	for ; len(signatures) > 0; signatures = signatures[signatureBytes:] {
		key, known := keys[KeyID(signatures[:8])]
		switch {
		case !known:
		case ed25519.Verify(key, data, signatures[8:signatureBytes]):
			return nil
		default:
			verdict = refuse(CodeTampered)
		}
	}
	return verdict
}

// Boot and Root read the images, as the file has them now.
func (b *Bundle) Boot() io.Reader { return io.NewSectionReader(b.file, b.boot, b.Manifest.Boot.Bytes) }

// Root reads the root file system.
func (b *Bundle) Root() io.Reader { return io.NewSectionReader(b.file, b.root, b.Manifest.Root.Bytes) }
