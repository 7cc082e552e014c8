package updatetest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"streambox.local/appliance/update/bundle"
	"streambox.local/appliance/update/slots"
)

// Key is a key that is always the same for a name.
func Key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Public is its public half.
func Public(name string) ed25519.PublicKey {
	public, _ := Key(name).Public().(ed25519.PublicKey) // the type's own promise
	return public
}

// System is a system that a card can hold: what its partitions begin with.
type System struct{ Boot, Root []byte }

// NewSystem makes one, another for each number. Its boot image does not fill the partition, and ends in zeros.
func NewSystem(number uint64) System {
	noise := rand.NewChaCha8([32]byte(binary.BigEndian.AppendUint64(make([]byte, 24), number)))
	boot, root := make([]byte, 1300<<10), make([]byte, 2400<<10+123)
	_, _ = noise.Read(boot[:1200<<10]) // never fails
	_, _ = noise.Read(root)
	copy(boot[1<<20-16:], "streambox.slot=a quiet") // the letter is the last byte of a block
	return System{boot, root}
}

// On is how a slot's boot partition begins that holds the system.
func (s System) On(slot slots.Slot) []byte {
	return bytes.Replace(s.Boot, []byte("streambox.slot=a"), []byte("streambox.slot="+slot.String()), 1)
}

// Bundle is a bundle of the system.
func (s System) Bundle(t *testing.T, build int64, version string, boards []string, keys ...ed25519.PrivateKey) []byte {
	t.Helper()
	var out bytes.Buffer
	err := bundle.Make(&out, bundle.Source{
		Build: build, Version: version, Boards: boards, Boot: bytes.NewReader(s.Boot), Root: bytes.NewReader(s.Root),
		BootBytes: int64(len(s.Boot)), RootBytes: int64(len(s.Root)),
	}, keys)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
