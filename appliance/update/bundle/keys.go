package bundle

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// What stands before a key in its file; the rest of the line is base64. Lines with # are remarks.
const (
	publicTag  = "streambox-update-key"
	privateTag = "streambox-update-private-key"
	maxKeys    = 16
	keyFileMax = 4096
)

// KeyID tells keys apart: the first bytes of the SHA-256 of the public key.
type KeyID [8]byte

// Keys are those whose signature counts.
type Keys map[KeyID]ed25519.PublicKey

// IDOf is a key's id.
func IDOf(key ed25519.PublicKey) KeyID {
	sum := sha256.Sum256(key)
	return KeyID(sum[:8])
}

// NewKeys makes a set of them.
func NewKeys(keys ...ed25519.PublicKey) Keys {
	set := Keys{}
	for _, key := range keys {
		set[IDOf(key)] = key
	}
	return set
}

// ReadKeys reads all *.pub of a folder. None is no error: then no bundle is believed.
func ReadKeys(folder fs.FS) (Keys, error) {
	entries, err := fs.ReadDir(folder, ".")
	if errors.Is(err, fs.ErrNotExist) {
		return Keys{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the folder of update keys: %w", err)
	}
	keys := Keys{}
	for _, e := range entries {
		if path.Ext(e.Name()) != ".pub" || len(keys) == maxKeys {
			continue
		}
		data, err := fs.ReadFile(folder, e.Name())
		if err != nil {
			return nil, fmt.Errorf("reading an update key: %w", err)
		}
		key, err := ParsePublic(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name(), err)
		}
		keys[IDOf(key)] = key
	}
	return keys, nil
}

// ParsePublic reads a public key's file.
func ParsePublic(data []byte) (ed25519.PublicKey, error) {
	raw, err := keyOf(data, publicTag, ed25519.PublicKeySize)
	return ed25519.PublicKey(raw), err
}

// ParsePrivate reads a private key's file.
func ParsePrivate(data []byte) (ed25519.PrivateKey, error) {
	seed, err := keyOf(data, privateTag, ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// FormatPublic and FormatPrivate write what the two above read.
func FormatPublic(key ed25519.PublicKey, remark string) []byte {
	return format(publicTag, key, remark)
}

// FormatPrivate writes a private key's file.
func FormatPrivate(key ed25519.PrivateKey, remark string) []byte {
	return format(privateTag, key.Seed(), remark)
}

func format(tag string, raw []byte, remark string) []byte {
	remark = strings.Join(strings.Fields(remark), " ")
	return fmt.Appendf(nil, "# %s\n%s %s\n", remark, tag, base64.StdEncoding.EncodeToString(raw))
}

// keyOf finds the one line with a tag.
func keyOf(data []byte, tag string, size int) ([]byte, error) {
	if len(data) > keyFileMax {
		return nil, errors.New("too large for a key's file")
	}
	var found []byte
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		words := strings.Fields(lines.Text())
		if len(words) != 2 || words[0] != tag {
			continue
		}
		raw, err := base64.StdEncoding.DecodeString(words[1])
		if err != nil || len(raw) != size || found != nil {
			return nil, errors.New("not one whole key")
		}
		found = raw
	}
	if found == nil {
		return nil, fmt.Errorf("there is no line %q with a key", tag)
	}
	return slices.Clip(found), nil
}
