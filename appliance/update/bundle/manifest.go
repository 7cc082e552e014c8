package bundle

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
)

// Schema is the manifest's version that this release writes and reads.
const Schema = 1

// Kind is in every manifest: a key that signs other things too signs none of them by accident.
const Kind = "streambox-update"

// Bounds of what a manifest may say. The card's partitions are far smaller.
const (
	maxPartBytes = int64(16) << 30
	maxBoards    = 64
	minBootBytes = 4096 // see HeadBytes
)

// HeadBytes is how much of the boot image is written last: without it the firmware finds no file system.
const HeadBytes = minBootBytes

var (
	versionPattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z.+~:-]{0,63}$`)
	boardPattern   = regexp.MustCompile(`^[0-9a-z][0-9A-Za-z,._+-]{0,63}$`)
)

// Manifest is what is signed.
type Manifest struct {
	Schema  int      `json:"schema"`
	Kind    string   `json:"kind"`
	Build   int64    `json:"build"`   // only rises, from release to release
	Version string   `json:"version"` // for people
	Boards  []string `json:"boards"`  // "compatible" names of the device tree: raspberrypi,4-model-b
	Boot    Boot     `json:"boot"`
	Root    Part     `json:"root"`
}

// Part is one image in the bundle.
type Part struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// Boot is the boot partition's image. Zeros at its end are not carried.
type Boot struct {
	Part
	PartitionBytes int64 `json:"partitionBytes"` // what the file system in it takes for its size
	SlotOffset     int64 `json:"slotOffset"`     // of the slot's letter, 'a' in the bundle
}

// parse reads a manifest that was signed. It may be of a later release all the same.
func parse(data []byte) (Manifest, error) {
	var first struct {
		Schema int    `json:"schema"`
		Kind   string `json:"kind"`
	}
	if err := json.Unmarshal(data, &first); err != nil || first.Kind != Kind || first.Schema < 1 {
		return Manifest{}, refuse(CodeNoBundle)
	}
	if first.Schema > Schema {
		return Manifest{}, refuse(CodeNewerSchema)
	}
	var m Manifest
	if err := json.Unmarshal(data, &m); err != nil {
		return Manifest{}, refuse(CodeNoBundle)
	}
	if err := m.check(); err != nil {
		return Manifest{}, fmt.Errorf("%w: %w", refuse(CodeNoBundle), err)
	}
	return m, nil
}

// check says what is wrong with a manifest.
func (m Manifest) check() error {
	switch {
	case m.Build <= 0:
		return fmt.Errorf("the build number is %d", m.Build)
	case !versionPattern.MatchString(m.Version):
		return fmt.Errorf("%q is no version", m.Version)
	case len(m.Boards) == 0 || len(m.Boards) > maxBoards:
		return fmt.Errorf("it is for %d boards", len(m.Boards))
	case m.Boot.Bytes < minBootBytes || m.Boot.Bytes > m.Boot.PartitionBytes || m.Boot.PartitionBytes > maxPartBytes:
		return fmt.Errorf("the boot image has %d bytes, for %d", m.Boot.Bytes, m.Boot.PartitionBytes)
	case m.Boot.SlotOffset < minBootBytes || m.Boot.SlotOffset >= m.Boot.Bytes:
		return fmt.Errorf("the slot's letter stands at %d", m.Boot.SlotOffset)
	case m.Root.Bytes < 1 || m.Root.Bytes > maxPartBytes:
		return fmt.Errorf("the root file system has %d bytes", m.Root.Bytes)
	}
	for _, board := range m.Boards {
		if !boardPattern.MatchString(board) {
			return fmt.Errorf("%q is no board", board)
		}
	}
	for _, part := range []Part{m.Boot.Part, m.Root} {
		if sum, err := hex.DecodeString(part.SHA256); err != nil || len(sum) != 32 {
			return fmt.Errorf("%q is no SHA-256", part.SHA256)
		}
	}
	return nil
}

// Box is what a bundle is held against.
type Box struct {
	Build     int64    // of the running image
	Boards    []string // what this board is called, the most exact name first
	BootBytes int64    // of the other slot's partitions
	RootBytes int64
}

// Refuse says why a bundle is not for a box; nil: it is.
func (m Manifest) Refuse(box Box) error {
	ours := func(name string) bool { return slices.Contains(box.Boards, name) }
	switch {
	case !slices.ContainsFunc(m.Boards, ours):
		return m.refuse(CodeWrongBoard)
	case m.Build == box.Build:
		return m.refuse(CodeSame)
	case m.Build < box.Build:
		return m.refuse(CodeOlder)
	case m.Boot.PartitionBytes > box.BootBytes, m.Root.Bytes > box.RootBytes:
		return m.refuse(CodeTooLarge)
	}
	return nil
}

// Tampered is the refusal of a bundle whose images are not those that were signed.
func (m Manifest) Tampered() *Refusal { return m.refuse(CodeTampered) }

func (m Manifest) refuse(code string) *Refusal {
	r := refuse(code)
	r.Parameters = map[string]any{"version": m.Version}
	return r
}
