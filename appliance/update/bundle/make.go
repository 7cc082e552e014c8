package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// slotWord stands in the boot image before the slot's letter, once.
const slotWord = "streambox.slot="

// Source is what a bundle is made of.
type Source struct {
	Build   int64
	Version string
	Boards  []string
	Boot    io.ReaderAt // the boot partition's image, with the letter 'a'
	Root    io.ReaderAt

	BootBytes, RootBytes int64
}

// Make writes a bundle, signed with all keys. The same source and keys give the same bytes.
func Make(w io.Writer, s Source, keys []ed25519.PrivateKey) error {
	m := Manifest{Schema: Schema, Kind: Kind, Build: s.Build, Version: s.Version, Boards: s.Boards}
	m.Boot.PartitionBytes, m.Root.Bytes = s.BootBytes, s.RootBytes
	if err := m.describeBoot(s.Boot); err != nil {
		return err
	}
	sum, err := hash(s.Root, m.Root.Bytes)
	if err != nil {
		return fmt.Errorf("reading the root file system: %w", err)
	}
	m.Root.SHA256 = sum
	if err = m.check(); err != nil {
		return fmt.Errorf("this cannot become a bundle: %w", err)
	}
	data, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("writing the manifest: %w", err)
	}
	if _, err = w.Write(Sign(data, keys)); err != nil {
		return fmt.Errorf("writing the bundle: %w", err)
	}
	for _, part := range []io.Reader{io.NewSectionReader(s.Boot, 0, m.Boot.Bytes), io.NewSectionReader(s.Root, 0, m.Root.Bytes)} {
		if _, err = io.Copy(w, part); err != nil {
			return fmt.Errorf("writing the bundle: %w", err)
		}
	}
	return nil
}

// Sign makes the front of a bundle: everything before the images.
func Sign(manifest []byte, keys []ed25519.PrivateKey) []byte {
	front := []byte(magic)
	front = binary.BigEndian.AppendUint32(front, uint32(len(manifest))) //nolint:gosec // what does not fit is refused by whoever reads it
	front = binary.BigEndian.AppendUint32(front, uint32(len(keys)))     //nolint:gosec // likewise
	for _, key := range keys {
		public, _ := key.Public().(ed25519.PublicKey) // the type's own promise
		id := IDOf(public)
		front = append(front, id[:]...)
		front = append(front, ed25519.Sign(key, manifest)...)
	}
	return append(front, manifest...)
}

// describeBoot finds the slot's letter and the end of what must be carried.
func (m *Manifest) describeBoot(boot io.ReaderAt) error {
	offset, end, err := survey(boot, m.Boot.PartitionBytes)
	if err != nil {
		return err
	}
	m.Boot.SlotOffset = offset
	m.Boot.Bytes = max(end, minBootBytes)
	if m.Boot.SHA256, err = hash(boot, m.Boot.Bytes); err != nil {
		return fmt.Errorf("reading the boot image: %w", err)
	}
	return nil
}

// survey reads an image through once: where the letter stands, and where only zeros follow.
func survey(boot io.ReaderAt, size int64) (offset, end int64, err error) {
	const step = 1 << 20
	block := make([]byte, step+len(slotWord)+1) // overlapping: the word may lie across
	offset = -1
	for at := int64(0); at < size; at += step {
		n, readErr := io.NewSectionReader(boot, at, min(size-at, int64(len(block)))).Read(block)
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return 0, 0, fmt.Errorf("reading the boot image: %w", readErr)
		}
		data := block[:n]
		if last := len(bytes.TrimRight(data, "\x00")); last > 0 {
			end = max(end, at+int64(last))
		}
		for from := 0; ; {
			found := bytes.Index(data[from:], []byte(slotWord))
			if found < 0 || from+found >= step {
				break
			}
			letter := from + found + len(slotWord)
			if offset >= 0 || letter >= len(data) || data[letter] != 'a' {
				return 0, 0, errors.New("the boot image must hold the words streambox.slot=a, and once")
			}
			offset, from = at+int64(letter), letter
		}
	}
	if offset < 0 {
		return 0, 0, errors.New("the boot image does not hold the words streambox.slot=a")
	}
	return offset, min(end, size), nil
}

func hash(from io.ReaderAt, size int64) (string, error) {
	sum := sha256.New()
	n, err := io.Copy(sum, io.NewSectionReader(from, 0, size))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
